package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/singletonfix/singletonfix/internal/cli"
)

// TestReadme holds the diff that the README shows against what comes out for
// the code that it shows. UPDATE_README=1 in the environment writes it.
func TestReadme(t *testing.T) {
	const name = "../../README.md"
	readme, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	code, shown := block(t, readme, "go"), block(t, readme, "diff")
	dir := t.TempDir()
	for file, content := range map[string]string{"go.mod": "module example.com/app\n\ngo 1.26\n", "config/config.go": code} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	if status := cli.Main([]string{"-C", dir, "-d"}, &stdout, &stderr); status != 1 {
		t.Fatalf("exit status %d, want 1: %s", status, &stderr)
	}
	if os.Getenv("UPDATE_README") != "" {
		readme = bytes.Replace(readme, []byte(shown), stdout.Bytes(), 1)
		if err := os.WriteFile(name, readme, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(shown, "\n"), strings.Split(stdout.String(), "\n")); diff != "" {
		t.Errorf("the README's diff is not what comes out (-want +got); UPDATE_README=1 writes it\n%s", diff)
	}
}

// block returns the first block of code in a language.
func block(t *testing.T, markdown []byte, language string) string {
	t.Helper()
	m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(markdown)
	if m == nil {
		t.Fatalf("README.md has no block of %s", language)
	}
	return string(m[1])
}
