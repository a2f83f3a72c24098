//go:build !race

package conformance_test

const slow = false
