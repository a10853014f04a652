package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/report"
)

// assumptions writes a line for each package of which not all types could be
// had: what that means for its fixes, and why it is so.
func assumptions(res *driver.Result, w io.Writer) error {
	var buf bytes.Buffer
	said := map[string]bool{}
	for _, p := range res.Held {
		said[p.Path] = true
		fmt.Fprintf(&buf, "%s: its fixes are not written, as the types of %s could not be had: %s; %s-d shows the fixes all the same\n", p.Path, some(p.Assumed), res.Missing[p.Assumed[0]], advice(p.Assumed))
	}
	standIns := func(pkg string, paths []string) {
		if len(paths) > 0 && !said[pkg] {
			said[pkg] = true
			fmt.Fprintf(&buf, "%s: the types of %s could not be had, so fixes were checked against stand-ins: %s\n", pkg, some(paths), res.Missing[paths[0]])
		}
	}
	for _, p := range res.Packages {
		standIns(p.Path, p.Assumed)
	}
	for i := range res.Report.Singletons {
		if s := &res.Report.Singletons[i]; s.Fix != nil {
			standIns(s.Package, s.Assumed)
		}
	}
	_, err := io.WriteString(w, report.Plain(buf.String()))
	return err
}

// advice returns how to get packages, where that can be said.
func advice(paths []string) string {
	if slices.ContainsFunc(paths, func(path string) bool { return !isForeign(path) }) {
		return "" // of the standard library or of the module itself: the go command is what is wrong
	}
	return "`go mod download` may get what is missing; "
}

// isForeign reports whether path cannot be of the standard library.
func isForeign(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

// some returns the first of names, and the number of the others.
func some(names []string) string {
	const few = 3
	if len(names) <= few+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}
