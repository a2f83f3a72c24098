//go:build race

package main

// slow is whether the race detector makes the whole suite a matter of many
// seconds. Then only what is safe on a real account runs on a data folder; `make
// conformance` runs all.
const slow = true
