// Package driver carries out a run: load, detect, plan, rewrite, verify,
// and says what it found as a Report. It writes nothing; what a run would
// change is in its Result, for package cli to show or to write.
//
// Packages are independent: what goes wrong in one, a panic of ours too,
// becomes an error that names it, and the others are served.
package driver

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sort"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

// Options say what a run looks at and how far it goes. The zero value
// reports on the package in the process's working directory.
type Options struct {
	Dir       string   // working directory, which reported paths are relative to
	Patterns  []string // of packages, as go list takes them; or Go files
	Selection []Line   // only singletons on these lines; empty: all

	Fix    bool // apply and verify the plans; otherwise only plan
	Audit  bool // report the safe singletons too
	Review bool // also apply the fixes that deserve a reviewer's eye

	Changes   bool           // also keep what each fix changes, alone
	Names     bool           // also find the columns of the names at positions
	RaceTests bool           // also write the race tests of the fixed packages
	Verify    *VerifyOptions // also prove the fixes by running them; nil: not asked for

	Guarantees bool // also say what the fixes would guarantee, which takes another look at the fixed code

	Overlay map[string][]byte // absolute file name -> content in place of the file's own
	File    string            // only fixes that change no other file, an absolute name; "": all

	Fixes map[string]string // only these fixes, by ID, each with a strategy, "" for Strategy; nil: all

	Known   map[Known]bool // leave these out, if they are unsafe
	Changed Changed        // only what changed; nil: all

	Strategy  string      // see rewrite.Options
	MinRisk   detect.Risk // report and fix from this risk up
	Only, Not []string    // patterns
	AddReset  bool        // also add a reset where there is none
	Doc       bool        // also say in doc comments what is guaranteed
	Tests     bool        // also singletons of test files
	Fields    bool        // also struct fields filled by methods
	Generated bool        // also fix generated files
	Tags, Mod string      // as the go command takes them

	Progress func(string) // told what is being done; nil: nobody is; called from several goroutines

	Enter func(roots []string) (changed bool, err error) // see load.Config
}

// A Line is a line of a file, or all of it where N is 0.
type Line struct {
	File string // absolute
	N    int
}

// A Result is what a run found, and what it would change.
type Result struct {
	Report   *report.Report
	Packages []*Package // those that would change, by import path
	Held     []*Package // would change, and are held back; see [Result.HoldBack]
	// Missing says, of each import whose types could not be had, why. Only a
	// run that fixes asks for them.
	Missing map[string]string
	// Failures are the fixes that failed a check or their proof, with what it
	// takes to report them.
	Failures []*Failure
	// LookedAt reports whether the run looked at the package with an import path.
	LookedAt func(path string) bool
	Module   string // the path of that whose root is the working directory, "" for none
}

// A Package is all that a run would change in one package, or in several whose
// fixes change one file. It is written as a whole or not at all.
type Package struct {
	Path    string
	Root    string // of its module, a folder
	Changes []rewrite.Change
	Assumed []string // what it imports and whose types could not be had, in order
	Needs   *Package // what has to be written first, for this one to build; nil: nothing
	Added   bool     // the package is new: what several of the fixes use
	managed bool     // a fix of it uses the manager's package
	fixed   []*report.Fix
	members []*look // whose changes these are: of several where a file is changed by all
}

// Paths returns the import paths of the packages that p is about: several
// where their fixes change one file.
func (p *Package) Paths() []string {
	paths := []string{p.Path}
	for _, l := range p.members {
		if l.pkg.Path != p.Path {
			paths = append(paths, l.pkg.Path)
		}
	}
	return paths
}

// Run carries out a run. The error is about the run as a whole; what is
// wrong with one package is in the Report.
func Run(ctx context.Context, opts Options) (*Result, error) {
	r := &run{opts: opts, cfg: &load.Config{Dir: opts.Dir, Tags: opts.Tags, Mod: opts.Mod, Tests: opts.Tests, All: opts.Fields, Fields: opts.Fields, Enter: opts.Enter, Overlay: opts.Overlay, Context: ctx}}
	r.say("reading packages")
	lookAll := r.stream
	if opts.Audit {
		lookAll = r.scan
	}
	set, all, err := lookAll(ctx)
	if err != nil {
		return nil, err
	}
	r.addErrors(set.Errors)
	all = r.concludeRest(ctx, set, all)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	outcomes := make([]*outcome, len(all))
	for i, f := range all {
		outcomes[i] = f.outcome
	}
	res := r.result(set.Looked, outcomes)
	res.LookedAt, res.Module = set.LookedAt, set.ModuleAt(opts.Dir)
	if opts.Names && (opts.Fix || opts.Audit) {
		res.Report.FindNames(r.lines(set.Read))
	}
	return res, nil
}

// concludeRest concludes the looks that are open among all, and returns what
// there is then, in the same order.
func (r *run) concludeRest(ctx context.Context, set *load.Set, all []*found) []*found {
	var looks []*look
	var rest []*found
	for _, f := range all {
		if f.look != nil {
			looks = append(looks, f.look)
		} else {
			rest = append(rest, f)
		}
	}
	if len(looks) == 0 {
		return all
	}
	if r.opts.Fix {
		r.say("asking the go command for types")
		looks = r.lookCloser(ctx, set, looks)
	}
	if r.opts.Audit {
		r.trace(looks)
	}
	outcomes := make([]*outcome, len(looks))
	each(len(looks), func(i int) {
		r.say(fmt.Sprintf("%d of %d: %s", i+1, len(looks), looks[i].pkg.Path))
		outcomes[i] = r.conclude(ctx, looks[i])
	})
	r.disentangle(ctx, looks, outcomes)
	for i, l := range looks {
		rest = append(rest, &found{path: l.pkg.Path, dir: l.set.Dir(l.pkg), outcome: outcomes[i]})
	}
	slices.SortFunc(rest, inOrder)
	return rest
}

// A run is one call of Run.
type run struct {
	opts    Options
	cfg     *load.Config
	errors  []report.Error
	missing map[string]string

	managers managers
}

// say tells whoever waits what is being done.
func (r *run) say(text string) {
	if r.opts.Progress != nil {
		r.opts.Progress(text)
	}
}

// An outcome is what came of one package.
type outcome struct {
	singletons []*report.Singleton
	suppressed []report.Note
	known      int
	change     *Package // nil: nothing changes
	failures   []*Failure
	errors     []report.Error
}

// result puts the outcomes of all packages together, in order of import path
// and position.
func (r *run) result(looked int, outcomes []*outcome) *Result {
	rep := &report.Report{Version: report.Version, Errors: r.errors}
	res := &Result{Report: rep, Missing: r.missing}
	var safe []*report.Singleton
	for _, o := range outcomes {
		rep.Errors = append(rep.Errors, o.errors...)
		rep.Suppressed = append(rep.Suppressed, o.suppressed...)
		rep.Known += o.known
		res.Failures = append(res.Failures, o.failures...)
		if o.change != nil {
			res.Packages = append(res.Packages, o.change)
		}
		for _, s := range o.singletons {
			if s.Fix == nil && !r.opts.Audit {
				safe = append(safe, s)
				continue
			}
			rep.Singletons = append(rep.Singletons, *s)
		}
	}
	r.addManagers(res)
	sort.SliceStable(rep.Errors, func(i, j int) bool { return rep.Errors[i].Package < rep.Errors[j].Package })
	rep.Recount(looked, safe)
	if r.opts.Fix {
		res.countLines()
	}
	return res
}

// countLines counts the lines of the changes as a whole: two fixes of a file
// may share an import.
func (res *Result) countLines() {
	sum := &res.Report.Summary
	sum.LinesAdded, sum.LinesRemoved = 0, 0
	for _, p := range res.Packages {
		for _, c := range p.Changes {
			added, removed := report.LineDelta(c.Before, c.After)
			sum.LinesAdded += added
			sum.LinesRemoved += removed
		}
	}
}

// each calls f for 0 to n-1, some of them at a time.
func each(n int, f func(i int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	wg.Wait()
}

// HoldBack moves from Packages to Held those whose changes were checked
// against stand-ins: good enough to be shown, and not to be written.
func (res *Result) HoldBack() {
	var whole []*Package
	for _, p := range res.Packages {
		if len(p.Assumed) > 0 {
			res.Held = append(res.Held, p)
		} else {
			whole = append(whole, p)
		}
	}
	res.Packages = slices.DeleteFunc(whole, func(p *Package) bool {
		return p.Added && !slices.ContainsFunc(whole, func(q *Package) bool { return q.Needs == p })
	})
}

// Written says that all of p's changes were written.
func (res *Result) Written(p *Package) {
	for _, fix := range p.fixed {
		fix.Status = report.Applied
		res.Report.Summary.Fixed++
	}
}

// WriteFailed says that p could not be written, and that its files are as
// they were.
func (res *Result) WriteFailed(p *Package, err error) {
	res.Report.Errors = append(res.Report.Errors, report.Error{Package: p.Path, Message: err.Error()})
}

// addErrors takes over what kept packages from being loaded.
func (r *run) addErrors(errs []load.Error) {
	for _, e := range errs {
		out := report.Error{Package: e.Package, Message: e.Msg}
		if e.Pos.IsValid() {
			at := r.place(e.Pos)
			out.Position = &at
		}
		r.errors = append(r.errors, out)
	}
}
