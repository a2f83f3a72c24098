//go:build race

package conformance_test

// slow is whether the race detector makes the whole suite a matter of many
// seconds. Then it runs on one mount, and what is safe on the others; make
// conformance runs all on each.
const slow = true
