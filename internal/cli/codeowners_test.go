package cli

import "testing"

func TestOwners(t *testing.T) {
	o := ownership{root: "/r", rules: parseOwners(`
# comment
*            @all
*.go         @gophers # and why
/build/      @build
docs/*       @writers
apps/        @apps
/a/**/z.go   @deep
/free/
[Section]
lib/one      @one @two
`)}
	for file, want := range map[string]string{
		"/r/README":          "@all",
		"/r/x/y.go":          "@gophers",
		"/r/build/x/y.go":    "@build",
		"/r/x/build/y.txt":   "@all",
		"/r/docs/a.go":       "@writers",
		"/r/docs/sub/a.go":   "@gophers",
		"/r/x/apps/y/z.go":   "@apps",
		"/r/a/b/c/z.go":      "@deep",
		"/r/a/z.go":          "@deep",
		"/r/free/x.go":       "",
		"/r/lib/one/x.go":    "@one @two",
		"/r/x/lib/one/x.txt": "@all",
	} {
		if got := o.of(file); got != want {
			t.Errorf("the owner of %s is %q, want %q", file, got, want)
		}
	}
	if got := (&ownership{}).of("/r/x.go"); got != "" {
		t.Errorf("without rules the owner is %q", got)
	}
}
