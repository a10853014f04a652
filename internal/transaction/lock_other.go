//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package transaction

// tryLock locks nothing: runs are not kept apart here. That each file is still
// what was read is checked all the same.
func (l *lock) tryLock(bool) error { return nil }
