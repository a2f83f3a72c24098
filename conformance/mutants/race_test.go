//go:build race

package mutants_test

// everyNth is the share of the mutants that TestKillers runs: the race detector
// makes all of them a matter of minutes, and `make score` runs them without it.
const everyNth = 12
