//go:build !race

package realinput

var buildFlags []string
