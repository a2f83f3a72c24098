package conformance

import (
	"os/exec"
	"syscall"
)

// detach keeps the signals of a console from a process, see detach_unix.go.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
