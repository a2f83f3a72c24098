//go:build tools

// Package tools keeps the programs that go.mod's tool lines name among the
// module's direct requirements.
package tools

import (
	_ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"
	_ "github.com/onsi/ginkgo/v2/ginkgo"
)
