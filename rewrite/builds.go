package rewrite

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// LeftUses returns the Go files that build constraints leave out and that use
// a variable of s by name.
func LeftUses(s *detect.Singleton) []*detect.File {
	d := newDraft(s, doublecheck)
	var files []*detect.File
	for _, f := range d.pkg.Left {
		if f.Syntax != nil && d.variableWhere(func(name string) bool { return d.usesName(f, name) }) != nil {
			files = append(files, f)
		}
	}
	return files
}

// Declares returns the package-level names that the plan adds.
func (p *Plan) Declares() []string {
	var names []string
	for _, e := range p.Edits {
		names = append(names, declares(e)...)
	}
	return names
}

// withBuilds adds to changes those that the plans make in other builds.
func withBuilds(changes []Change, plans []*Plan) ([]Change, error) {
	for _, p := range plans {
		for _, c := range p.Builds {
			at := slices.IndexFunc(changes, func(d Change) bool { return d.File.Name == c.File.Name })
			if at < 0 {
				changes = append(changes, c)
				continue
			}
			both, ok := Together(c.Before, changes[at].After, c.After)
			if !ok || !bytes.Equal(c.Before, changes[at].Before) {
				return nil, fmt.Errorf("rewrite %s: %s: two fixes change the same code; apply one after the other", p.name(), c.File.Name)
			}
			changes[at].After = both
		}
	}
	return changes, nil
}
