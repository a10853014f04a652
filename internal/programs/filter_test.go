package programs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
	"github.com/singletonfix/singletonfix/internal/programs"
)

// TestFilterDropsNoProgram looks for singletons in the programs that the
// filter of package load drops: there are none.
func TestFilterDropsNoProgram(t *testing.T) {
	n := uint64(500)
	if testing.Short() {
		n = 100
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), "module before\n\ngo 1.26\n")
	for i := range n {
		p := programs.New(*seed, *first+i)
		for _, f := range p.Files {
			writeFile(t, filepath.Join(dir, p.Name, f.Name), f.Text)
		}
	}
	kept := make(map[string]bool)
	for _, p := range scan(t, &load.Config{Dir: dir}) {
		kept[p.Path] = true
	}
	dropped := 0
	for _, p := range scan(t, &load.Config{Dir: dir, All: true}) {
		if kept[p.Path] {
			continue
		}
		dropped++
		for _, s := range detect.Find(p) {
			if !s.InTests() {
				t.Errorf("%s: the filter drops %s (%s)", p.Fset.Position(s.Vars[0].Obj.Pos()), s.Vars[0].Name(), s.Pattern)
			}
		}
	}
	if dropped == 0 {
		t.Errorf("the filter drops none of %d programs", n)
	}
}

func scan(t *testing.T, c *load.Config) []*detect.Package {
	t.Helper()
	set, err := c.Scan([]string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	return set.Packages
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
