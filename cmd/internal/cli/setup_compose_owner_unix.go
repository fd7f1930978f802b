//go:build !windows

package cli

import (
	"os"
	"syscall"
)

// ownerOf is the owner and the group of a file.
func ownerOf(info os.FileInfo) (uid, gid int, known bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}
