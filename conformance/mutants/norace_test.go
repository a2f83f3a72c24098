//go:build !race

package mutants_test

const everyNth = 1
