package jenx

import (
	"fmt"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"
)

// TestNoCommentIsABuildConstraint renders what gofmt would move to the top of
// the file and take for a constraint.
func TestNoCommentIsABuildConstraint(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"x\n\n+build ignore", "+build ignore", strings.Repeat("word ", 15) + "+build ignore"} {
		f := jen.NewFile("a")
		f.Add(Doc(text, jen.Type().Id("A").Struct()))
		source := fmt.Sprintf("%#v", f)
		if strings.Contains(source, "//go:build") || strings.Contains(source, "// +build") {
			t.Errorf("%q gives\n%s", text, source)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "a.go", source, 0); err != nil {
			t.Error(err)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	lines := Wrap(strings.Repeat("word ", 40) + "\n\nlast")
	for _, line := range lines {
		if len(line) > width {
			t.Errorf("%q is too long", line)
		}
	}
	if n := len(lines); n != 5 || lines[n-2] != "" || lines[n-1] != "last" {
		t.Errorf("got %q", lines)
	}
}
