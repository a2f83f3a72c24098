//go:build !unix && !windows

package conformance

import "os/exec"

// detach does nothing where there are no groups of processes.
func detach(*exec.Cmd) {}
