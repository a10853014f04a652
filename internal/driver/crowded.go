package driver

import (
	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/rewrite"
)

// mostTogether bounds the work on the fixes of one file: the bytes of the
// file, once for each of them, since each is carried out alone to be measured.
// It takes a thousand fixes in a file of 16 kB, a hundred in one of 160 kB.
const mostTogether = 16 << 20

// spread puts off those fixes of a file that are too many for one run.
func spread(l *look, findings []*finding) {
	work := make(map[*detect.File]int)
	for _, f := range findings {
		if f.plan == nil {
			continue
		}
		file := l.pkg.File(f.singleton.Vars[0].Obj.Pos())
		if file == nil {
			continue // declared in another package
		}
		work[file] += len(file.Src)
		if work[file] > mostTogether {
			f.refuse(rewrite.Conflict, "the file has more unsafe singletons than are fixed in one run; apply the other fixes, then run singletonfix again")
		}
	}
}
