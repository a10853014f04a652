package driver

import (
	"maps"
	"slices"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
	"github.com/singletonfix/singletonfix/rewrite"
)

// managers are the packages of the manager strategy, by the root of their
// module: one for all packages of a run.
type managers struct {
	mu     sync.Mutex
	byRoot map[string]*load.ManagerPackage
}

// of returns the manager's package for a package, nil if it cannot have one.
func (m *managers) of(l *look) *load.ManagerPackage {
	root := l.set.ModuleRoot(l.pkg)
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.byRoot[root]
	if !ok {
		if m.byRoot == nil {
			m.byRoot = make(map[string]*load.ManagerPackage)
		}
		found = l.set.Manager(l.pkg, rewrite.ManagerNames, rewrite.ManagerFiles)
		m.byRoot[root] = found
	}
	return found
}

// managerPath returns the import path that a plan for l's package with a
// strategy may use, "" for none.
func (r *run) managerPath(l *look, strategy string) string {
	if strategy != "manager" {
		return ""
	}
	if m := r.managers.of(l); m != nil && m.Path != l.pkg.Path {
		return m.Path
	}
	return ""
}

// withManager returns files, and those of the manager's package where the
// plans need it and it is not there yet.
func (r *run) withManager(l *look, plans []*rewrite.Plan, files map[string][]byte) map[string][]byte {
	if !needManager(plans) {
		return files
	}
	all := maps.Clone(files)
	maps.Copy(all, r.managers.of(l).Missing)
	return all
}

func needManager(plans []*rewrite.Plan) bool {
	return slices.ContainsFunc(plans, func(p *rewrite.Plan) bool { return p.Manager != "" })
}

// addManagers puts the packages to be written, on which others rest, in front.
func (r *run) addManagers(res *Result) {
	added := make(map[string]*Package)
	var first []*Package
	for _, p := range res.Packages {
		m := r.managers.byRoot[p.Root]
		if !p.managed || m == nil || m.Missing == nil {
			continue
		}
		if added[m.Root] == nil {
			added[m.Root] = newManager(m)
			first = append(first, added[m.Root])
		}
		p.Needs = added[m.Root]
	}
	res.Packages = append(first, res.Packages...)
}

func newManager(m *load.ManagerPackage) *Package {
	p := &Package{Path: m.Path, Root: m.Root, Added: true}
	for _, name := range slices.Sorted(maps.Keys(m.Missing)) {
		p.Changes = append(p.Changes, rewrite.Change{File: &detect.File{Name: name}, After: m.Missing[name]})
	}
	return p
}

// plansOf returns the plans of findings, all of which have one.
func plansOf(findings []*finding) []*rewrite.Plan {
	var plans []*rewrite.Plan
	for _, f := range findings {
		plans = append(plans, f.plan)
	}
	return plans
}
