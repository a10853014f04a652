package load

import (
	"path/filepath"
	"strings"
)

// walkRoots returns where to start: at top, or, where top is no module's but
// holds a go.work, at each of the workspace's modules.
func (s *Set) walkRoots(top string) ([]string, error) {
	_, err := s.moduleOf(top)
	if err == nil {
		return []string{top}, nil
	}
	if roots := workspace(top); len(roots) > 0 {
		return roots, nil
	}
	return nil, err
}

// workspace returns the modules that dir's go.work uses, as directories.
func workspace(dir string) []string {
	src, err := readFile(filepath.Join(dir, "go.work"))
	if err != nil {
		return nil
	}
	var roots []string
	inUse := false
	for line := range strings.Lines(string(src)) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case words[0] == ")":
			inUse = false
			continue
		case words[0] == "use" && len(words) == 2 && words[1] == "(":
			inUse = true
			continue
		case words[0] == "use" && len(words) == 2:
			words = words[1:]
		case !inUse:
			continue
		}
		root := absolute(dir, filepath.FromSlash(unquote(words[0])))
		if isFile(filepath.Join(root, "go.mod")) {
			roots = append(roots, root)
		}
	}
	return roots
}
