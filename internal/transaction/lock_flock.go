//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package transaction

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks the root folder itself. Where a file system knows no locks
// on folders, runs are not kept apart; that each file is still what was read
// is checked all the same.
func (l *lock) tryLock(write bool) error {
	if l.file == nil {
		f, err := os.Open(l.root)
		if err != nil {
			return err
		}
		l.file = f
	}
	how := syscall.LOCK_SH
	if write {
		how = syscall.LOCK_EX
	}
	for {
		err := syscall.Flock(int(l.file.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errBusy
		case errors.Is(err, syscall.EBADF), errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.EINVAL), errors.Is(err, errors.ErrUnsupported):
			return nil
		}
		return err
	}
}
