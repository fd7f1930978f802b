package probe

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// What the system says.
var (
	refused = []syscall.Errno{windows.WSAECONNREFUSED}
	noRoute = []syscall.Errno{windows.WSAEHOSTUNREACH, windows.WSAENETUNREACH, windows.WSAEHOSTDOWN}
	reset   = []syscall.Errno{windows.WSAECONNRESET, windows.WSAECONNABORTED}
)
