package write

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cfimages/cfimages/generator/internal/emit"
)

const head = "// " + marker + "from x.yaml. DO NOT EDIT.\n"

func file(path, text string) emit.File { return emit.File{Path: path, Content: []byte(head + text)} }

func TestWriteMakesTheFolderHoldTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, Write(dir, []emit.File{file("a/a.gen.go", "1"), file("b/c/c.md", "2"), file("b/d.gen.go", "3")}))
	own := filepath.Join(dir, "a", "own.go")
	must(t, os.WriteFile(own, []byte("package a\n"), 0o600))
	old := time.Now().Add(-time.Hour)
	must(t, os.Chtimes(filepath.Join(dir, "a", "a.gen.go"), old, old))
	must(t, Write(dir, []emit.File{file("a/a.gen.go", "1"), file("b/d.gen.go", "4")}))

	for path, want := range map[string]string{"a/a.gen.go": head + "1", "b/d.gen.go": head + "4", "a/own.go": "package a\n"} {
		got, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v", path, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "b", "c")); !os.IsNotExist(err) {
		t.Errorf("what is no longer made stays: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "a", "a.gen.go")); err != nil || !info.ModTime().Equal(old.Truncate(0)) {
		t.Errorf("an unchanged file is written again: %v, %v", info.ModTime(), err)
	}
}

func TestWriteRefusesWhatItCouldNotRemove(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := Write(dir, []emit.File{{Path: "a.go", Content: []byte("package a\n")}}); err == nil {
		t.Error("a file without the marker is written")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
