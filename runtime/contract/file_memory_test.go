package contract_test

import (
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
)

func TestInMemory(t *testing.T) {
	for _, tt := range []struct {
		name  string
		file  *contract.File
		text  string
		fixed bool
	}{
		{"bytes", contract.Bytes("a", []byte("xy")), "xy", false},
		{"received", contract.Owned("a", []byte("xy")), "xy", true},
		{"received, renamed", contract.Owned("a", []byte("xy")).WithName("b"), "xy", true},
		{"another size", contract.Owned("a", []byte("xy")).WithSize(1), "", false},
		{"with progress", contract.Bytes("a", []byte("xy")).WithProgress(func(int64, int64) {}), "", false},
		{"reader", contract.Reader("a", strings.NewReader("xy")), "", false},
		{"nothing", &contract.File{}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if text, fixed := contract.InMemory(tt.file); string(text) != tt.text || fixed != tt.fixed {
				t.Errorf("%q, %v", text, fixed)
			}
		})
	}
}
