package load

import (
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// walk returns the directories that match a pattern with wildcards, the first
// of them at i. It stays within the module, and out of testdata, vendor,
// hidden and "_" folders, as the go command does.
func (s *Set) walk(pattern, abs string, i int) ([]*listing, error) {
	top := filepath.Dir(abs[:i] + "x") // the last folder that is written out
	if _, err := os.Stat(top); err != nil {
		return nil, fmt.Errorf("expand %s: %w", pattern, err)
	}
	roots, err := s.walkRoots(top)
	if err != nil {
		return nil, err
	}
	match := matcher(abs[:i], abs[i:])
	var found []*listing
	for _, root := range roots {
		if err := walkDir(root, match, &found); err != nil {
			return nil, fmt.Errorf("expand %s: %w", pattern, err)
		}
	}
	return found, nil
}

// builtinDir is the one folder of the standard library that holds no package of it.
var builtinDir = filepath.Join(build.Default.GOROOT, "src", "builtin")

func walkDir(dir string, match func(string) bool, found *[]*listing) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if match(dir) {
		*found = append(*found, list(dir, entries, true))
	}
	for _, e := range entries {
		if !e.IsDir() || skipped(e.Name()) {
			continue
		}
		sub := filepath.Join(dir, e.Name())
		if sub == builtinDir {
			continue // documentation, not a package
		}
		if isFile(filepath.Join(sub, "go.mod")) {
			continue // another module
		}
		if err := walkDir(sub, match, found); err != nil {
			return err
		}
	}
	return nil
}

// skipped reports whether wildcards leave out folders of that name.
func skipped(name string) bool {
	return name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_'
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// matcher returns the test of a directory against a literal beginning and a
// pattern in which "..." stands for any string; a trailing "/..." also matches
// the folder itself.
func matcher(literal, pattern string) func(dir string) bool {
	re := strings.ReplaceAll(regexp.QuoteMeta(filepath.ToSlash(pattern)), `\.\.\.`, `.*`)
	re = regexp.QuoteMeta(filepath.ToSlash(literal)) + re
	if head, ok := strings.CutSuffix(re, `/.*`); ok {
		re = head + `(/.*)?`
	}
	full := regexp.MustCompile(`(?s)^` + re + `$`) // a name may hold a newline
	return func(dir string) bool { return full.MatchString(filepath.ToSlash(dir)) }
}
