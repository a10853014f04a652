package load

import (
	"go/build/constraint"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A Build is another way to build a package, in which files belong to it that
// s leaves out.
type Build struct {
	Env  []string // as of Config
	Tags string   // likewise
	Name string   // for people: "windows/amd64", "-tags=remote"
}

// mostTags is how many tags of its own a package may have for all their
// combinations to be looked at.
const mostTags = 4

// Builds returns a build for each set of files, out of those of pkg that s
// leaves out, that are built together: all sets that some build has. Whole is
// false where a file is part of no build that is known.
func (s *Set) Builds(pkg *detect.Package, left []*detect.File) (builds []Build, whole bool) {
	tags := ownTags(pkg)
	if len(tags) > mostTags {
		return nil, false
	}
	seen := map[string]bool{"": true}
	for _, platform := range s.platforms() {
		for n := range 1 << len(tags) {
			b, ctx := s.build.variant(platform, chosen(tags, n))
			if key := ctx.those(left); !seen[key] {
				seen[key] = true
				b.Env = append(s.cfg.environ(), b.Env...)
				builds = append(builds, b)
			}
		}
	}
	all := strings.Join(slices.Collect(maps.Keys(seen)), "\n")
	for _, f := range left {
		whole = strings.Contains(all, f.Name+"\n")
		if !whole {
			return nil, false
		}
	}
	return builds, true
}

// those returns the names of those files that the build has.
func (b *buildContext) those(files []*detect.File) string {
	key := ""
	for _, f := range files {
		if b.match(filepath.Base(f.Name), headOf(f.Src)) {
			key += f.Name + "\n"
		}
	}
	return key
}

// chosen returns those of tags whose bit is set in n.
func chosen(tags []string, n int) []string {
	var out []string
	for i, tag := range tags {
		if n&(1<<i) != 0 {
			out = append(out, tag)
		}
	}
	return out
}

// variant returns the build for a platform, "windows/amd64", with tags beside
// those that b has.
func (b *buildContext) variant(platform string, tags []string) (Build, *buildContext) {
	goos, goarch, _ := strings.Cut(platform, "/")
	ctx := b.ctx
	ctx.BuildTags = slices.Concat(b.ctx.BuildTags, tags)
	v := Build{Tags: strings.Join(ctx.BuildTags, ",")}
	if goos != ctx.GOOS || goarch != ctx.GOARCH {
		ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled = goos, goarch, false
		v.Env = []string{"GOOS=" + goos, "GOARCH=" + goarch, "CGO_ENABLED=0"}
		v.Name = platform
	}
	if len(tags) > 0 {
		v.Name = strings.TrimSpace(v.Name + " -tags=" + strings.Join(tags, ","))
	}
	return v, &buildContext{ctx: ctx}
}

// platforms returns those that Go builds for, first that of s, and those of
// the same processor before others.
func (s *Set) platforms() []string {
	own := s.build.ctx.GOOS + "/" + s.build.ctx.GOARCH
	all := strings.Fields(allPlatforms)
	rank := func(p string) int {
		switch {
		case p == own:
			return 0
		case strings.HasSuffix(p, "/"+s.build.ctx.GOARCH):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b string) int { return rank(a) - rank(b) })
	return all
}

// allPlatforms is what `go tool dist list` prints, those that most people
// build for first.
const allPlatforms = `
linux/amd64 linux/arm64 darwin/arm64 darwin/amd64 windows/amd64 windows/arm64 freebsd/amd64 freebsd/arm64
linux/386 linux/arm linux/loong64 linux/mips linux/mips64 linux/mips64le linux/mipsle linux/ppc64 linux/ppc64le linux/riscv64 linux/s390x
windows/386 js/wasm wasip1/wasm android/arm64 android/386 android/amd64 android/arm ios/arm64 ios/amd64
netbsd/amd64 netbsd/386 netbsd/arm netbsd/arm64 openbsd/amd64 openbsd/386 openbsd/arm openbsd/arm64 openbsd/ppc64 openbsd/riscv64
freebsd/386 freebsd/arm dragonfly/amd64 illumos/amd64 solaris/amd64 plan9/amd64 plan9/386 plan9/arm aix/ppc64`

// ownTags returns the tags in the build constraints of pkg's files that say
// nothing of platform, compiler or version, sorted.
func ownTags(pkg *detect.Package) []string {
	tags := make(map[string]bool)
	for _, f := range slices.Concat(pkg.Files, pkg.Left) {
		for line := range strings.Lines(string(headOf(f.Src))) {
			if expr, err := constraint.Parse(strings.TrimSpace(line)); err == nil {
				addTags(tags, expr)
			}
		}
	}
	for tag := range tags {
		if isCommonTag(tag) {
			delete(tags, tag)
		}
	}
	return slices.Sorted(maps.Keys(tags))
}

func addTags(tags map[string]bool, expr constraint.Expr) {
	switch x := expr.(type) {
	case *constraint.TagExpr:
		tags[x.Tag] = true
	case *constraint.NotExpr:
		addTags(tags, x.X)
	case *constraint.AndExpr:
		addTags(tags, x.X)
		addTags(tags, x.Y)
	case *constraint.OrExpr:
		addTags(tags, x.X)
		addTags(tags, x.Y)
	}
}

// isCommonTag reports whether tag is set, or not, by the platform or the go command.
func isCommonTag(tag string) bool {
	switch tag {
	case "unix", "cgo", "gc", "gccgo", "race", "msan", "asan":
		return true
	}
	if strings.HasPrefix(tag, "go1.") {
		return true
	}
	return slices.ContainsFunc(strings.Fields(allPlatforms), func(p string) bool {
		goos, goarch, _ := strings.Cut(p, "/")
		return tag == goos || tag == goarch
	})
}
