package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/write"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden generates each feature's specification, compares the files that
// its archive names, and compiles everything. An archive's spec.yaml is what
// follows base.yaml, in which its schemas come last.
func TestGolden(t *testing.T) {
	t.Parallel()
	base, err := os.ReadFile("testdata/golden/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	dir := t.TempDir()
	newModule(t, dir, "golden.example")
	for _, path := range archives {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			golden(t, path, base, filepath.Join(dir, name), "golden.example/"+name)
		})
	}
	if !t.Failed() {
		goIn(t, dir, "vet", "./...")
	}
}

func golden(t *testing.T, path string, base []byte, dir, root string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if archive.Files[0].Name != "spec.yaml" {
		t.Fatal("the first file must be spec.yaml")
	}
	spec := filepath.Join(t.TempDir(), "spec.yaml")
	text := append(bytes.Clone(base), archive.Files[0].Data...)
	if err := os.WriteFile(spec, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, config := range []string{"oapi-codegen.models.yaml", "oapi-codegen.server.yaml"} {
		copyFile(t, "../spec/"+config, filepath.Join(filepath.Dir(spec), config))
	}
	files := generate(t, spec, emit.Target{Root: root})
	if err := write.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	made := map[string][]byte{}
	for _, f := range files {
		made[f.Path] = f.Content
	}
	for i, want := range archive.Files[1:] {
		got, ok := made[want.Name]
		switch {
		case !ok:
			t.Errorf("%s is not generated", want.Name)
		case *update:
			archive.Files[i+1].Data = got
		case !bytes.Equal(got, want.Data):
			t.Errorf("%s is\n%s\nwant\n%s\n(-update rewrites it)", want.Name, got, want.Data)
		}
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
