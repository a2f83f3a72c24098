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
		"gen/api", "gen/client", "runtime/contract", "runtime/metafilter", "runtime/rest",
	}
	var mine, foreign []string
	for _, path := range dependencies(t, "./gen/client") {
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
	if all := listed(t, "{{.ImportPath}}", "./gen/client"); slices.Contains(all, "regexp") || !slices.Contains(all, "net/http") {
		t.Error("the client imports package regexp, which is a quarter of a megabyte and which net/http does without")
	}
}

// TestImportsOfTheMock keeps what transforms images out of programs that import
// the mock: only those that deliver images need it.
func TestImportsOfTheMock(t *testing.T) {
	t.Parallel()
	deps := dependencies(t, "./gen/mock")
	for _, name := range []string{"runtime/imaging", "runtime/deliver"} {
		if slices.Contains(deps, module+name) {
			t.Errorf("the mock imports %s", name)
		}
	}
	if !slices.Contains(deps, module+"runtime/origin") {
		t.Error("the mock does not import what delivery asks it for: the test looks for the wrong names")
	}
}

// TestOnlyTheCommandHasSQLite keeps the database out of programs that import the
// mock. The command does have it, so the test looks for the right name.
func TestOnlyTheCommandHasSQLite(t *testing.T) {
	t.Parallel()
	for of, want := range map[string]bool{"./gen/mock": false, "./runtime/fake": false, "./conformance": false, "./cmd/cfimages": true} {
		if got := slices.Contains(dependencies(t, of), "modernc.org/sqlite"); got != want {
			t.Errorf("%s imports SQLite: %t", of, got)
		}
	}
}

// dependencies are the packages that a package imports, directly or not, without
// those of the standard library.
func dependencies(t *testing.T, of string) []string {
	t.Helper()
	return listed(t, "{{if not .Standard}}{{.ImportPath}}{{end}}", of)
}

// listed is what a template says of all packages that a package is built from.
func listed(t *testing.T, template, of string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", template, of)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}
