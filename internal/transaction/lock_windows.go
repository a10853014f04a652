package transaction

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

const (
	fileFlagDeleteOnClose = 0x04000000
	errorSharingViolation = syscall.Errno(32)
)

// tryLock opens a file of the temporary folder, named for the root, that the
// system deletes when it is closed: readers share it, a writer does not.
func (l *lock) tryLock(write bool) error {
	l.release()
	name, err := syscall.UTF16PtrFromString(filepath.Join(os.TempDir(), "singletonfix-"+hash([]byte(l.root))[:24]+".lock"))
	if err != nil {
		return err
	}
	share := uint32(syscall.FILE_SHARE_READ | syscall.FILE_SHARE_WRITE | syscall.FILE_SHARE_DELETE)
	if write {
		share = 0
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ, share, nil, syscall.OPEN_ALWAYS, fileFlagDeleteOnClose, 0)
	if errors.Is(err, errorSharingViolation) || errors.Is(err, syscall.ERROR_ACCESS_DENIED) {
		return errBusy // or just being deleted
	}
	if err != nil {
		return err
	}
	l.file = os.NewFile(uintptr(h), "lock")
	return nil
}
