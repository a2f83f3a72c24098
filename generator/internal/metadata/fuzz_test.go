package metadata_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/generator/internal/metadata"
)

var service = metadata.Service{
	Filter: &ir.Filter{Prefix: "tag", MaxLevels: 3, MaxPath: 30, Segment: "_-é"}, Sent: "Labels", Stored: "Found", Limit: "LabelsMaxBytes",
}

// stubs are what generated code imports, as little of it as it needs.
var stubs = map[string]string{
	"gen.example/api": "package api; type Labels = map[string]any; type Found = []byte; const LabelsMaxBytes = 1",
	"gen.example/filter": "package filter; type (StringField[T ~string] struct{ Path string }; NumberField[T ~int64 | ~float64] struct{ Path string };" +
		"BooleanField[T ~bool] struct{ Path string }; StringListField[T ~string] struct{ Path string };" +
		"NumberListField[T ~int64 | ~float64] struct{ Path string }; BooleanListField[T ~bool] struct{ Path string })",
	emit.Runtime + "/metadata": "package metadata; func Decode[T any]([]byte) (T, error) { panic(0) };" +
		"func Encode(any, int) (map[string]any, error) { panic(0) }",
}

type stubImporter map[string]*types.Package

func (s stubImporter) Import(path string) (*types.Package, error) {
	if p := s[path]; p != nil {
		return p, nil
	}
	if stubs[path] == "" {
		return importer.Default().Import(path)
	}
	p, err := check(path, stubs[path])
	s[path] = p
	return p, err
}

func check(path, text string) (*types.Package, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return (&types.Config{Importer: imports}).Check(path, fset, []*ast.File{f}, nil)
}

var imports = stubImporter{}

// FuzzSchema: a schema is either wrong at a position, or becomes Go that
// compiles and is the same each time.
func FuzzSchema(f *testing.F) {
	for _, text := range []string{
		`{"type":"object","required":["a"],"properties":{"a":{"type":"string","enum":["x","y z",""]},"b":{"type":["integer","null"]}}}`,
		`{"properties":{"a":{"$ref":"#/$defs/x"},"b":{"$ref":"#/$defs/x"}},"$defs":{"x":{"properties":{"c":{"type":"array","items":{"enum":["1"]}}}}}}`,
		`{"properties":{"a":{"properties":{"b":{"properties":{"c":{"type":"number"}}}}}}}`,
		`{"properties":{"photo":{"type":"string"},"Decode":{"type":"string"},"labels":{"type":"string"},"a":{"properties":{"labels":{"type":"boolean"}}}}}`,
		`{"properties":{"a-b":{"enum":["x"]},"a_b":{"enum":["x"]},"a_bx":{"type":"string"},"photo_a_b":{"type":"string"}}}`,
		`{"properties":{"a":{"properties":{"a":{"type":"string"}}},"a_fields":{"type":"string"},"b":{"$ref":"#/properties/a"}}}`,
		`{"properties":{"a":{"description":"*/ \u0000 \ufeff \r // go:build","type":"string","format":"date-time"}},"description":"` + "`" + `"}`,
		`{"$ref":"#"}`, `{"properties":{"a":{"$ref":"#"}}}`, `{"type":[]}`, `{"properties":{"string":{"type":"string"},"int64":{"type":"integer"},"x":{"enum":["string"]}}}`,
		`{"properties":{"a":{"type":"array","items":{"$ref":"#/properties/a"}}}}`, `{"properties":{"é":{"type":"string"},"aé":{"type":"string"}}}`,
		"properties:\n  a: {type: string}\n  b: {type: [array, null], items: {type: boolean}}\n", `{"properties":{"a":{"enum":["a b","aB","a_b","A","a"]}}}`,
		`{"properties":{"x1":{"type":"string"},"x_1":{"type":"string"},"X1":{"type":"string"},"aPI":{"type":"string"},"api":{"type":"string"}}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, err := load.Text("x", []byte(text))
		if err != nil {
			return
		}
		model, err := metadata.Lower(root, service, "photo", "Photo")
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !regexp.MustCompile(`^x:\d+:\d+: .`).MatchString(line) && strings.HasPrefix(line, "x:") {
					t.Errorf("no position in %q", line)
				}
			}
			return
		}
		model.Source = "x"
		file, err := metadata.Emit(model, emit.Target{Root: "gen.example"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := check("photo", string(file.Content)); err != nil {
			t.Fatalf("%v in\n%s", err, file.Content)
		}
		again, err := metadata.Lower(root, service, "photo", "Photo")
		if err != nil {
			t.Fatal(err)
		}
		again.Source = "x"
		if second, err := metadata.Emit(again, emit.Target{Root: "gen.example"}); err != nil || string(second.Content) != string(file.Content) {
			t.Errorf("two runs differ (%v)", err)
		}
	})
}
