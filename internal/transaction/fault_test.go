package transaction

import (
	"errors"
	"io/fs"
)

var errFault = errors.New("injected fault")

// errKilled is what a killed process is stopped with.
var errKilled = errors.New("killed")

// A faulty file system does what the disk below it does, until it has been
// asked for at operations; what then happens says its kind. It does not wait
// for the disk.
type faulty struct {
	filesystem
	at   int // the operation that fails, counted from 0
	kind faultKind
	done int // operations that were asked for
}

// never is the operation of a faulty file system without faults.
const never = -1

type faultKind int

const (
	failOnce    faultKind = iota // that operation fails, and those after it work
	failOn                       // that operation and all after it fail, as of a full or lost disk
	killInstead                  // the process dies in place of the operation
	killHalfway                  // the process dies in the middle of it: half of a content is written
)

// step counts an operation, and reports how it is to end.
func (f *faulty) step() (err error, half bool) {
	n := f.done
	f.done++
	switch {
	case n < f.at || n > f.at && f.kind != failOn:
		return nil, false
	case f.kind == killInstead:
		panic(errKilled)
	case f.kind == killHalfway:
		return nil, true
	}
	return errFault, false
}

// op carries out an operation that is not made of parts: a kill in the middle
// of it comes right after it.
func (f *faulty) op(do func() error) error {
	err, half := f.step()
	if err != nil {
		return err
	}
	err = do()
	if half {
		panic(errKilled)
	}
	return err
}

func (f *faulty) Lstat(name string) (info fs.FileInfo, err error) {
	err = f.op(func() error { info, err = f.filesystem.Lstat(name); return err })
	return info, err
}

func (f *faulty) ReadFile(name string) (content []byte, err error) {
	err = f.op(func() error { content, err = f.filesystem.ReadFile(name); return err })
	return content, err
}

func (f *faulty) Create(name string, perm fs.FileMode) (created file, err error) {
	err = f.op(func() error { created, err = f.filesystem.Create(name, perm); return err })
	return &faultyFile{created, f}, err
}

func (f *faulty) Rename(from, to string) error {
	return f.op(func() error { return f.filesystem.Rename(from, to) })
}

func (f *faulty) Remove(name string) error {
	return f.op(func() error { return f.filesystem.Remove(name) })
}

func (f *faulty) Mkdir(name string) error {
	return f.op(func() error { return f.filesystem.Mkdir(name) })
}

func (f *faulty) SyncDir(name string) error {
	return f.op(func() error { return nil }) // no test pulls the plug
}

type faultyFile struct {
	file
	on *faulty
}

func (f *faultyFile) Write(content []byte) (int, error) {
	err, half := f.on.step()
	if err != nil {
		n, _ := f.file.Write(content[:len(content)/2]) // as much as there was room for
		return n, err
	}
	if half {
		f.file.Write(content[:len(content)/2])
		panic(errKilled)
	}
	return f.file.Write(content)
}

func (f *faultyFile) Chmod(mode fs.FileMode) error {
	return f.on.op(func() error { return f.file.Chmod(mode) })
}

func (f *faultyFile) Chown(uid, gid int) error {
	return f.on.op(func() error { return f.file.Chown(uid, gid) })
}

func (f *faultyFile) Sync() error { return f.on.op(func() error { return nil }) }

func (f *faultyFile) Close() error { return f.on.op(f.file.Close) }
