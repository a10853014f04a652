package driver

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

// benchTree unpacks the cases of a few patterns as the packages of one module.
func benchTree(b *testing.B) (dir string, bytes int64) {
	names, err := filepath.Glob("../../testdata/[bnu]*/*.txtar")
	if err != nil || len(names) == 0 {
		b.Fatalf("no cases: %v", err)
	}
	dir = b.TempDir()
	all := &txtar.Archive{Files: []txtar.File{{Name: "go.mod", Data: []byte("module example.com/bench\n\ngo 1.24\n")}}}
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			b.Fatal(err)
		}
		sub := filepath.Base(filepath.Dir(name)) + "/" + strings.TrimSuffix(filepath.Base(name), ".txtar")
		for _, f := range ar.Files {
			if strings.HasSuffix(f.Name, ".go") && !strings.Contains(f.Name, "/") {
				all.Files = append(all.Files, txtar.File{Name: sub + "/" + f.Name, Data: f.Data})
				bytes += int64(len(f.Data))
			}
		}
	}
	if err := txtar.Write(all, dir); err != nil {
		b.Fatal(err)
	}
	return dir, bytes
}

func benchScan(b *testing.B, dir string) *load.Set {
	set, err := (&load.Config{Dir: dir}).Scan(nil)
	if err != nil {
		b.Fatal(err)
	}
	return set
}

// planned is what is known of a package once its fixes are planned.
type planned struct {
	pkg   *detect.Package
	plans []*rewrite.Plan
}

func benchPlan(set *load.Set) []planned {
	var all []planned
	for _, pkg := range set.Packages {
		p := planned{pkg: pkg}
		for _, s := range detect.Find(pkg) {
			if s.Safe {
				continue
			}
			if plan, _ := rewrite.Choose(s, rewrite.Options{}); plan != nil {
				p.plans = append(p.plans, plan)
			}
		}
		if len(p.plans) > 0 && len(rewrite.Conflicts(p.plans)) == 0 {
			all = append(all, p)
		}
	}
	return all
}

func benchSplice(b *testing.B, all []planned) []report.FileChange {
	var changes []report.FileChange
	for _, p := range all {
		done, err := rewrite.Apply(p.pkg, p.plans)
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range done {
			changes = append(changes, report.FileChange{Name: filepath.Base(c.File.Name), Before: c.Before, After: c.After})
		}
	}
	if len(changes) == 0 {
		b.Fatal("nothing changes")
	}
	return changes
}

// BenchmarkScan reads and type-checks a module most of whose packages hold a singleton.
func BenchmarkScan(b *testing.B) {
	dir, bytes := benchTree(b)
	b.SetBytes(bytes)
	for b.Loop() {
		benchScan(b, dir)
	}
}

// BenchmarkDetect looks for the singletons of that module.
func BenchmarkDetect(b *testing.B) {
	dir, bytes := benchTree(b)
	set := benchScan(b, dir)
	b.SetBytes(bytes)
	for b.Loop() {
		for _, pkg := range set.Packages {
			detect.Find(pkg)
		}
	}
}

// BenchmarkPlan looks for them and plans their fixes.
func BenchmarkPlan(b *testing.B) {
	dir, bytes := benchTree(b)
	set := benchScan(b, dir)
	b.SetBytes(bytes)
	for b.Loop() {
		benchPlan(set)
	}
}

// BenchmarkSplice carries the plans out.
func BenchmarkSplice(b *testing.B) {
	dir, bytes := benchTree(b)
	all := benchPlan(benchScan(b, dir))
	b.SetBytes(bytes)
	for b.Loop() {
		benchSplice(b, all)
	}
}

// BenchmarkDiff writes what they change as a diff.
func BenchmarkDiff(b *testing.B) {
	dir, bytes := benchTree(b)
	changes := benchSplice(b, benchPlan(benchScan(b, dir)))
	b.SetBytes(bytes)
	var out strings.Builder
	for b.Loop() {
		out.Reset()
		if err := report.WriteDiff(&out, changes, report.Style{}); err != nil {
			b.Fatal(err)
		}
	}
}
