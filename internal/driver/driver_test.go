package driver

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

func TestGetter(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"textbook", "if x == nil {\n x = new(int)\n}\nreturn x", "Get"},
		{"early return", "if x != nil {\n return x\n}\nx = new(int)\nreturn x", "Get"},
		{"local copy", "v := x\nif v == nil {\n v = new(int)\n x = v\n}\nreturn v", "Get"},
		{"in the middle of something else", "println(1)\nif x == nil {\n x = new(int)\n}\n*x++\nprintln(*x)\nreturn nil", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			unpack(t, dir, []txtar.File{{Name: "p.go", Data: []byte("package p\n\nvar x *int\n\nfunc Get() *int {\n" + tt.body + "\n}\n")}})
			res := mustRun(t, Options{Dir: dir, Patterns: []string{"."}})
			if len(res.Report.Singletons) != 1 {
				t.Fatalf("found %d singletons, want 1", len(res.Report.Singletons))
			}
			if got := res.Report.Singletons[0].Getter; got != tt.want {
				t.Errorf("getter = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPanicStaysInItsPackage holds that a bug of ours in one package becomes
// an error that names it.
func TestPanicStaysInItsPackage(t *testing.T) {
	r := &run{opts: Options{}}
	good := &detect.Package{Path: "example.com/good"}
	bad := &look{pkg: &detect.Package{Path: "example.com/bad"}, singletons: []*detect.Singleton{{}}} // without variables: no such thing
	outcomes := []*outcome{r.conclude(context.Background(), &look{pkg: good}), r.conclude(context.Background(), bad)}
	res := r.result(2, outcomes)
	if len(res.Report.Errors) != 1 {
		t.Fatalf("%d errors, want 1", len(res.Report.Errors))
	}
	e := res.Report.Errors[0]
	if e.Package != "example.com/bad" || !strings.Contains(e.Message, "a bug of singletonfix") {
		t.Errorf("error of %s: %s; want one of example.com/bad that says it is a bug", e.Package, e.Message)
	}
}

// TestBadPlanAlone holds that a plan that cannot be carried out does not take
// the package's others with it.
func TestBadPlanAlone(t *testing.T) {
	dir := t.TempDir()
	unpack(t, dir, []txtar.File{{Name: "p.go", Data: []byte(`package p

var x, y *int

func X() *int {
	if x == nil {
		x = new(int)
	}
	return x
}

func Y() *int {
	if y == nil {
		y = new(int)
	}
	return y
}
`)}})
	r := &run{opts: Options{Dir: dir, Fix: true}, cfg: &load.Config{Dir: dir}}
	set, err := r.cfg.Scan([]string{"."})
	if err != nil {
		t.Fatal(err)
	}
	l := r.lookCloser(context.Background(), set, r.look(context.Background(), set, nil))[0]
	findings := r.plan(l, l.singletons)
	if len(findings) != 2 || findings[0].plan == nil || findings[1].plan == nil {
		t.Fatalf("%d findings, want 2 with a plan each", len(findings))
	}
	broken := *findings[0].plan
	broken.Edits = append(broken.Edits[:len(broken.Edits):len(broken.Edits)], rewrite.Edit{
		Op: rewrite.InsertAfter, At: l.pkg.Files[0].Syntax.Decls[0], Code: "var undefinedType noSuchType",
	})
	findings[0].plan = &broken
	change := r.fix(context.Background(), l, findings)
	if findings[0].problem == nil || !strings.Contains(findings[0].problem.Message, "noSuchType") {
		t.Errorf("the problem of the broken plan is %+v, want one about noSuchType", findings[0].problem)
	}
	if findings[1].problem != nil || change == nil {
		t.Errorf("the good plan went with it: %+v", findings[1].problem)
	}
}

// TestDeterministic holds that a run comes out the same each time.
func TestDeterministic(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"nil-check/two_in_one.txtar", "once-reset/textbook.txtar", "nil-check/textbook.txtar"} {
		archive, err := txtar.ParseFile(filepath.Join(inputs, name))
		if err != nil {
			t.Fatal(err)
		}
		sub := filepath.Join(dir, strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(name))
		unpack(t, sub, archive.Files)
		if err := os.Remove(filepath.Join(sub, "go.mod")); err != nil {
			t.Fatal(err)
		}
	}
	unpack(t, dir, nil)
	var first *report.Report
	for range 5 {
		res := mustRun(t, Options{Dir: dir, Patterns: []string{"./..."}, Audit: true})
		if first == nil {
			first = res.Report
			if len(first.Singletons) < 3 {
				t.Fatalf("found %d singletons, want one a case at least", len(first.Singletons))
			}
			continue
		}
		if diff := cmp.Diff(first, res.Report); diff != "" {
			t.Fatalf("the second run differs: -first +now\n%s", diff)
		}
	}
}
