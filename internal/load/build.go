package load

import (
	"bytes"
	"go/build"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// A buildContext says which files belong to the build.
type buildContext struct {
	ctx      build.Context
	suffixes sync.Map // words at the end of file names -> whether they leave a file in the build
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
	return &buildContext{ctx: ctx}
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

// match reports whether the Go file of that name belongs to the build, by its
// name and by the build constraints in what stands before its package clause.
func (b *buildContext) match(name string, head []byte) bool {
	if !b.matchName(name) {
		return false
	}
	if !bytes.Contains(head, []byte("//go:build")) && !bytes.Contains(head, []byte("+build")) {
		return true
	}
	return b.matchFile("x.go", append(bytes.Clone(head), '\n'))
}

// matchName reports whether a file's name leaves it in the build. That depends
// on the last two words of it alone, of which there are not many.
func (b *buildContext) matchName(name string) bool {
	plain, _, _ := strings.Cut(name, ".")
	_, words, found := strings.Cut(strings.TrimSuffix(plain, "_test"), "_")
	if !found {
		return true // what stands before the first underscore decides nothing
	}
	if last := strings.LastIndexByte(words, '_'); last >= 0 {
		words = words[strings.LastIndexByte(words[:last], '_')+1:]
	}
	if ok, known := b.suffixes.Load(words); known {
		return ok.(bool)
	}
	ok := b.matchFile("x_"+words+".go", []byte("package x\n"))
	b.suffixes.Store(strings.Clone(words), ok)
	return ok
}

// matchFile asks go/build about a file.
func (b *buildContext) matchFile(name string, src []byte) bool {
	ctx := b.ctx
	ctx.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(src)), nil }
	ok, err := ctx.MatchFile("", name)
	return ok || err != nil // what cannot be read is the parser's to complain about
}
