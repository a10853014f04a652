//go:build unix

package transaction

import (
	"io/fs"
	"syscall"
)

const cannotSyncDirs = false

// ownerOf returns who a file belongs to.
func ownerOf(info fs.FileInfo) (uid, gid int) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid), int(st.Gid)
	}
	return 0, 0
}
