package checks

import (
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
