package transaction

import (
	"io/fs"
	"os"
	"regexp"
	"time"
)

// draftSuffix ends the names of what WriteFile is about to give to a file. No
// journal knows of them.
const draftSuffix = ".out"

var isDraft = regexp.MustCompile(`^\` + tempPrefix + `[0-9a-z]{12}\` + draftSuffix + `$`)

// stale is how old a draft is when whoever wrote it is taken for dead: to
// write one takes the time that the disk takes for it.
const stale = time.Minute

// sweep removes from dir the drafts of runs that were killed. That one stays
// is no reason not to go on.
func sweep(dir *os.Root) {
	entries, err := fs.ReadDir(dir.FS(), ".")
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !isDraft.MatchString(e.Name()) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > stale {
			dir.Remove(e.Name())
		}
	}
}
