package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/write"
)

const module = "github.com/cfimages/cfimages"

// target is where the module's own packages are written.
var target = emit.Target{Root: module + "/gen", Fake: module + "/runtime/fake"}

func generate(t *testing.T, spec string, to emit.Target) []emit.File {
	t.Helper()
	files, err := Generate(spec, to)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestDrift compares gen/ with what the generator would write now.
func TestDrift(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for _, f := range generate(t, "../spec/images.yaml", target) {
		want[f.Path] = string(f.Content)
	}
	got := map[string]string{}
	err := filepath.WalkDir("../gen", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		rel, _ := filepath.Rel("../gen", path)
		got[filepath.ToSlash(rel)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range want {
		if got[path] != content {
			t.Errorf("gen/%s is not what the generator writes: run make gen", path)
		}
		delete(got, path)
	}
	for path := range got {
		t.Errorf("gen/%s is not written by the generator", path)
	}
}

func TestOutputIsDeterministic(t *testing.T) {
	t.Parallel()
	first := generate(t, "../spec/images.yaml", target)
	absolute, err := filepath.Abs("../spec/images.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again := generate(t, absolute, target)
		if !slices.EqualFunc(first, again, func(a, b emit.File) bool {
			return a.Path == b.Path && bytes.Equal(a.Content, b.Content)
		}) {
			t.Fatal("two runs differ")
		}
	}
}

// overlaid runs the go command on the module with files laid over it, as if
// they were there. Paths are relative to the module.
func overlaid(t *testing.T, files map[string][]byte, args ...string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for path, content := range files {
		laid := filepath.Join(dir, strings.ReplaceAll(path, "/", "_"))
		if err := os.WriteFile(laid, content, 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, filepath.FromSlash(path))] = laid
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	args = append([]string{args[0], "-overlay", list}, args[1:]...)
	goIn(t, root, args...)
}

func goIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// newModule makes dir a module that uses this one as it is on disk, and
// nothing that this one does not use.
func newModule(t *testing.T, dir, path string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("module "+module), []byte("module "+path), 1)
	text = fmt.Appendf(text, "\nrequire %[1]s v0.0.0\n\nreplace %[1]s => %[2]s\n", module, root)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	copyFile(t, "../go.sum", filepath.Join(dir, "go.sum"))
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// below returns the files with a folder in front of their paths.
func below(dir string, files []emit.File) map[string][]byte {
	out := map[string][]byte{}
	for _, f := range files {
		out[dir+"/"+f.Path] = f.Content
	}
	return out
}

// TestSpecOnlyChange adds an operation and filter operators to a copy of the
// specification, and nothing else anywhere. The client has the method, the
// server routes it, the mock answers the example and the suite covers it; the
// operators are constructed, sent, parsed and matched.
func TestSpecOnlyChange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../spec")); err != nil {
		t.Fatal(err)
	}
	spec := filepath.Join(dir, "images.yaml")
	text, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, edit := range []struct{ marker, addition string }{
		{"\npaths:\n", "testdata/change/path.yaml"},
		{"\n  schemas:\n", "testdata/change/schemas.yaml"},
		{"\n        operators:\n", "testdata/change/operators.yaml"},
	} {
		addition, err := os.ReadFile(edit.addition)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Count(text, []byte(edit.marker)) != 1 {
			t.Fatalf("the specification does not have %q once", edit.marker)
		}
		text = bytes.Replace(text, []byte(edit.marker), append([]byte(edit.marker), addition...), 1)
	}
	if err := os.WriteFile(spec, text, 0o600); err != nil {
		t.Fatal(err)
	}
	files := below("gen", generate(t, spec, target))
	files["internal/system/change_test.go"], err = os.ReadFile("testdata/change/change_test.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	overlaid(t, files, "build", "./...")
	overlaid(t, files, "test", "-count=1", "./internal/system")
}

// TestOtherAPI generates a small API that has nothing in common with the
// module's own, and uses it.
func TestOtherAPI(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := generate(t, "testdata/other/library.yaml", emit.Target{Root: "library.example/gen"})
	if err := write.Write(filepath.Join(dir, "gen"), files); err != nil {
		t.Fatal(err)
	}
	newModule(t, dir, "library.example")
	copyFile(t, "testdata/other/library_test.go.txt", filepath.Join(dir, "library_test.go"))
	goIn(t, dir, "vet", "./...")
	goIn(t, dir, "test", "-count=1", "./...")
}
