package load

import (
	"bytes"
	"go/build"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A buildContext says which files belong to the build.
type buildContext struct {
	ctx  build.Context
	tags []string
}

// newBuildContext returns the build that the go command would make with
// c's tags and environment.
func newBuildContext(c *Config) *buildContext {
	env := c.getenv
	ctx := build.Default
	if v := env("GOOS"); v != "" {
		ctx.GOOS = v
	}
	if v := env("GOARCH"); v != "" {
		ctx.GOARCH = v
	}
	ctx.CgoEnabled = cgoEnabled(env, ctx.GOOS, ctx.GOARCH)
	tags := c.Tags
	if tags == "" {
		tags = flagOf(env("GOFLAGS"), "tags")
	}
	ctx.BuildTags = splitTags(tags)
	return &buildContext{ctx: ctx, tags: ctx.BuildTags}
}

// cgoEnabled reports what the go command takes CGO_ENABLED to be.
func cgoEnabled(env func(string) string, goos, goarch string) bool {
	switch env("CGO_ENABLED") {
	case "1":
		return true
	case "0":
		return false
	}
	if goos != runtime.GOOS || goarch != runtime.GOARCH {
		return false // no C compiler is assumed where one builds for another system
	}
	if env("CC") != "" {
		return true
	}
	cc := "gcc"
	switch goos {
	case "darwin", "ios", "freebsd", "openbsd":
		cc = "clang"
	}
	_, err := exec.LookPath(cc)
	return err == nil
}

// flagOf returns the value of -name=value in flags, as GOFLAGS holds them.
func flagOf(flags, name string) string {
	for _, f := range strings.Fields(flags) {
		f = strings.TrimPrefix(strings.TrimPrefix(f, "-"), "-")
		if v, ok := strings.CutPrefix(f, name+"="); ok {
			return v
		}
	}
	return ""
}

// splitTags takes tags apart, which commas or, as of old, spaces separate.
func splitTags(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// getenv returns the value of an environment variable.
func (c *Config) getenv(key string) string {
	if c.Env == nil {
		return os.Getenv(key)
	}
	for _, kv := range slices.Backward(c.Env) {
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			return v // the last one counts, as in os/exec
		}
	}
	return ""
}

// environ returns the environment, for a process to be started.
func (c *Config) environ() []string {
	if c.Env == nil {
		return os.Environ()
	}
	return slices.Clone(c.Env)
}

// match reports whether the Go file belongs to the build, by its name and
// its build constraints.
func (b *buildContext) match(dir, name string, src []byte) bool {
	plain := strings.TrimSuffix(strings.TrimSuffix(name, ".go"), "_test")
	if !strings.Contains(plain, "_") && !bytes.Contains(src, []byte("//go:build")) && !bytes.Contains(src, []byte("+build")) {
		return true // nothing could leave it out
	}
	ctx := b.ctx
	ctx.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(src)), nil }
	ok, err := ctx.MatchFile(dir, filepath.Base(name))
	return ok || err != nil // what cannot be read is the parser's to complain about
}
