package system

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/cfimages/cfimages/"

// TestImportsOfTheClient guards what a program compiles that imports the client:
// the standard library and these packages of this module, which are what the
// client is made of. None is of another module.
func TestImportsOfTheClient(t *testing.T) {
	t.Parallel()
	own := []string{
		"gen/api", "gen/client", "gen/filter", "runtime/call", "runtime/contract", "runtime/form", "runtime/jsonscan",
		"runtime/metafilter", "runtime/page", "runtime/rest",
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./gen/client")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mine, foreign []string
	for path := range strings.FieldsSeq(string(out)) {
		if name, ok := strings.CutPrefix(path, module); ok {
			mine = append(mine, name)
		} else {
			foreign = append(foreign, path)
		}
	}
	if len(foreign) > 0 {
		t.Errorf("the client imports %v of other modules", foreign)
	}
	if slices.Sort(mine); !slices.Equal(mine, own) {
		t.Errorf("the client is made of\n%v, not of\n%v", mine, own)
	}
}
