package load

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
)

// A unit is what is type-checked together: a package with its in-package
// tests, or an external test package.
type unit struct {
	folder *folder
	path   string
	files  []*detect.File
}

// Scan loads the packages that patterns mean, leniently: with faked imports,
// and only those that can hold a candidate. What is wrong with one package
// is in Errors and keeps no other from being loaded; the error returned is
// about the patterns.
func (c *Config) Scan(patterns []string) (*Set, error) {
	s, listings, err := c.open(patterns)
	if err != nil {
		return nil, err
	}
	found, err := s.readAll(listings, nil)
	if err != nil {
		return nil, noPackage(patterns, err)
	}
	s.checkAll(s.candidates(found))
	s.sort()
	return s, nil
}

// Stream is Scan for those who look at each package once: it gives them to
// visit, from several goroutines and in no order, and forgets those that visit
// does not want to keep. Memory then follows the largest packages, not the
// number of them.
//
// A package is shown in brief where that may be enough to know that all
// singletons in it are safe. If one is not, see [Set.Complete].
func (c *Config) Stream(patterns []string, visit func(*Set, *detect.Package) (keep bool)) (*Set, error) {
	s, listings, err := c.open(patterns)
	if err != nil {
		return nil, err
	}
	s.brief = true
	if _, err := s.readAll(listings, visit); err != nil {
		return nil, noPackage(patterns, err)
	}
	s.units.Range(func(pkg, _ any) bool {
		s.Packages = append(s.Packages, pkg.(*detect.Package))
		return true
	})
	slices.SortFunc(s.Packages, func(a, b *detect.Package) int { return strings.Compare(s.Dir(a), s.Dir(b)) })
	s.sort()
	return s, nil
}

// open returns an empty set, and the directories that patterns mean.
func (c *Config) open(patterns []string) (*Set, []*listing, error) {
	base, err := c.dir()
	if err != nil {
		return nil, nil, fmt.Errorf("find the working directory: %w", err)
	}
	s := newSet(c)
	s.guessModule(base)
	listings, err := s.enter(base, patterns)
	if err != nil {
		return nil, nil, err
	}
	return s, listings, nil
}

// enter is expand, with Config.Enter called on the way.
func (s *Set) enter(base string, patterns []string) ([]*listing, error) {
	listings, err := s.expand(base, patterns)
	if err != nil || s.cfg.Enter == nil {
		return listings, err
	}
	roots := make(map[string]bool)
	for _, l := range listings {
		m, err := s.moduleOf(l.dir)
		if err != nil {
			return nil, err
		}
		roots[m.root] = true
	}
	changed, err := s.cfg.Enter(slices.Sorted(maps.Keys(roots)))
	if err != nil || !changed {
		return listings, err
	}
	return s.expand(base, patterns)
}

// LookedAt reports whether the package with an import path is one of those
// looked at.
func (s *Set) LookedAt(path string) bool {
	for dir, p := range s.seen {
		if p.mod.importPath(dir) == path {
			return true
		}
	}
	return false
}

func newSet(c *Config) *Set {
	return &Set{
		cfg:     c,
		build:   newBuildContext(c),
		seen:    make(map[string]seen),
		units:   new(sync.Map),
		modules: make(map[string]*module),
		index:   new(index),
		names:   new(sync.Map),
		effects: new(sync.Map),
		starts:  new(sync.Map),
		strs:    &uniqueStrings{all: make(map[string]string)},
	}
}

// A seen is what is kept of each package that was looked at.
type seen struct {
	name string
	mod  *module
}

// readAll reads the packages of listings, in their order, and parses those
// that may hold a candidate. With visit, these are type-checked, visited and
// forgotten.
func (s *Set) readAll(listings []*listing, visit func(*Set, *detect.Package) bool) ([]*folder, error) {
	mods := make([]*module, len(listings))
	for i, l := range listings {
		m, err := s.moduleOf(l.dir)
		if err != nil {
			return nil, err
		}
		mods[i] = m
	}
	all := make([]*folder, len(listings))
	names := make([]string, len(listings))
	parallel(len(listings), func(i int) {
		f := s.survey(listings[i], mods[i])
		if visit != nil {
			s.visit(f, visit)
		}
		if names[i] = f.name; visit == nil || f.name == "" || len(f.errs) > 0 {
			all[i] = f // there is more to it
		}
		listings[i].names = nil
	})
	var found []*folder
	for i, f := range all {
		if f != nil && f.name == "" && len(f.errs) == 0 {
			if !listings[i].wild {
				s.Errors = append(s.Errors, noFiles(f))
			}
			continue
		}
		s.seen[listings[i].dir] = seen{names[i], mods[i]}
		s.Looked++
		if f != nil {
			s.Errors = append(s.Errors, f.errs...)
			found = append(found, f)
		}
	}
	if s.Looked == 0 {
		return nil, errNoPackage
	}
	return found, nil
}

var errNoPackage = errors.New("no Go package there")

// noPackage adds to errNoPackage where there is none; other errors say it.
func noPackage(patterns []string, err error) error {
	if errors.Is(err, errNoPackage) {
		return fmt.Errorf("expand %s: %w", strings.Join(patterns, " "), err)
	}
	return err
}

// visit type-checks the packages of a folder, shows them, and forgets them if
// visit says so of all.
func (s *Set) visit(f *folder, visit func(*Set, *detect.Package) bool) {
	kept := false
	for _, u := range s.candidates([]*folder{f}) {
		pkg, errs := s.checkGuarded(u)
		if f.later != nil && isBroken(errs) {
			pkg, errs = s.complete(u), nil // which says all that is wrong
		}
		f.errs = append(f.errs, errs...)
		if pkg != nil && !isBroken(errs) {
			s.units.Store(pkg, u)
			if visit(s, pkg) {
				kept = true
			} else {
				s.units.Delete(pkg)
			}
		}
	}
	if !kept {
		f.drop()
	}
}

// isBroken reports whether what is said of a package with those errors could
// be wrong; broken tests alone spoil no more than themselves.
func isBroken(errs []Error) bool {
	return slices.ContainsFunc(errs, func(e Error) bool { return !isTest(e.Pos.Filename) })
}

// unit returns the unit of a package of s, or nil.
func (s *Set) unit(pkg *detect.Package) *unit {
	u, _ := s.units.Load(pkg)
	found, _ := u.(*unit)
	return found
}

// noFiles says why a directory that was asked for holds no package.
func noFiles(f *folder) Error {
	if len(f.left) > 0 {
		return Error{Package: f.path, Msg: "build constraints leave out all Go files in " + f.dir + "; --tags may bring them in"}
	}
	return Error{Package: f.path, Msg: "no Go files in " + f.dir}
}

// candidates returns what is worth type-checking.
func (s *Set) candidates(found []*folder) []*unit {
	var units []*unit
	for _, f := range found {
		if len(f.files) > 0 {
			units = append(units, &unit{folder: f, path: f.path, files: f.files})
		}
		if len(f.xtest) > 0 {
			units = append(units, &unit{folder: f, path: f.path + "_test", files: f.xtest})
		}
	}
	return units
}

// checkAll type-checks units and puts them into the set.
func (s *Set) checkAll(units []*unit) {
	pkgs := make([]*detect.Package, len(units))
	errs := make([][]Error, len(units))
	parallel(len(units), func(i int) { pkgs[i], errs[i] = s.checkGuarded(units[i]) })
	for i, u := range units {
		s.Errors = append(s.Errors, errs[i]...)
		if isBroken(errs[i]) {
			continue
		}
		s.Packages = append(s.Packages, pkgs[i])
		s.units.Store(pkgs[i], u)
	}
}

// checkGuarded is check where a panic, of go/types or ours, is an error of the
// unit: it keeps no other from being loaded.
func (s *Set) checkGuarded(u *unit) (pkg *detect.Package, errs []Error) {
	defer func() {
		if p := recover(); p != nil {
			errs = []Error{{Package: u.path, Msg: fmt.Sprintf("a bug of singletonfix: type-checking panicked: %v; please report it with this trace\n%s", p, debug.Stack())}}
		}
	}()
	if u.folder.later != nil {
		return s.checkBriefly(u)
	}
	return s.check(u)
}

func (s *Set) sort() {
	slices.SortStableFunc(s.Packages, func(a, b *detect.Package) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(s.Errors, func(a, b Error) int {
		return cmp.Or(strings.Compare(a.Package, b.Package), strings.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset))
	})
}

// parallel calls do(0) to do(n-1), as many at a time as there are processors.
func parallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
