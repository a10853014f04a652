// Package load finds the packages that are worth a look, and gets their
// syntax and types as [detect.Package].
//
// There are two ways. [Config.Scan] starts no process and needs no
// dependency: it expands patterns itself, parses, and type-checks each
// package alone, its imports faked except for a few of the standard library
// that it knows from embedded declarations. That is quick, works where
// dependencies cannot be had, and is enough to report. [Set.Exact] asks the
// go command for the real types, which a fix is planned from.
//
// load decides nothing about singletons and writes nothing.
package load

import (
	"context"
	"go/token"
	"os"
	"path/filepath"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
)

// A Config says where and for which build packages are loaded. The zero
// value is the working directory and the build of the go command.
type Config struct {
	Dir     string            // patterns are relative to it; "" is the working directory
	Tags    string            // build tags, separated by commas
	Mod     string            // as the go command's -mod
	Tests   bool              // also load external test packages (p_test)
	All     bool              // also load packages that can hold no candidate
	Fields  bool              // fields of types are looked at: a World then also tells of types
	Env     []string          // nil: the environment of the process
	Overlay map[string][]byte // absolute file name -> content in place of the file's own
	// Context, if not nil, ends the go command when it ends.
	Context context.Context

	// Enter, if not nil, is called with the roots of the modules to be loaded,
	// in order, before a Go file of theirs is read. It says whether it changed
	// what is there.
	Enter func(roots []string) (changed bool, err error)
}

// A Set is what was loaded.
type Set struct {
	Packages []*detect.Package // those that may hold a candidate, in order of Path
	Errors   []Error           // in order of package and position
	Looked   int               // packages looked at, those without a candidate too
	Missing  []Missing         // imports whose real types were asked for in vain, in order of Path

	cfg     *Config
	build   *buildContext
	seen    map[string]seen    // the scanned packages, by directory
	units   *sync.Map          // *detect.Package -> *unit
	modules map[string]*module // by directory
	index   *index
	names   *sync.Map // directory -> name of the package there
	effects *sync.Map // directory -> *effects of the package there
	starts  *sync.Map // directory -> map[string]*starts, by file
	strs    *uniqueStrings
	brief   bool       // packages are shown without what is unlikely to matter; see Complete
	exports *exportsOf // the real types; nil where imports are faked
}

// An Error is what kept a package from being loaded.
type Error struct {
	Package string         // import path
	Pos     token.Position // the zero value where no file is to blame
	Msg     string
}

// A Missing is an import whose types could not be had.
type Missing struct {
	Path string
	Msg  string // why, in the words of the go command
}

func (e Error) Error() string {
	if e.Pos.IsValid() {
		return e.Pos.String() + ": " + e.Msg
	}
	return e.Package + ": " + e.Msg
}

// dir returns the absolute directory that patterns are relative to.
func (c *Config) dir() (string, error) {
	if c.Dir == "" {
		return os.Getwd()
	}
	return filepath.Abs(c.Dir)
}
