package transaction

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// A filesystem is what a transaction asks of the disk. Names are relative to
// the tree, and cannot lead out of it. Tests have one that fails on demand.
type filesystem interface {
	Lstat(name string) (fs.FileInfo, error)
	ReadFile(name string) ([]byte, error)
	Create(name string, perm fs.FileMode) (file, error) // fails where there is one
	Rename(from, to string) error
	Remove(name string) error
	Mkdir(name string) error
	SyncDir(name string) error // its entries, not what is in them
}

type file interface {
	io.WriteCloser
	Stat() (fs.FileInfo, error)
	Chmod(fs.FileMode) error
	Chown(uid, gid int) error
	Sync() error
}

// disk is the real file system below a folder.
type disk struct{ root *os.Root }

func (d disk) Lstat(name string) (fs.FileInfo, error) { return d.root.Lstat(name) }
func (d disk) ReadFile(name string) ([]byte, error)   { return d.root.ReadFile(name) }
func (d disk) Rename(from, to string) error           { return d.root.Rename(from, to) }
func (d disk) Remove(name string) error               { return d.root.Remove(name) }
func (d disk) Mkdir(name string) error                { return d.root.Mkdir(name, 0o777) }

func (d disk) Create(name string, perm fs.FileMode) (file, error) {
	return d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
}

func (d disk) SyncDir(name string) error {
	dir, err := d.root.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = dir.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) || cannotSyncDirs {
		return nil // renames are as durable as this system makes them
	}
	return err
}
