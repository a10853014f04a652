package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
)

// A checker gathers the problems of one change.
type checker struct {
	ctx      context.Context
	set      *load.Set
	before   *detect.Package
	after    *detect.Package
	change   Change
	problems []Problem
}

func (v *checker) add(code string, pos token.Position, format string, args ...any) {
	v.problems = append(v.problems, Problem{Code: code, Message: fmt.Sprintf(format, args...), Pos: pos})
}

// changed returns the names of the changed files, sorted.
func (v *checker) changed() []string { return slices.Sorted(maps.Keys(v.change.Files)) }

// stale checks that the change is based on what stands on the disk.
func (v *checker) stale() {
	for _, name := range v.changed() {
		pos := token.Position{Filename: name}
		old := fileNamed(v.before, name)
		if was, ok := v.change.Outside[name]; ok {
			old = &detect.File{Src: was}
		}
		src, err := v.set.Read(name)
		switch {
		case old == nil && errors.Is(err, os.ErrNotExist):
			continue // a new file
		case old == nil:
			v.add(Stale, pos, "there is such a file already, and it is none of package %s", v.before.Path)
		case err != nil:
			v.add(Stale, pos, "it cannot be read any more: %v", err)
		case !bytes.Equal(src, old.Src):
			v.add(Stale, pos, "it was changed while it was looked at; run again")
		}
	}
}

func fileNamed(pkg *detect.Package, name string) *detect.File {
	for _, f := range pkg.Files {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// syntax says why the changed package could not be read.
func (v *checker) syntax(err error) {
	var e load.Error
	if errors.As(err, &e) {
		v.add(Syntax, e.Pos, "%s", e.Msg)
		return
	}
	v.add(Failed, token.Position{}, "%v", err)
}

// typeErrors checks that the change brings no error that was not there
// before. It goes by file and message, as lines move.
func (v *checker) typeErrors(checked *load.Checked) {
	after := slices.DeleteFunc(checked.Errors, isEcho)
	if len(after) == 0 {
		return
	}
	before, err := v.asItStands(checked.Alone)
	if err != nil {
		v.add(Failed, token.Position{}, "type-check the package as it stands: %v", err)
		return
	}
	known := make(map[string]int)
	for _, e := range before.Errors {
		known[e.Pos.Filename+": "+e.Msg]++
	}
	for _, e := range after {
		key := e.Pos.Filename + ": " + e.Msg
		if known[key]--; known[key] < 0 {
			v.add(TypeErrors, e.Pos, "%s", e.Msg)
		}
	}
}

// asItStands type-checks the package as it is on the disk: alone, or with all
// that imports it.
func (v *checker) asItStands(alone bool) (*load.Checked, error) {
	if alone {
		return v.set.RecheckAlone(v.before, nil)
	}
	return v.set.Recheck(v.before, nil)
}

// isEcho reports whether e only says that an import is faked, or goes on
// about the error before it.
func isEcho(e load.Error) bool {
	return strings.HasPrefix(e.Msg, "could not import ") || strings.Contains(e.Msg, "invalid type") || strings.HasPrefix(e.Msg, "\t")
}
