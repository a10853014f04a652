package checks

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const editorsDoc = "../../docs/editors.md"

// snippet returns the code in a language that a page shows.
func snippet(t *testing.T, page, language string) string {
	t.Helper()
	m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(read(t, page))
	if m == nil {
		t.Fatalf("%s shows no %s", page, language)
	}
	return m[1]
}

// snippetWith returns the first snippet in a language that has a text.
func snippetWith(t *testing.T, page, language, text string) string {
	t.Helper()
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(read(t, page), -1) {
		if strings.Contains(m[1], text) {
			return m[1]
		}
	}
	t.Fatalf("%s shows no %s with %q", page, language, text)
	return ""
}

// showsText holds that an editor shows what the page shows of it, the snippet
// with a text; around it are folder and time.
func showsText(t *testing.T, got, which string) {
	t.Helper()
	want := snippetWith(t, editorsDoc, "text", which)
	if !strings.Contains(got, strings.TrimSuffix(want, "\n")) {
		t.Errorf("the page shows\n%s\nthe editor\n%s", want, got)
	}
}

// need skips a test where a program is missing that machines of ours have.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", program)
	}
	t.Skipf("%s is not installed", program)
}

// inEditor runs an editor in dir, with the tool on its path.
func inEditor(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(tool)+":"+os.Getenv("PATH"), "TERM=dumb")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// edited holds that a buffer with config.go, of which nothing was saved, has
// one of two singletons fixed and the line in front that was typed.
func edited(t *testing.T, buffer string) {
	t.Helper()
	got := read(t, buffer)
	for _, want := range []string{"// typed, not saved\n// Package config", "instanceOnce.Do(func() {", "if rates == nil {"} {
		if !strings.Contains(got, want) {
			t.Errorf("the buffer has no %q:\n%s", want, got)
		}
	}
}

func TestVim(t *testing.T) {
	for _, editor := range [][]string{
		{"vim", "-N", "-u", "NONE", "-i", "NONE", "-es"},
		{"nvim", "-u", "NONE", "-i", "NONE", "-es"},
	} {
		t.Run(editor[0], func(t *testing.T) {
			need(t, editor[0])
			dir, out := shop(t), t.TempDir()
			vimrc := filepath.Join(out, "go.vim")
			put(t, vimrc, snippet(t, editorsDoc, "vim"))
			script := filepath.Join(out, "script.vim")
			put(t, script, `
source `+vimrc+`
SingletonMake
call writefile(getline(1, '$'), '`+out+`/quickfix')
cclose
normal! gg
call append(0, '// typed, not saved')
call search('instance == nil')
let place = getline('.')
SingletonFix
write! `+out+`/buffer
undo
write! `+out+`/undone
SingletonFix!
write! `+out+`/all
qall!
`)
			inEditor(t, dir, append(editor, "config/config.go", "-S", script)...)
			showsText(t, read(t, filepath.Join(out, "quickfix")), "|12 col 5|")
			edited(t, filepath.Join(out, "buffer"))
			if strings.Contains(read(t, filepath.Join(out, "undone")), "Once") {
				t.Error("undo does not take it back")
			}
			if got := read(t, filepath.Join(out, "all")); !strings.Contains(got, "ratesOnce.Do(func() {") {
				t.Errorf("not all is fixed:\n%s", got)
			}
			if read(t, filepath.Join(dir, "config/config.go")) != saved(t) {
				t.Error("the file on the disk was changed")
			}
		})
	}
}

// saved returns the file as the demo has it.
func saved(t *testing.T) string {
	t.Helper()
	return read(t, filepath.Join(shop(t), "config/config.go"))
}

func TestEmacs(t *testing.T) {
	need(t, "emacs")
	dir, out := shop(t), t.TempDir()
	script := filepath.Join(out, "script.el")
	put(t, script, snippet(t, editorsDoc, "elisp")+`
(find-file "config/config.go")
(goto-char (point-min))
(insert "// typed, not saved\n")
(search-forward "instance == nil")
(singletonfix-line)
(write-region nil nil "`+out+`/buffer")
(goto-char (point-min))
(singletonfix-line t)
(write-region nil nil "`+out+`/all")
(insert "func {")
(condition-case problem (singletonfix-line) (user-error (write-region (cadr problem) nil "`+out+`/problem")))
(require 'compile)
(let ((compilation-save-buffers-predicate (quote ignore)))
  (compile "singletonfix --quiet ./...")
  (while (get-buffer-process "*compilation*") (accept-process-output nil 0.1))
  (with-current-buffer "*compilation*"
    (goto-char (point-min))
    (write-region nil nil "`+out+`/compilation")
    (compilation-next-error 1)
    (write-region (format "%s" (caar (compilation--loc->file-struct (compilation--message->loc (get-text-property (point) 'compilation-message))))) nil "`+out+`/jump")))
`)
	inEditor(t, dir, "emacs", "--batch", "-Q", "-l", script)
	edited(t, filepath.Join(out, "buffer"))
	if got := read(t, filepath.Join(out, "all")); !strings.Contains(got, "ratesOnce.Do(func() {") {
		t.Errorf("not all is fixed:\n%s", got)
	}
	if got := read(t, filepath.Join(out, "problem")); !strings.Contains(got, "could not read") {
		t.Errorf("of code that does not parse it says %q", got)
	}
	showsText(t, read(t, filepath.Join(out, "compilation")), "Compilation exited")
	if got := read(t, filepath.Join(out, "jump")); got != "config.go" {
		t.Errorf("the first finding jumps to %q", got)
	}
}

// TestVSCode tries the commands of the tasks, and the pattern on what comes out.
func TestVSCode(t *testing.T) {
	var file struct {
		Tasks []struct {
			Command string
			Args    []string
			Matcher json.RawMessage `json:"problemMatcher"`
		}
	}
	if err := json.Unmarshal([]byte(snippet(t, editorsDoc, "json")), &file); err != nil {
		t.Fatal(err)
	}
	var matcher struct {
		Pattern struct {
			Regexp                            string
			File, Line, Column, Message, Code int
		}
	}
	if err := json.Unmarshal(file.Tasks[0].Matcher, &matcher); err != nil {
		t.Fatal(err)
	}
	dir, p := shop(t), matcher.Pattern
	found := 0
	for line := range strings.Lines(string(output(t, dir, file.Tasks[0].Args...))) {
		m := regexp.MustCompile(p.Regexp).FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Errorf("the pattern does not match %q", line)
			continue
		}
		found++
		if m[p.File] == "config/config.go" && m[p.Line] == "12" && (m[p.Column] != "5" || m[p.Code] != "nil-check" || !strings.HasPrefix(m[p.Message], "instance (")) {
			t.Errorf("of %q the pattern makes %q", line, m)
		}
	}
	if found != 4 {
		t.Errorf("the pattern matches %d lines, want 4", found)
	}
	args := strings.NewReplacer("${relativeFile}", "config/config.go", "${lineNumber}", "16").Replace(strings.Join(file.Tasks[1].Args, " "))
	cmd := exec.Command(tool, strings.Fields(args)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", args, err, out)
	}
	if got := read(t, filepath.Join(dir, "config/config.go")); !strings.Contains(got, "instanceOnce.Do(") || strings.Contains(got, "ratesOnce") {
		t.Errorf("after %s the file is\n%s", args, got)
	}
}

// TestGoLand tries the commands of the dialogs, with the macros filled in,
// and the file watcher's filter on what comes out.
func TestGoLand(t *testing.T) {
	type option struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	var watchers struct {
		Options []struct {
			option
			Filter []option `xml:"array>FilterInfo>option"`
		} `xml:"component>TaskOptions>option"`
	}
	if err := xml.Unmarshal([]byte(snippet(t, editorsDoc, "xml")), &watchers); err != nil {
		t.Fatal(err)
	}
	value := map[string]string{}
	for _, o := range watchers.Options {
		value[o.Name] = o.Value
		for _, f := range o.Filter {
			value["filter "+f.Name] = f.Value
		}
	}
	dir := shop(t)
	macros := strings.NewReplacer("$FilePathRelativeToProjectRoot$", "config/config.go", "$ProjectFileDir$", dir, "$FilePath$", filepath.Join(dir, "config/config.go"), "$LineNumber$", "16")
	filter := regexp.MustCompile("^" + strings.NewReplacer("\\$FILE_PATH\\$", "(.+)", "\\$LINE\\$", "([0-9]+)", "\\$COLUMN\\$", "([0-9]+)", "\\$MESSAGE\\$", "(.+)").Replace(regexp.QuoteMeta(value["filter regExp"])) + "$")
	_, out := sh(t, macros.Replace(value["workingDir"]), value["program"]+" "+macros.Replace(value["arguments"]))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if m := filter.FindStringSubmatch(lines[0]); len(lines) != 2 || m == nil || m[1] != "config/config.go" || m[2] != "12" || m[3] != "5" {
		t.Errorf("of the watcher's output, the filter makes %q:\n%s", m, out)
	}
	rows := map[string][]string{} // of the external tools
	for _, m := range regexp.MustCompile("(?m)^\\| ([^|]+) \\| `([^|]+)` \\|\\s*`?([^|`]*?)`?\\s*\\|$").FindAllStringSubmatch(read(t, editorsDoc), -1) {
		rows[m[1]] = m[2:]
	}
	if got := rows["Output filters (advanced)"][0]; got != value["filter regExp"] {
		t.Errorf("the external tool's filter is %s, the watcher's %s", got, value["filter regExp"])
	}
	if _, out := sh(t, dir, rows["Program"][0]+" "+rows["Arguments"][0]); filter.FindString(strings.Split(out, "\n")[0]) == "" {
		t.Errorf("the filter does not match\n%s", out)
	}
	must(t, dir, rows["Program"][1]+" "+macros.Replace(rows["Arguments"][1]))
	if got := read(t, filepath.Join(dir, "config/config.go")); !strings.Contains(got, "instanceOnce.Do(") || strings.Contains(got, "ratesOnce") {
		t.Errorf("the external tool makes of the file\n%s", got)
	}
}
