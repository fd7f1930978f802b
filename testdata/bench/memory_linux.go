package main

import (
	"os/exec"
	"syscall"
)

// maxMemory is the most memory in bytes that a command which has ended ever held.
func maxMemory(c *exec.Cmd) int64 {
	return c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}
