package driver

import (
	"fmt"

	"github.com/singletonfix/singletonfix/rewrite"
)

// keepInFile refuses a fix that changes a file other than the one that the
// run is to give back.
func (r *run) keepInFile(l *look, f *finding) {
	if r.opts.File == "" || f.plan == nil {
		return
	}
	changes, problem := apply(l, []*rewrite.Plan{f.plan})
	if problem != nil {
		return // whoever carries it out finds out
	}
	for _, c := range changes {
		if c.File.Name != r.opts.File {
			f.refuse(rewrite.MultiFile, fmt.Sprintf("the fix also changes %s; save this file, then use -w", r.rel(c.File.Name)))
			return
		}
	}
}
