//go:build !unix

package transaction

import "io/fs"

const cannotSyncDirs = true

// ownerOf returns the same for all files: a new one belongs to whom it should.
func ownerOf(fs.FileInfo) (uid, gid int) { return 0, 0 }
