package cli

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/internal/transaction"
)

// modules are those that a run looks at. While it does, no other run writes
// to them; and if it writes itself, no other one looks at them.
type modules struct {
	write  bool
	stderr io.Writer

	mu    sync.Mutex
	trees map[string]*transaction.Tree // by root
}

// enter takes hold of the modules at roots, and reports whether that changed
// files: what an earlier run had begun to write is finished first, or undone.
func (m *modules) enter(ctx context.Context, roots []string) (changed bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, root := range roots {
		tree, err := transaction.Enter(ctx, root, m.write, func() {
			fmt.Fprintf(m.stderr, "singletonfix: waiting for another run of singletonfix in %s\n", root)
		})
		if err != nil {
			return changed, err
		}
		m.trees[root] = tree
		for _, said := range tree.Said {
			fmt.Fprintln(m.stderr, "singletonfix:", report.Plain(said))
		}
		changed = changed || len(tree.Said) > 0
	}
	return changed, nil
}

// leave lets other runs in.
func (m *modules) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for root, tree := range m.trees {
		tree.Leave()
		delete(m.trees, root)
	}
}
