//go:build race

package realinput

// buildFlags makes the command look for data races when the tests do; one that
// is found shows in the exit status.
var buildFlags = []string{"-race"}
