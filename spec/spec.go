// Package spec holds the specification, so that the generator has it wherever
// it runs.
package spec

import _ "embed"

// Images is images.yaml.
//
//go:embed images.yaml
var Images []byte
