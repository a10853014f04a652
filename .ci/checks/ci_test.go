package checks

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const ciDoc = "../../docs/ci.md"

// sh runs a script as a step of a workflow does, and returns its exit status
// and what it said.
func sh(t *testing.T, dir, script string, env ...string) (int, string) {
	t.Helper()
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "PATH="+filepath.Dir(tool)+":"+os.Getenv("PATH"), "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@example.com", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@example.com"), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// must is sh for what has to work.
func must(t *testing.T, dir, script string, env ...string) string {
	t.Helper()
	status, out := sh(t, dir, script, env...)
	if status != 0 {
		t.Fatalf("%s: exit status %d\n%s", script, status, out)
	}
	return out
}

// TestAction runs the steps of the action as GitHub does.
func TestAction(t *testing.T) {
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Steps []struct {
				ID, Run string
				Env     map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../action.yml")), &action); err != nil {
		t.Fatal(err)
	}
	for _, step := range action.Runs.Steps {
		for name, value := range step.Env {
			input := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
			if _, ok := action.Inputs[input]; !ok {
				t.Errorf("%s is %s, which is no input", name, value)
			}
		}
	}
	dir := shop(t)
	env := []string{"GOBIN=" + filepath.Dir(tool), "GITHUB_WORKSPACE=" + filepath.Dir(dir), "GITHUB_OUTPUT=" + filepath.Join(dir, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary.md"), "PACKAGES=./...", "ARGS=", "SARIF=out.sarif"}
	report := action.Runs.Steps[1].Run
	status, out := sh(t, dir, report, env...)
	if status != 1 || strings.Count(out, "::error file="+filepath.Base(dir)+"/") != 4 {
		t.Errorf("the action exits %d and says\n%s", status, out)
	}
	if got := read(t, filepath.Join(dir, "output")); got != "status=1\n" {
		t.Errorf("its output is %q", got)
	}
	if got := read(t, filepath.Join(dir, "summary.md")); !strings.Contains(got, "| critical | 4 |") {
		t.Errorf("the summary is\n%s", got)
	}
	if got := read(t, filepath.Join(dir, "out.sarif")); !strings.Contains(got, `"uri": "`+filepath.Base(dir)+`/config/config.go"`) {
		t.Errorf("the log has no path from the root of the repository")
	}
	status, out = sh(t, dir, report, append(env, "ARGS=--min-risk=critical --pattern=once-reset", "SARIF=")...)
	if status != 0 || strings.Contains(out, "::error") {
		t.Errorf("with flags the action exits %d and says\n%s", status, out)
	}
}

// TestPreCommit follows the page: pre-commit builds the tool from this
// repository's last commit, and runs one hook, then the other.
func TestPreCommit(t *testing.T) {
	need(t, "pre-commit")
	t.Parallel() // it compiles for a while
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	config := strings.NewReplacer("https://github.com/singletonfix/singletonfix", repo, "rev: main", "rev: HEAD").Replace(snippetWith(t, ciDoc, "yaml", "id: singletonfix"))
	dir := shop(t)
	must(t, dir, "git init -q -b main && git add -A && git commit -q -m one")
	modules := strings.TrimSpace(must(t, dir, "go env GOMODCACHE"))
	env := []string{"PRE_COMMIT_HOME=" + t.TempDir(), "GOMODCACHE=" + modules, "GOFLAGS="}
	args := regexp.MustCompile("`(args: \\[--baseline[^`]*)`").FindStringSubmatch(read(t, ciDoc))[1]
	must(t, dir, "singletonfix --write-baseline .singletonfix.json")
	for _, try := range []struct {
		hook   string
		status int
		says   string
	}{
		{"singletonfix", 1, "config/config.go:12:5: instance "},
		{"singletonfix\n        " + args, 0, "Passed"},
		{"singletonfix-fix", 1, "files were modified by this hook"},
		{"singletonfix", 0, "Passed"},
	} {
		put(t, filepath.Join(dir, ".pre-commit-config.yaml"), strings.Replace(config, "id: singletonfix", "id: "+try.hook, 1))
		must(t, dir, "git add -A")
		if status, out := sh(t, dir, "pre-commit run --all-files", env...); status != try.status || !strings.Contains(out, try.says) {
			t.Fatalf("with %s, pre-commit exits %d, want %d and %q; it says\n%s", try.hook, status, try.status, try.says, out)
		}
	}
}

// TestSnippets holds that what the page shows is what it seems to be.
func TestSnippets(t *testing.T) {
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(read(t, ciDoc), -1) {
		var v any
		if err := yaml.Unmarshal([]byte(m[1]), &v); err != nil {
			t.Errorf("%v in\n%s", err, m[1])
		}
	}
}

// TestBaseline follows the page: adopt today, pay later.
func TestBaseline(t *testing.T) {
	dir := shop(t)
	commands := regexp.MustCompile("(?m)^    (singletonfix .*baseline.*)$").FindAllStringSubmatch(read(t, ciDoc), -1)
	if len(commands) != 3 {
		t.Fatalf("the page shows %d commands about baselines, want 3", len(commands))
	}
	must(t, dir, commands[0][1])
	must(t, dir, commands[1][1])
	put(t, filepath.Join(dir, "store/new.go"), "package store\n\nvar fresh *DB\n\nfunc Fresh() *DB {\n\tif fresh == nil {\n\t\tfresh = new(DB)\n\t}\n\treturn fresh\n}\n")
	if status, out := sh(t, dir, commands[1][1]); status != 1 || !strings.Contains(out, "store/new.go:3:5: fresh ") || strings.Contains(out, ": instance ") {
		t.Errorf("with something new: exit status %d\n%s", status, out)
	}
	must(t, dir, commands[2][1])
	if got := read(t, filepath.Join(dir, ".singletonfix.json")); strings.Contains(got, "config.instance") || !strings.Contains(got, "store.db") {
		t.Errorf("after %s the baseline is\n%s", commands[2][1], got)
	}
}

// eachRepository does in the clone of each bare repository what multi-gitter
// and turbolift do: run the script, and where that changed something, commit
// it to a branch and push that.
const eachRepository = `
for repo in $REPOS; do
	work=$(mktemp -d -p "$TMPDIR")
	git clone -q "$repo" "$work"
	cd "$work"
	if ! sh "$SCRIPT"; then echo "failed: $(basename "$repo")"; continue; fi
	if [ -z "$(git status --porcelain)" ]; then echo "nothing to do: $(basename "$repo")"; continue; fi
	git checkout -q -b singletonfix
	git add -A
	git commit -q -m "make singletons safe"
	git push -q -f origin singletonfix
	echo "branch: $(basename "$repo")"
done
`

// manyRepositories returns bare repositories of each kind, by name: one with
// singletons to fix, one without any, one of which the fix is refused, and
// one that does not parse.
func manyRepositories(t *testing.T) map[string]string {
	t.Helper()
	tmp := t.TempDir()
	repos := map[string]string{}
	add := func(name, dir string) {
		repos[name] = filepath.Join(tmp, name+".git")
		must(t, dir, "git init -q -b main && git add -A && git commit -q -m one && git clone -q --bare . "+repos[name])
	}
	module := func(source string) string {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "go.mod"), "module example.com/x\n\ngo 1.26\n")
		put(t, filepath.Join(dir, "x.go"), source)
		return dir
	}
	add("racy", shop(t))
	add("clean", module("package x\n"))
	add("byhand", module("package x\n\nvar V *int\n\nfunc Get() *int {\n\tif V == nil {\n\t\tV = new(int)\n\t}\n\treturn V\n}\n"))
	add("broken", module("package x\n\nvar v *int =\n"))
	return repos
}

// TestRepositories runs the page's script over repositories of each kind.
func TestRepositories(t *testing.T) {
	tmp := t.TempDir()
	script := filepath.Join(tmp, "fix.sh")
	put(t, script, snippet(t, ciDoc, "sh"))
	repos := manyRepositories(t)
	racy := repos["racy"]
	env := []string{"REPOS=" + strings.Join([]string{racy, repos["clean"], repos["byhand"], repos["broken"]}, " "), "SCRIPT=" + script, "TMPDIR=" + tmp}
	out := must(t, tmp, eachRepository, env...)
	for _, want := range []string{"branch: racy.git\n", "nothing to do: clean.git\n", "nothing to do: byhand.git\n", "failed: broken.git\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if got := must(t, racy, "git diff --stat main singletonfix"); !strings.Contains(got, "3 files changed") {
		t.Errorf("the branch changes\n%s", got)
	}
	// Once that is merged, there is nothing to do.
	must(t, racy, "git branch -f main singletonfix && git branch -D singletonfix")
	if out := must(t, tmp, eachRepository, append(env, "REPOS="+racy)...); !strings.Contains(out, "nothing to do: racy.git") {
		t.Errorf("a second time:\n%s", out)
	}
}
