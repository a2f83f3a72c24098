package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/cfimages/cfimages/generator/internal/metadata"
)

// exampleSchema is how `make gen` makes examples/photo.
var exampleSchema = schemaOptions{
	Schema: "../examples/photo/photo.schema.json", Package: "photo", Type: "Photo", Root: module + "/gen",
}

// TestMetadataDrift compares examples/photo with what the generator would write
// now.
func TestMetadataDrift(t *testing.T) {
	t.Parallel()
	f, err := GenerateMetadata(exampleSchema)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../examples/photo/" + f.Path)
	if err != nil || !bytes.Equal(got, f.Content) {
		t.Errorf("examples/photo/%s is not what the generator writes: run make gen (%v)", f.Path, err)
	}
	marker := regexp.MustCompile(`^// Code generated .* DO NOT EDIT\.\n`)
	if !marker.Match(f.Content) {
		t.Errorf("the first line is %.80q", f.Content)
	}
	for range 5 {
		again, err := GenerateMetadata(exampleSchema)
		if err != nil || !bytes.Equal(again.Content, f.Content) {
			t.Fatalf("two runs differ (%v)", err)
		}
	}
}

// archived unpacks an archive's schema and returns the options it asks for: the
// flags of its file args, or none.
func archived(t *testing.T, archive *txtar.Archive) (o schemaOptions, dir string) {
	t.Helper()
	dir = t.TempDir()
	o = schemaOptions{Schema: archive.Files[0].Name, Package: "golden", Type: "Photo", Root: module + "/gen"}
	for _, f := range archive.Files {
		if f.Name == "args" {
			flags := flag.NewFlagSet("args", flag.PanicOnError)
			flags.StringVar(&o.Schema, "schema", "", "")
			flags.StringVar(&o.Type, "type", o.Type, "")
			_ = flags.Parse(strings.Fields(string(f.Data)))
		} else if filepath.Ext(f.Name) != ".go" {
			if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	o.Schema = filepath.Join(dir, o.Schema)
	return o, dir
}

// TestMetadataGolden generates a package for each archive, compares it with the
// archive's, and compiles them all.
func TestMetadataGolden(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/metadata/*.txtar")
	if err != nil || len(archives) < 4 {
		t.Fatalf("archives: %v, %v", archives, err)
	}
	module := t.TempDir()
	newModule(t, module, "golden.example")
	for _, path := range archives {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			o, _ := archived(t, archive)
			got, err := GenerateMetadata(o)
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(module, name)
			if err := os.Mkdir(out, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(out, got.Path), got.Content, 0o600); err != nil {
				t.Fatal(err)
			}
			compareLast(t, path, archive, got.Content)
		})
	}
	if !t.Failed() {
		goIn(t, module, "vet", "./...")
	}
}

// compareLast compares a text with the last file of an archive, or replaces
// that file under -update.
func compareLast(t *testing.T, path string, archive *txtar.Archive, got []byte) {
	t.Helper()
	want := &archive.Files[len(archive.Files)-1]
	switch {
	case *update:
		want.Data = got
		if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	case !bytes.Equal(want.Data, got):
		t.Errorf("got\n%s\nwant\n%s\n(-update rewrites it)", got, want.Data)
	}
}

// TestMetadataErrors reads schemas with mistakes. Every mistake must be told, at
// its place and in the order of the text.
func TestMetadataErrors(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/metadata/errors/*.txtar")
	if err != nil || len(archives) < 12 {
		t.Fatalf("archives: %v, %v", archives, err)
	}
	// A pointer that leads nowhere, and a file without one, have no position.
	without := []string{"pointer", "openapi"}
	positioned := regexp.MustCompile(`^schema\.\w+:\d+:\d+: .`)
	for _, path := range archives {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			o, dir := archived(t, archive)
			_, err = GenerateMetadata(o)
			if err == nil {
				t.Fatal("no mistake found")
			}
			got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "") + "\n"
			for line := range strings.Lines(got) {
				if !slices.Contains(without, name) && !positioned.MatchString(line) {
					t.Errorf("no position in %q", line)
				}
			}
			compareLast(t, path, archive, []byte(got))
		})
	}
}

// TestMetadataCommand runs the command as a user would. It writes one file and
// touches no other, and nothing when the schema is wrong.
func TestMetadataCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "photos")
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	neighbour := filepath.Join(out, "other.gen.go")
	if err := os.WriteFile(neighbour, []byte("package photos\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var report bytes.Buffer
	if err := runMetadata([]string{"-schema", exampleSchema.Schema, "-out", out}, &report, io.Discard); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(filepath.Join(out, "metadata.gen.go"))
	if err != nil || !bytes.Contains(written, []byte("\ntype Photos struct {\n")) {
		t.Errorf("wrote %.200s, %v", written, err)
	}
	if report.String() != filepath.Join(out, "metadata.gen.go")+"\n" {
		t.Errorf("reported %q", report.String())
	}
	if _, err := os.Stat(neighbour); err != nil {
		t.Error(err)
	}
	wrong := filepath.Join(dir, "wrong.json")
	if err := os.WriteFile(wrong, []byte(`{"type": "object"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ want, args string }{
		{"wrong.json:1:1: ", "-schema " + wrong + " -out " + filepath.Join(dir, "none")},
		{"-schema is needed", ""},
		{"nothing beside flags", "-schema x y"},
		{"not a Go name", "-schema x -package 5"},
		{"not a Go name", "-schema x -package func"},
		{"not an exported Go name", "-schema x -type photo"},
		{"no such file", "-schema " + filepath.Join(dir, "missing.json")},
		{"no such file", "-spec missing.yaml -schema " + exampleSchema.Schema + " -package photo"},
	} {
		err := runMetadata(strings.Fields(c.args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a wrong schema leaves a folder: %v", err)
	}
}

// TestMetadataHelp wants the help to name every keyword that is ignored or
// refused, with the reason.
func TestMetadataHelp(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	if err := runMetadata([]string{"-h"}, io.Discard, &help); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h answers %v", err)
	}
	words := strings.Fields(help.String())
	for _, k := range slices.Concat(metadata.Ignored, metadata.Refused) {
		for _, word := range k.Words {
			if !slices.Contains(words, word) {
				t.Errorf("the help does not name %s", word)
			}
		}
		if !strings.Contains(help.String(), "("+k.Why+")") {
			t.Errorf("the help does not say %q", k.Why)
		}
	}
}

// TestMetadataOfOtherAPI takes the filter language and the types of metadata
// from the specification it is given.
func TestMetadataOfOtherAPI(t *testing.T) {
	t.Parallel()
	spec := filepath.Join(t.TempDir(), "spec.yaml")
	text, err := os.ReadFile("../spec/images.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, edit := range [][2]string{
		{"max_levels: 5", "max_levels: 1"},
		{"x-gen-max-bytes: 1024", "x-gen-max-bytes: 64"},
		{"    Meta:\n", "    Labels:\n"},
		{"schemas/Meta'", "schemas/Labels'"},
	} {
		if !bytes.Contains(text, []byte(edit[0])) {
			t.Fatalf("the specification does not have %q", edit[0])
		}
		text = bytes.ReplaceAll(text, []byte(edit[0]), []byte(edit[1]))
	}
	if err := os.WriteFile(spec, text, 0o600); err != nil {
		t.Fatal(err)
	}
	o := exampleSchema
	o.Spec, o.Root = spec, "other.example/gen"
	_, err = GenerateMetadata(o)
	if err == nil || !strings.Contains(err.Error(), "region.name has 2 levels, at most 1 are possible") {
		t.Errorf("got %v", err)
	}
	o.Schema = filepath.Join(t.TempDir(), "flat.json")
	if err := os.WriteFile(o.Schema, []byte(`{"properties": {"a": {"type": "string"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := GenerateMetadata(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"(v Photo) Labels() (api.Labels, error)", "api.LabelsMaxBytes", `"other.example/gen/filter"`} {
		if !bytes.Contains(f.Content, []byte(want)) {
			t.Errorf("%s is not in\n%s", want, f.Content)
		}
	}
	o.Spec = "testdata/other/library.yaml"
	if _, err := GenerateMetadata(o); err == nil || !strings.Contains(err.Error(), "metadata needs one x-gen-filter") {
		t.Errorf("got %v", err)
	}
}
