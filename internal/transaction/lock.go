package transaction

import (
	"context"
	"errors"
	"os"
	"time"
)

// A lock orders processes on one tree: many that read it, or one that writes.
// The system gives it up when a process ends, however it ends, so none is ever
// stale; and it is no file in the tree.
type lock struct {
	root  string
	file  *os.File
	write bool // held for writing
}

func newLock(root string) *lock { return &lock{root: root} }

// errBusy is what tryLock says where another process holds the lock.
var errBusy = errors.New("another process holds it")

// lockPoll is how often a lock is asked for that another process holds.
const lockPoll = 50 * time.Millisecond

// acquire waits for the lock, and calls wait before it does. One that is held
// for writing stays so. While a lock is turned from one into the other,
// somebody else may come in between.
func (l *lock) acquire(ctx context.Context, write bool, wait func()) error {
	if l.write || l.file != nil && !write {
		return nil
	}
	for waited := false; ; waited = true {
		err := l.tryLock(write)
		if !errors.Is(err, errBusy) {
			l.write = write && err == nil
			return err
		}
		if !waited {
			wait()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

func (l *lock) release() {
	if l.file != nil {
		l.file.Close()
		l.file, l.write = nil, false
	}
}
