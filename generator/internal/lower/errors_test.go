package lower_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/generator/internal/lower"
)

var update = flag.Bool("update", false, "rewrite the wanted messages in testdata")

const errorsDir = "../../testdata/errors"

// TestErrors reads specifications with mistakes. Every mistake must be told,
// at its place and in the order of the text.
func TestErrors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(errorsDir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 25 {
		t.Fatalf("%d files in %s, want at least 25", len(files), errorsDir)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { testErrors(t, file) })
	}
}

func testErrors(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spec, want := section(archive, "spec.yaml"), section(archive, "want.txt")
	if spec == nil || want == nil {
		t.Fatal("spec.yaml or want.txt is missing")
	}
	got := messages(t, spec.Data)
	if *update {
		want.Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got != string(want.Data) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want.Data)
	}
}

func section(a *txtar.Archive, name string) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == name {
			return &a.Files[i]
		}
	}
	return nil
}

// messages returns everything that is wrong with a specification. Each line
// must have a position.
func messages(t *testing.T, spec []byte) string {
	t.Helper()
	d, err := load.Load("spec.yaml", spec)
	if err == nil {
		_, err = lower.Lower(d)
	}
	if err == nil {
		t.Fatal("no mistake found")
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !regexp.MustCompile(`^spec\.yaml:\d+:\d+: .`).MatchString(line) {
			t.Errorf("no position in %q", line)
		}
	}
	return err.Error() + "\n"
}
