package load

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// A tree that somebody else made may hold anything under the name of a Go
// file. No larger file is read, and no larger package parsed: the syntax and
// types of code take some 150 times its bytes.
const (
	maxFile    = 64 << 20
	maxPackage = 16 << 20
)

// read returns a file's content, that of the overlay first.
func (c *Config) read(name string) ([]byte, error) {
	if src, ok := c.Overlay[name]; ok {
		return src, nil
	}
	return readFile(name)
}

// readFile is os.ReadFile for files that end.
func readFile(name string) ([]byte, error) {
	f, size, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src := make([]byte, size)
	n, err := io.ReadFull(f, src)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil // somebody has just cut it
	}
	return src[:n], err
}

// openFile opens a file that ends, and returns its size. To open a pipe does
// not wait for its other end.
func openFile(name string) (*os.File, int, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil {
		err = readable(name, info)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, int(info.Size()), nil
}

func readable(name string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return fmt.Errorf("%s is a folder: %w", name, fs.ErrNotExist)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is %s, not a file; move it out of the way", name, kind(info.Mode()))
	case info.Size() > maxFile:
		return fmt.Errorf("%s has %d MB, and singletonfix reads files of up to %d MB", name, info.Size()>>20, maxFile>>20)
	}
	return nil
}

func kind(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else" // of a system that knows more
}
