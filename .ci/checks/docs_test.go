package checks

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A way says how a command that the documents show is tried, where that is
// not to run it as it stands.
type way struct {
	run   string // this in its place: a name for a placeholder, one package for all
	test  string // a test of ours that runs it: a function, or a script of the command line
	names bool   // it names a tool of others; nobody is to type it
}

// ways has what is not a command line of singletonfix to be run as it stands.
var ways = map[string]way{
	"singletonfix [flags] [packages]":                   {run: "singletonfix --quiet ./..."},
	"singletonfix --explain NAME":                       {run: "singletonfix --explain nil-check"},
	"singletonfix -w FILE.go:LINE":                      {run: "singletonfix -w config/config.go:12"},
	"singletonfix --stdin-filename config/config.go":    {run: "singletonfix --stdin-filename config/config.go <config/config.go"},
	"singletonfix --exit-zero --stdin-filename FILE.go": {run: "singletonfix --exit-zero --stdin-filename config/config.go <config/config.go"},
	"singletonfix -i":                                   {test: "TestInteractive"},
	"singletonfix -w --verify":                          {run: "singletonfix -w --verify ./store"},
	"singletonfix -d --verify":                          {run: "singletonfix -d --verify ./store"},
	"singletonfix -d --verify --patch-dir ../patches":   {run: "singletonfix -d --verify --patch-dir ../patches ./store"},

	"go run ./cmd/singletonfix --demo":  {test: ".ci/run"},
	"go test -race ./...":               {test: ".ci/run"},
	"go test ./...":                     {test: ".ci/run"}, // under the race detector
	"go test -short ./...":              {test: ".ci/run"}, // likewise, and the rest, too
	"go test . -update":                 {test: ".ci/run"},
	"go test ./internal/driver -update": {test: ".ci/run"},
	".ci/run":                           {test: ".ci/run"},
	"go install ./cmd/singletonfix":     {run: "cd $REPO && GOBIN=$TMPDIR go install ./cmd/singletonfix && $TMPDIR/singletonfix --version"},
	"go install github.com/singletonfix/singletonfix/cmd/singletonfix@latest":                                 {run: "cd $REPO && GOBIN=$TMPDIR go install ./cmd/singletonfix && $TMPDIR/singletonfix --version"}, // as published
	"go run github.com/singletonfix/singletonfix/cmd/singletonfix@latest --baseline .singletonfix.json ./...": {run: "shop=$PWD; cd $REPO && go run github.com/singletonfix/singletonfix/cmd/singletonfix -C $shop --baseline .singletonfix.json ./..."},

	"go vet -vettool=$(which singletonfix) ./...":       {test: "vet.txtar"},
	"go fix -fixtool=$(which singletonfix) -diff ./...": {test: "vet_fix.txtar"},
	"go fix -fixtool=$(which singletonfix) ./...":       {test: "vet_fix.txtar"},

	"go test ./internal/programs -run TestPrograms -seed 5 -first 0 -programs 1000 -figures -keep /tmp/odd -timeout 0": {run: "cd $REPO && go test ./internal/programs -run TestPrograms -seed 5 -first 0 -programs 2 -figures -keep $TMPDIR/odd -timeout 0"},

	"go build -o /tmp/singletonfix ./cmd/singletonfix":                                                                         {test: "TestMain"},
	"docs/bench/compare.py --tool /tmp/singletonfix $(go env GOROOT)/src ~/src/prometheus":                                     {run: "$REPO/docs/bench/compare.py --tool $TOOL --times 1 --only report,read . ."},
	"docs/bench/compare.py --tool /tmp/singletonfix --cold --times 1 --only report,vet ~/src/prometheus":                       {run: "$REPO/docs/bench/compare.py --tool $TOOL --cold --times 1 --only report ."},
	"docs/bench/compare.py --tool /tmp/singletonfix --only read,report,vet --generated 2500,5000,10000,20000 --svg growth.svg": {run: "$REPO/docs/bench/compare.py --tool $TOOL --times 1 --only read,report,vet --generated 2,4 --svg growth.svg"},
	"go test ./internal/load -run none -bench Sketch":                                                                          {run: "cd $REPO && go test ./internal/load -run none -bench Sketch -benchtime 1x"},
	"go test ./internal/driver -run none -bench .":                                                                             {run: "cd $REPO && go test ./internal/driver -run none -bench . -benchtime 1x"},

	"golangci-lint custom": {test: "rewrite/golangci/plugin_test.go"},
	"custom-gcl":           {test: "rewrite/golangci/plugin_test.go"},
	"custom-gcl run --fix": {test: "rewrite/golangci/plugin_test.go"},
	"multi-gitter run ./fix.sh --org ORG --branch singletonfix --commit-message MESSAGE": {test: "TestMultiGitter"},
	"turbolift foreach -- ./fix.sh": {test: "TestRepositories"},
	"turbolift commit":              {test: "TestRepositories"},
	"turbolift create-prs":          {test: "TestRepositories"},

	"go run": {names: true}, "go vet": {names: true}, "go fix": {names: true}, "go fix -fixtool": {names: true},
	"go list": {names: true}, "go list -export": {names: true}, "go generate": {names: true}, "go test": {names: true},
	"go test -race": {names: true}, "git apply": {names: true}, "patch -p1": {names: true}, "git add -p": {names: true},
}

// A block is what a document shows at one place: command lines.
type block struct {
	doc   string
	lines []string
}

const programs = `(?:singletonfix|go|git|patch|golangci-lint|custom-gcl|pre-commit|multi-gitter|turbolift|\.ci/run|docs/bench/[a-z]+\.py)`

var (
	indented  = regexp.MustCompile(`^    (` + programs + `(?: .*)?)$`)
	inline    = regexp.MustCompile("`(" + programs + "(?:\\s[^`]*)?)`")
	remark    = regexp.MustCompile(`\s+# .*`)
	fenced    = regexp.MustCompile("(?s)```(.*?)```")
	blankText = regexp.MustCompile(`\s+`)
)

// commandsOf returns the command lines of a document: indented ones, those
// that follow each other as one, and ones in the text. Whole snippets are a
// matter of TestFenced.
func commandsOf(doc, text string) []block {
	text = fenced.ReplaceAllString(text, "")
	var blocks []block
	follows := false
	for line := range strings.Lines(text) {
		m := indented.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m != nil {
			if !follows {
				blocks = append(blocks, block{doc: doc})
			}
			last := &blocks[len(blocks)-1]
			last.lines = append(last.lines, remark.ReplaceAllString(m[1], ""))
		}
		follows = m != nil
	}
	for _, m := range inline.FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, block{doc, []string{blankText.ReplaceAllString(m[1], " ")}})
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
	return docs
}

// TestCommands runs every command line that the documents show, each block in
// a clone of its own of the shop, or finds the test that does.
func TestCommands(t *testing.T) {
	used := map[string]bool{}
	var scripts [][]string
	for doc, text := range documents(t) {
		for _, b := range commandsOf(doc, text) {
			var script []string
			for _, line := range b.lines {
				w, special := ways[line]
				used[line] = true
				switch {
				case w.test != "":
					tested(t, line, w.test)
				case w.run != "":
					script = append(script, w.run)
				case !special && strings.HasPrefix(line, "singletonfix") || len(b.lines) > 1 && strings.HasPrefix(line, "git "):
					script = append(script, line)
				case !w.names:
					t.Errorf("%s shows `%s`, and nothing runs that: say in ways how it is tried", doc, line)
				}
			}
			if len(script) > 0 && !slices.ContainsFunc(scripts, func(s []string) bool { return slices.Equal(s, script) }) {
				scripts = append(scripts, script)
			}
		}
	}
	for line := range ways {
		if !used[line] {
			t.Errorf("no document shows `%s` any more: take it out of ways", line)
		}
	}
	template := adopted(t)
	slices.SortFunc(scripts, slices.Compare)
	for i, script := range scripts {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			follow(t, template, script)
		})
	}
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
func follow(t *testing.T, template string, script []string) {
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
	for _, line := range script {
		status, out := sh(t, dir, line, "TMPDIR="+tmp, "REPO="+repo, "TOOL="+tool, "GOFLAGS=", "GOPATH="+strings.TrimSpace(string(gopath)))
		if status > 1 || status == 1 && !strings.Contains(line, "singletonfix") {
			t.Fatalf("%s: exit status %d\n%s", line, status, out)
		}
	}
}

// fences are the snippets of the documents, by document and language, and the
// test that tries them.
var fences = map[string]string{
	"README.md go":          "TestReadme", // the first: what the tool makes of it; the second: suppress.txtar
	"README.md text":        "TestReadme",
	"docs/analyzer.md go":   "TestAnalyzerSnippet",
	"docs/ci.md yaml":       "TestSnippets",
	"docs/ci.md python":     "TestBazelSnippets",
	"docs/ci.md json":       "TestNogo",
	"docs/ci.md sh":         "TestRepositories",
	"docs/editors.md vim":   "TestVim",
	"docs/editors.md elisp": "TestEmacs",
	"docs/editors.md json":  "TestVSCode",
	"docs/editors.md text":  "TestVim", // and TestEmacs
	"docs/editors.md xml":   "TestGoLand",
	"docs/faq.md go":        "suppress.txtar",
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
