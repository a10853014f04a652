package checks

import (
	"encoding/json"
	"encoding/xml"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

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
