package checks

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const programs = `(?:singletonfix|go|git|patch|golangci-lint|custom-gcl|pre-commit|multi-gitter|turbolift|\.ci/run|docs/bench/[a-z]+\.py)`

var (
	indented  = regexp.MustCompile(`^    (` + programs + `(?: .*)?)$`)
	inline    = regexp.MustCompile("`(" + programs + "(?:\\s[^`]*)?)`")
	remark    = regexp.MustCompile(`\s+# .*`)
	fenced    = regexp.MustCompile("(?s)```(.*?)```")
	blankText = regexp.MustCompile(`\s+`)
)

// commandsOf returns the command lines of a document, in blocks: indented ones
// that follow each other, and each in the text. Whole snippets are a matter of
// TestFenced.
func commandsOf(text string) [][]string {
	text = fenced.ReplaceAllString(text, "")
	var blocks [][]string
	follows := false
	for line := range strings.Lines(text) {
		m := indented.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m != nil {
			if !follows {
				blocks = append(blocks, nil)
			}
			last := &blocks[len(blocks)-1]
			*last = append(*last, remark.ReplaceAllString(m[1], ""))
		}
		follows = m != nil
	}
	for _, m := range inline.FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, []string{blankText.ReplaceAllString(m[1], " ")})
	}
	return blocks
}

// documents returns what people read, by its name in the repository.
func documents(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	for _, root := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs"} {
		err := filepath.WalkDir(filepath.Join("../..", root), func(name string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(name, ".md") {
				docs[filepath.ToSlash(strings.TrimPrefix(name, "../../"))] = read(t, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	page := read(t, "../../docs/singletonfix.1")
	_, examples, found := strings.Cut(page, "\n.SH EXAMPLES\n")
	if !found {
		t.Fatal("the manual page has no EXAMPLES")
	}
	examples, _, _ = strings.Cut(examples, "\n.SH ")
	examples = strings.ReplaceAll(examples, `\-`, "-")
	docs["docs/singletonfix.1"] = regexp.MustCompile(`(?m)^singletonfix `).ReplaceAllString(examples, "    $0")
	return docs
}

// TestCommands runs every command line that the documents show, each block in
// a copy of its own of the shop, or finds the test that does.
func TestCommands(t *testing.T) {
	used := map[string]bool{}
	scripts := map[string]bool{}
	for doc, text := range documents(t) {
		for _, lines := range commandsOf(text) {
			script := scriptOf(t, doc, lines)
			if script != "" {
				scripts[script] = true
			}
			for _, line := range lines {
				used[line] = true
			}
		}
	}
	for line := range ways {
		if !used[line] {
			t.Errorf("no document shows `%s` any more: take it out of ways", line)
		}
	}
	template := adopted(t)
	for i, script := range slices.Sorted(maps.Keys(scripts)) {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			follow(t, template, script)
		})
	}
}

// scriptOf returns what is to be run of a block's lines.
func scriptOf(t *testing.T, doc string, lines []string) string {
	t.Helper()
	var script []string
	for _, line := range lines {
		w, ok := ways[line]
		switch {
		case w.test != "":
			tested(t, line, w.test)
		case w.run != "":
			script = append(script, w.run)
		case !ok && strings.HasPrefix(line, "singletonfix"), len(lines) > 1 && strings.HasPrefix(line, "git "):
			script = append(script, line)
		case !w.names:
			t.Errorf("%s shows `%s`, and nothing runs that: say in ways how it is tried", doc, line)
		}
	}
	return strings.Join(script, "\n")
}

// tested fails unless there is such a test.
func tested(t *testing.T, line, name string) {
	t.Helper()
	switch {
	case strings.HasSuffix(name, "_test.go"):
		read(t, "../../"+name)
	case strings.HasSuffix(name, ".txtar"):
		read(t, filepath.Join("../../cmd/singletonfix/testdata/script", name))
	case strings.HasPrefix(name, "Test"):
		files, err := filepath.Glob("*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, func(f string) bool { return strings.Contains(read(t, f), "\nfunc "+name+"(") }) {
			t.Errorf("`%s` is to be run by %s, which is not there", line, name)
		}
	default:
		read(t, "../../"+name)
	}
}

// adopted returns a repository as the documents take it for granted: the
// shop with a remote, a baseline, and a branch of fixes.
func adopted(t *testing.T) string {
	t.Helper()
	dir := shop(t)
	must(t, dir, `
singletonfix --quiet --write-baseline .singletonfix.json >/dev/null
git init -q -b main && git add -A && git commit -q -m one
git update-ref refs/remotes/origin/main main
git checkout -q -b fixes && singletonfix -w --quiet ./store >/dev/null && git commit -q -a -m fixes
git checkout -q main`)
	return dir
}

// follow types the lines of a script, and wants each to work: what looks for
// something unsafe may find it.
func follow(t *testing.T, template, script string) {
	t.Helper()
	tmp := t.TempDir()
	dir := filepath.Join(tmp, "shop")
	if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
		t.Fatal(err)
	}
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	gopath, err := exec.Command("go", "env", "GOPATH").Output()
	if err != nil {
		t.Fatal(err)
	}
	must(t, dir, "git status >/dev/null") // the copies are newer than git thinks
	for line := range strings.SplitSeq(script, "\n") {
		status, out := sh(t, dir, line, "TMPDIR="+tmp, "REPO="+repo, "TOOL="+tool, "GOFLAGS=", "GOPATH="+strings.TrimSpace(string(gopath)))
		if status > 1 || status == 1 && !strings.Contains(line, "singletonfix") {
			t.Fatalf("%s: exit status %d\n%s", line, status, out)
		}
	}
}

// TestFenced holds that every snippet has a test.
func TestFenced(t *testing.T) {
	shown := map[string]bool{}
	for doc, text := range documents(t) {
		for _, m := range regexp.MustCompile("(?s)```([a-z]*)\n.*?```").FindAllStringSubmatch(text, -1) {
			what := doc + " " + m[1]
			shown[what] = true
			if fences[what] == "" {
				t.Errorf("%s shows a snippet of %q, and nothing tries that: say in fences what does", doc, m[1])
			}
		}
	}
	for what, test := range fences {
		if !shown[what] {
			t.Errorf("there is no snippet %s any more: take it out of fences", what)
		}
		if test != "TestReadme" {
			tested(t, what, test)
		}
	}
}
