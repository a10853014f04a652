package transaction

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzJournal holds that no journal, which may have come with a module from
// anywhere, makes entering the module overwrite or remove a file of the user's.
func FuzzJournal(f *testing.F) {
	old, other := hash([]byte("old a.go")), hash([]byte("other"))
	f.Add([]byte(`{"version":1,"files":[{"name":"a.go","before":"` + other + `","after":"` + old + `","new":".singletonfix-1","old":".singletonfix-2"}]}`))
	f.Add([]byte(`{"version":1,"files":[{"name":"b.go","after":"` + old + `","new":"./a.go","old":"a.go"}],"dirs":["sub","."]}`))
	f.Add([]byte(`{"version":1,"files":[{"name":"sub/a.go","after":"` + other + `","new":"sub/../a.go","old":"sub/.singletonfix-/../a.go"}]}`))
	f.Fuzz(func(t *testing.T, journal []byte) {
		dir, _ := newModule(t, "a.go", "sub/b.go")
		put(t, filepath.Join(dir, journalName), string(journal))
		tree, err := Enter(t.Context(), dir, true, func() {})
		if err == nil {
			tree.Leave()
			os.Remove(filepath.Join(dir, journalDraft))
		}
		for _, name := range []string{"a.go", "sub/b.go"} {
			if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != "old "+name {
				t.Errorf("%s holds %q, %v", name, got, err)
			}
		}
	})
}
