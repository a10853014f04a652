package race

import (
	"fmt"
	"maps"
	"path/filepath"
)

// buildSide compiles one version of the package with the race tests of subs
// and, where the race detector is on, their probes.
func (s *session) buildSide(subs []*subject, after, race bool) (binary, error) {
	p, err := s.job.page(subs, after)
	if err != nil {
		return "", err
	}
	files := make(map[string][]byte)
	side := "before"
	if after {
		maps.Copy(files, s.job.Changes)
		side = "after"
	}
	if s.source, err = p.write(); err != nil {
		return "", err
	}
	files[filepath.Join(s.job.Dir, FileName)] = s.source
	if race {
		pkg := s.job.version(after)
		s.job.withYields(pkg, variables(pkg, s.job.names(after)), files)
		if files[filepath.Join(s.job.Dir, "singletonfix_probe_test.go")], err = s.job.probes(p, subs, after); err != nil {
			return "", err
		}
	}
	s.say("compiling the tests of the code %s the fix", side)
	return s.build(fmt.Sprintf("%s-race=%v-%d", side, race, s.next()), files, race)
}
