//go:build unix

package conformance

import (
	"os/exec"
	"syscall"
)

// detach keeps the signals of a terminal from a process. The workers are
// stopped by their lifeline; Ginkgo would take a signal beside it for a second
// demand and give up cleaning.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
