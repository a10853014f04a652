package race

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// most is how many bytes of a package's folder are copied.
const most = 64 << 20

// mirror makes a stand-in for the folder dir of the module at root, below
// temp: tests find there what they find in dir and in the folders above it,
// and what they write lands there. It returns the stand-in's name.
//
// The folder's own files are copied; what stands beside it in the module, and
// what is too large, is linked to.
func mirror(root, dir, temp string) (string, error) {
	rel, err := filepath.Rel(root, dir)
	if err != nil || !filepath.IsLocal(rel) {
		root, rel = dir, "."
	}
	from, to := root, temp
	if err := os.Mkdir(to, 0o777); err != nil {
		return "", err
	}
	if rel != "." {
		for _, part := range splitPath(rel) {
			if err := linkAll(from, to, part); err != nil {
				return "", err
			}
			from, to = filepath.Join(from, part), filepath.Join(to, part)
			if err := os.Mkdir(to, 0o777); err != nil {
				return "", err
			}
		}
	}
	info, err := os.Stat(temp)
	if err != nil {
		return "", err
	}
	c := &copier{left: most, itself: info}
	return to, c.tree(from, to)
}

// splitPath returns the elements of a relative path.
func splitPath(rel string) []string {
	dir, last := filepath.Split(rel)
	if dir == "" {
		return []string{last}
	}
	return append(splitPath(filepath.Clean(dir)), last)
}

// linkAll links what is in from, except one name, into to.
func linkAll(from, to, except string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == except {
			continue
		}
		if err := os.Symlink(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// A copier copies trees until it has copied enough.
type copier struct {
	left   int64
	itself fs.FileInfo // the folder that is copied to: it may stand in the tree
}

func (c *copier) tree(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		old, name := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		switch {
		case e.IsDir() && c.isItself(e):
			continue
		case e.IsDir() && e.Name() != ".git" && e.Name() != "node_modules" && e.Name() != "vendor":
			if err := os.Mkdir(name, 0o777); err != nil {
				return err
			}
			err = c.tree(old, name)
		case e.Type().IsRegular() && c.fits(e):
			err = copyFile(old, name)
		default:
			err = os.Symlink(old, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) isItself(e fs.DirEntry) bool {
	info, err := e.Info()
	return err == nil && os.SameFile(info, c.itself)
}

// fits reports whether a file may still be copied.
func (c *copier) fits(e fs.DirEntry) bool {
	info, err := e.Info()
	if err != nil || info.Size() > c.left {
		return false
	}
	c.left -= info.Size()
	return true
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
