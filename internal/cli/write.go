package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/transaction"
)

// writeAll writes the changes of each package, all of a package or none of
// it. A package that cannot be written becomes an error of the report; only
// an interrupt keeps the others from being written.
func writeAll(ctx context.Context, modules *modules, res *driver.Result) error {
	failed := make(map[*driver.Package]bool)
	for _, p := range res.Packages {
		if ctx.Err() != nil {
			return errors.New("interrupted; the packages reported as fixed are written as a whole, the others are as they were")
		}
		if failed[p.Needs] {
			res.WriteFailed(p, fmt.Errorf("write %s: it needs %s, which could not be written; nothing of the package was changed", p.Path, p.Needs.Path))
			continue
		}
		if err := writePackage(ctx, modules, p); err != nil {
			failed[p] = true
			res.WriteFailed(p, err)
			continue
		}
		res.Written(p)
	}
	return nil
}

// writePackage writes the changes of p, or none of them. The error says what
// has become of its files.
func writePackage(ctx context.Context, modules *modules, p *driver.Package) error {
	tree := modules.trees[p.Root]
	if tree == nil {
		return fmt.Errorf("write %s: it is in %s, which is none of the modules that were looked at", p.Path, p.Root)
	}
	var files []transaction.File
	for _, c := range p.Changes {
		files = append(files, transaction.File{Name: c.File.Name, Before: c.Before, After: c.After})
	}
	err := tree.Replace(ctx, files)
	switch {
	case errors.Is(err, transaction.ErrUnfinished):
		return fmt.Errorf("write %s: %w", p.Path, err)
	case err != nil:
		return fmt.Errorf("write %s: %w; nothing of the package was changed", p.Path, err)
	}
	return nil
}
