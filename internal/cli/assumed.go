package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// assumptions writes a line for each package of which not all types could be
// had: what that means for its fixes, and why it is so.
func assumptions(res *driver.Result, w io.Writer) error {
	var buf bytes.Buffer
	said := map[string]bool{}
	for _, p := range res.Held {
		said[p.Path] = true
		fmt.Fprintf(&buf, "%s: its fixes are not written, as the types of %s could not be had: %s; `go mod download` gets what is missing, and -d shows the fixes all the same\n", p.Path, some(p.Assumed), res.Missing[p.Assumed[0]])
	}
	for i := range res.Report.Singletons {
		s := &res.Report.Singletons[i]
		if s.Fix == nil || len(s.Assumed) == 0 || said[s.Package] {
			continue
		}
		said[s.Package] = true
		fmt.Fprintf(&buf, "%s: the types of %s could not be had, so fixes were checked against stand-ins: %s\n", s.Package, some(s.Assumed), res.Missing[s.Assumed[0]])
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// some returns the first of names, and the number of the others.
func some(names []string) string {
	const few = 3
	if len(names) <= few+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}
