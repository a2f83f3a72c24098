package form

import (
	"strings"
	"testing"
)

func TestInMemory(t *testing.T) {
	one := int64(1)
	for _, tt := range []struct {
		name  string
		file  *File
		text  string
		fixed bool
	}{
		{"bytes", Bytes("a", []byte("xy")), "xy", false},
		{"received", &File{src: memorySource("xy"), own: true}, "xy", true},
		{"received, renamed", (&File{src: memorySource("xy"), own: true}).WithName("b"), "xy", true},
		{"another size", &File{src: memorySource("xy"), own: true, declared: &one}, "", false},
		{"with progress", Bytes("a", []byte("xy")).WithProgress(func(int64, int64) {}), "", false},
		{"reader", Reader("a", strings.NewReader("xy")), "", false},
		{"nothing", &File{}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if text, fixed := InMemory(tt.file); string(text) != tt.text || fixed != tt.fixed {
				t.Errorf("%q, %v", text, fixed)
			}
		})
	}
}
