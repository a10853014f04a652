package load

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// exports are the types of a module's imports as the compiler wrote them down.
type exports struct {
	cfg   *Config
	mod   *module
	mu    sync.Mutex // guards all below: reading one package may fill in others
	fset  *token.FileSet
	read  map[string]*types.Package
	files map[string]string // import path -> file with export data
	why   map[string]string // import path -> why there is none
	asked map[string]bool   // those of why that some package imports
}

// list asks the go command for the export data of packages, if it has not
// been asked before.
func (e *exports) list(paths []string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	paths = slices.DeleteFunc(paths, func(p string) bool { return e.files[p] != "" || e.why[p] != "" })
	if len(paths) == 0 {
		return nil
	}
	reason, err := e.ask(e.cfg.Env, e.flags(), listPaths(e.mod, paths))
	if err != nil {
		return err
	}
	own := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return isForeign(p) || e.files[p] != "" })
	if e.files["sync"] == "" && len(own) > 0 {
		// One requirement that cannot be had is enough for the go command to
		// know no package at all. Without modules it knows those of its own.
		env := append(e.cfg.environ(), "GO111MODULE=off", "GOFLAGS=")
		if _, err := e.ask(env, nil, own); err != nil {
			return err
		}
	}
	for _, path := range paths {
		if e.files[path] == "" && e.why[path] == "" {
			e.why[path] = reason
		}
	}
	return nil
}

// ask runs the go command for paths, and returns what it complains of
// first that belongs to none of them.
func (e *exports) ask(env, flags, paths []string) (reason string, err error) {
	conf := &packages.Config{
		Mode:       packages.NeedName | packages.NeedExportFile,
		Dir:        e.mod.root,
		Env:        env,
		Context:    e.cfg.Context,
		BuildFlags: append([]string{"-buildvcs=false"}, flags...), // no question to git, whose configuration may name programs
	}
	pkgs, reason, err := askGo(conf, paths, mostSaid)
	if err != nil {
		return "", fmt.Errorf("load the types of what %s imports: %w", e.mod.path, err)
	}
	if reason != "" {
		return reason, nil
	}
	for _, p := range pkgs {
		e.add(p)
		if len(p.Errors) > 0 && reason == "" {
			reason = firstLine(p.Errors[0].Msg)
		}
	}
	return cmp.Or(reason, "the go command did not say why it is not to be had; `go list` there may"), nil
}

// flags returns the flags of the go command that choose the build.
func (e *exports) flags() []string {
	var flags []string
	if e.cfg.Tags != "" {
		flags = append(flags, "-tags="+e.cfg.Tags)
	}
	if e.cfg.Mod != "" {
		flags = append(flags, "-mod="+e.cfg.Mod)
	}
	return flags
}

// isForeign reports whether path cannot be of the standard library.
func isForeign(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

// add notes what the go command said of one package.
func (e *exports) add(p *packages.Package) {
	path := p.PkgPath
	if e.mod.path == "" {
		path = strings.TrimPrefix(path, "vendor/")
	}
	if p.ExportFile != "" {
		e.files[path] = p.ExportFile
		return
	}
	e.why[path] = "it does not build here"
	if len(p.Errors) > 0 {
		e.why[path] = firstLine(p.Errors[0].Msg)
	}
}

// listPaths returns paths as the go command finds them from mod's root: the
// standard library's own dependencies are in its vendor folder.
func listPaths(mod *module, paths []string) []string {
	if mod.path != "" {
		return paths
	}
	paths = slices.Clone(paths)
	for i, p := range paths {
		if strings.HasPrefix(p, "golang.org/x/") {
			paths[i] = "vendor/" + p
		}
	}
	return paths
}

// firstLine returns the first line of what a command has said, as far as it
// can be shown.
func firstLine(s string) string {
	const most = 500
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	line = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, line)
	if runes := []rune(line); len(runes) > most {
		line = string(runes[:most]) + "..."
	}
	return line
}

// get returns the package at path, or why it cannot be had.
func (e *exports) get(path string) (*types.Package, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if pkg := e.read[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	pkg, err := e.readFile(path)
	if err != nil {
		e.asked[path] = true
		e.why[path] = err.Error()
	}
	return pkg, err
}

func (e *exports) readFile(path string) (*types.Package, error) {
	name := e.files[path]
	if name == "" {
		return nil, errors.New(cmp.Or(e.why[path], "the go command was not asked for it"))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	//lint:ignore SA1019 up to Go 1.28 the go command gives archives, which Read alone does not take
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read the types of %s: %w", path, err)
	}
	return gcexportdata.Read(r, e.fset, e.read, path)
}
