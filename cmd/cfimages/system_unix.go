//go:build unix

package main

import (
	"os"
	"syscall"
	"unsafe"
)

// passedOn are the signals that a command of 'mock exec' gets, too.
var passedOn = []os.Signal{os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2}

// ownerOnly lets only the owner open a socket, from the moment it is there.
func ownerOnly(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) }) // only Linux can do it
}

// foreground reports whether a file is the terminal that interrupts this process
// and its children together.
func foreground(f *os.File) bool {
	var group int32
	_, _, no := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGPGRP, uintptr(unsafe.Pointer(&group))) //nolint:gosec // what the call wants
	return no == 0 && int(group) == syscall.Getpgrp()
}
