package transaction

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// killsVar is the variable with the number of processes to kill; the default
// is few enough for every run of the tests.
const killsVar = "SINGLETONFIX_KILLS"

// victimVar has the test binary replace the files of the folder it names, for
// ever, instead of testing.
const victimVar = "SINGLETONFIX_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimVar); dir != "" {
		fmt.Fprintln(os.Stderr, replaceForEver(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

var victimFiles = []string{"a.go", "b/b.go", "b/b_test.go", "c.go", "d/d.go"}

// victimContent is long enough to be killed in the middle of.
func victimContent(name, generation string) []byte {
	return bytes.Repeat([]byte(generation+" "+name+"\n"), 10_000)
}

// replaceForEver turns the files of dir from "old" to "new" and back, and has
// a new file come up; it returns only with an error.
func replaceForEver(dir string) error {
	for {
		tree, err := Enter(context.Background(), dir, true, func() {})
		if err != nil {
			return err
		}
		before, after := "old", "new"
		if generation, err := generationOf(dir); err != nil || generation == "new" {
			before, after = "new", "old"
		}
		lazy := filepath.Join(dir, "internal/lazy/lazy.go")
		os.RemoveAll(filepath.Dir(lazy)) // the test's doing, not the transaction's
		files := []File{{Name: lazy, After: victimContent("lazy", after)}}
		for _, name := range victimFiles {
			files = append(files, File{Name: filepath.Join(dir, name), Before: victimContent(name, before), After: victimContent(name, after)})
		}
		if err := tree.Replace(context.Background(), files); err != nil {
			return err
		}
		tree.Leave()
	}
}

// generationOf returns which content all files of dir have, an error where
// one is not whole or they are not of one generation.
func generationOf(dir string) (string, error) {
	generation := ""
	for _, name := range victimFiles {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		found := string(content[:min(3, len(content))])
		if !bytes.Equal(content, victimContent(name, found)) {
			return "", fmt.Errorf("%s is not whole: %d bytes", name, len(content))
		}
		if generation != "" && found != generation {
			return "", fmt.Errorf("%s is %s, the files before it are %s", name, found, generation)
		}
		generation = found
	}
	return generation, nil
}

// TestKill kills a process that replaces files at random points. Until
// somebody else enters the tree each file is whole, and from then on all are of
// one generation, with nothing beside them.
func TestKill(t *testing.T) {
	kills := 40
	if s := os.Getenv(killsVar); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", killsVar, err)
		}
		kills = n
	}
	dir, _ := newModule(t)
	for _, name := range victimFiles {
		put(t, filepath.Join(dir, name), string(victimContent(name, "old")))
	}
	ends := map[string]int{}
	for i := range kills {
		kill(t, dir)
		checkWhole(t, dir)
		ends[endOf(t, dir)]++
		if t.Failed() {
			t.Fatalf("after kill %d", i+1)
		}
	}
	t.Logf("%d kills: %v", kills, ends)
}

// kill starts a victim, and kills it when it has just begun or is at it.
func kill(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimVar+"="+dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(10*time.Millisecond + rand.N(80*time.Millisecond))
	cmd.Process.Kill()
	cmd.Wait()
	if stderr.Len() > 0 {
		t.Errorf("the victim ended by itself: %s", &stderr)
	}
}

// checkWhole holds that every Go file is one generation or the other.
func checkWhole(t *testing.T, dir string) {
	t.Helper()
	for _, name := range victimFiles {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(content, victimContent(name, "old")) && !bytes.Equal(content, victimContent(name, "new")) {
			t.Errorf("%s is not whole: %d bytes", name, len(content))
		}
	}
}

// endOf enters the tree after a kill, holds that all is well then, and
// returns what had to be done for it.
func endOf(t *testing.T, dir string) string {
	t.Helper()
	_, leftovers := os.Stat(filepath.Join(dir, journalName))
	tree := enter(t, dir)
	defer tree.Leave()
	if _, err := generationOf(dir); err != nil {
		t.Error(err)
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if strings.HasPrefix(d.Name(), tempPrefix) {
			t.Errorf("%s is left behind", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case len(tree.Said) > 0:
		return "finished"
	case leftovers == nil:
		return "cleaned up"
	}
	return "nothing to do"
}
