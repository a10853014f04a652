package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// An ownership is what a CODEOWNERS file says. The zero value knows nobody.
type ownership struct {
	root  string // which the patterns are relative to
	rules []ownerRule
}

type ownerRule struct {
	pattern *regexp.Regexp
	owners  string
}

// findOwners reads the CODEOWNERS file of the repository around dir, where
// GitHub and GitLab look for it.
func findOwners(dir string) (*ownership, error) {
	for root := dir; ; root = filepath.Dir(root) {
		for _, name := range []string{".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} {
			content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			if err == nil {
				return &ownership{root: root, rules: parseOwners(string(content))}, nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("look for owners: %w", err)
			}
		}
		if _, err := os.Stat(filepath.Join(root, ".git")); err == nil || root == filepath.Dir(root) {
			return &ownership{}, nil
		}
	}
}

// of returns the owners of a file, "" where there are none. The last rule
// that matches counts.
func (o *ownership) of(file string) string {
	rel, err := filepath.Rel(o.root, file)
	if err != nil {
		return ""
	}
	rel = filepath.ToSlash(rel)
	for i := len(o.rules) - 1; i >= 0; i-- {
		if o.rules[i].pattern.MatchString(rel) {
			return o.rules[i].owners
		}
	}
	return ""
}

// parseOwners returns the rules of a CODEOWNERS file. Sections of GitLab are
// read over: their rules count like others.
func parseOwners(content string) []ownerRule {
	var rules []ownerRule
	for line := range strings.Lines(content) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "[") || strings.HasPrefix(fields[0], "^[") {
			continue
		}
		rules = append(rules, ownerRule{pattern: ownerPattern(fields[0]), owners: strings.Join(fields[1:], " ")})
	}
	return rules
}

var wildcard = regexp.MustCompile(`\*\*/|\*\*|\*|\?|[^*?]+`)

// ownerPattern returns a pattern of gitignore's kind, as CODEOWNERS has them:
// with a slash in front or within it starts at the root, and a folder stands
// for all that is in it.
func ownerPattern(pattern string) *regexp.Regexp {
	anchored := strings.Contains(strings.TrimSuffix(pattern, "/"), "/")
	pattern = strings.TrimPrefix(pattern, "/")
	expr := "^"
	if !anchored {
		expr += "(?:.*/)?"
	}
	for _, part := range wildcard.FindAllString(strings.TrimSuffix(pattern, "/"), -1) {
		switch part {
		case "**/":
			expr += "(?:.*/)?"
		case "**":
			expr += ".*"
		case "*":
			expr += "[^/]*"
		case "?":
			expr += "[^/]"
		default:
			expr += regexp.QuoteMeta(part)
		}
	}
	switch {
	case strings.HasSuffix(pattern, "/"):
		expr += "/.*$"
	case anchored && strings.HasSuffix(pattern, "/*"):
		expr += "$" // what is in the folder itself
	default:
		expr += "(?:/.*)?$"
	}
	return regexp.MustCompile(expr)
}
