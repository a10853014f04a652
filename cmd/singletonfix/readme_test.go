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

const readmeFile = "../../README.md"

// TestReadme holds what the README shows of the tool against what comes out
// for the code that it shows. UPDATE_README=1 in the environment writes it.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for file, content := range map[string]string{"go.mod": "module example.com/app\n\ngo 1.26\n", "config/config.go": block(t, readme, "go", 0)} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, example := range []struct {
		language string
		nth      int
		flag     string
	}{
		{"text", 0, "--audit"},
	} {
		var stdout, stderr bytes.Buffer
		if status := cli.Main([]string{"-C", dir, example.flag}, &stdout, &stderr); status != 1 {
			t.Fatalf("exit status %d, want 1: %s", status, &stderr)
		}
		shown := block(t, readme, example.language, example.nth)
		if os.Getenv("UPDATE_README") != "" {
			readme = bytes.Replace(readme, []byte(shown+"```"), append(stdout.Bytes(), "```"...), 1)
			continue
		}
		if diff := cmp.Diff(strings.Split(shown, "\n"), strings.Split(stdout.String(), "\n")); diff != "" {
			t.Errorf("what the README shows of %s is not what comes out (-want +got); UPDATE_README=1 writes it\n%s", example.flag, diff)
		}
	}
	if os.Getenv("UPDATE_README") != "" {
		if err := os.WriteFile(readmeFile, readme, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// block returns the nth block of code in a language, counting from 0.
func block(t *testing.T, markdown []byte, language string, nth int) string {
	t.Helper()
	blocks := regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllSubmatch(markdown, -1)
	if nth >= len(blocks) {
		t.Fatalf("README.md has %d blocks of %s, want more than %d", len(blocks), language, nth)
	}
	return string(blocks[nth][1])
}
