package load

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// exports are the types of imports as the compiler wrote them down.
type exports struct {
	cfg   *Config
	mu    sync.Mutex // guards all below: reading one package may fill in others
	fset  *token.FileSet
	read  map[string]*types.Package
	files map[string]string // import path -> file with export data
	why   map[string]string // import path -> why there is none
	asked map[string]bool   // those of why that some package imports
}

func newExports(c *Config) *exports {
	return &exports{
		cfg:   c,
		fset:  elsewhere(),
		read:  make(map[string]*types.Package),
		files: make(map[string]string),
		why:   make(map[string]string),
		asked: make(map[string]bool),
	}
}

// list asks the go command, once a module, for the export data of packages.
func (e *exports) list(wanted map[*module][]string) error {
	mods := slices.SortedFunc(maps.Keys(wanted), func(a, b *module) int { return cmp.Compare(a.root, b.root) })
	for _, mod := range mods {
		paths := wanted[mod]
		reason, err := e.ask(mod, e.cfg.Env, e.flags(), listPaths(mod, paths))
		if err != nil {
			return err
		}
		if e.files["sync"] == "" {
			// One requirement that cannot be had is enough for the go command to
			// know no package at all. Without modules it knows those of its own.
			env := append(e.cfg.environ(), "GO111MODULE=off", "GOFLAGS=")
			if _, err := e.ask(mod, env, nil, slices.DeleteFunc(slices.Clone(paths), isForeign)); err != nil {
				return err
			}
		}
		for _, path := range paths {
			if e.files[path] == "" && e.why[path] == "" {
				e.why[path] = reason
			}
		}
	}
	return nil
}

// ask runs the go command in mod for paths, and returns what it complains of
// first that belongs to none of them.
func (e *exports) ask(mod *module, env, flags, paths []string) (reason string, err error) {
	conf := &packages.Config{
		Mode:       packages.NeedName | packages.NeedExportFile,
		Dir:        mod.root,
		Env:        env,
		BuildFlags: flags,
	}
	pkgs, err := packages.Load(conf, paths...)
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("load the types of what %s imports: %w; install Go, or put it in PATH", mod.path, err)
	}
	if err != nil {
		return firstLine(err.Error()), nil
	}
	for _, p := range pkgs {
		e.add(mod, p)
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
func (e *exports) add(mod *module, p *packages.Package) {
	path := p.PkgPath
	if mod.path == "" {
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

func firstLine(s string) string {
	s = strings.TrimSpace(s)
	line, _, _ := strings.Cut(s, "\n")
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
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read the types of %s: %w", path, err)
	}
	return gcexportdata.Read(r, e.fset, e.read, path)
}

// missing returns the imports that could not be had, in order.
func (e *exports) missing() []Missing {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []Missing
	for _, path := range slices.Sorted(maps.Keys(e.asked)) {
		list = append(list, Missing{Path: path, Msg: e.why[path]})
	}
	return list
}
