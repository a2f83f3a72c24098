//go:build !unix

package main

import (
	"os"
	"syscall"
)

// passedOn are the signals that a command of 'mock exec' gets, too.
var passedOn = []os.Signal{os.Interrupt, syscall.SIGTERM}

// ownerOnly leaves a socket as the system makes it.
func ownerOnly(string, string, syscall.RawConn) error { return nil }

// foreground reports whether a terminal interrupts this process and its children
// together: a console always does.
func foreground(*os.File) bool { return true }
