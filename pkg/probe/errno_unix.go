//go:build !windows

package probe

import "syscall"

// What the system says.
var (
	refused = []syscall.Errno{syscall.ECONNREFUSED}
	noRoute = []syscall.Errno{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN}
	reset   = []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE}
)
