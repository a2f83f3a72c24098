package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// shared are names of the specification that are also words of OpenAPI, of the
// x-gen- vocabulary, of Go or of plain English, and so may stand in the
// generator.
var shared = words(
	"code message errors messages success result", // x-gen-errors, x-gen-envelope
	"name url page", // x-gen-page, x-gen-upload
	"metadata",      // what x-gen-filter is about
	"id value pointer source file options count", // Go and OpenAPI
	"nothing fit keys failure",                   // English, in messages
	"images",                                     // the default of -spec
)

func words(lines ...string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(strings.Join(lines, " ")) {
		set[w] = true
	}
	return set
}

// TestGeneratorNamesNothing scans the string literals of the generator for names of operations, tags, schemas, parameters and properties:
// only the specification may hold them.
func TestGeneratorNamesNothing(t *testing.T) {
	t.Parallel()
	names := specNames(t)
	if len(names) < 60 {
		t.Fatalf("only %d names found in the specification", len(names))
	}
	word := regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	inspect(t, func(at string, text string) {
		for _, w := range word.FindAllString(text, -1) {
			if names[strings.ToLower(w)] && !shared[strings.ToLower(w)] {
				t.Errorf("%s holds %q, a name of the specification", at, w)
			}
		}
	})
}

// specNames are the specification's names in lower case.
func specNames(t *testing.T) map[string]bool {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../spec/images.yaml")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	add := func(name string) { names[strings.ToLower(name)] = true }
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			add(op.OperationID)
			for _, p := range op.Parameters {
				add(p.Value.Name)
			}
		}
		for _, p := range item.Parameters {
			add(p.Value.Name)
		}
	}
	for _, tag := range doc.Tags {
		add(tag.Name)
	}
	for name, s := range doc.Components.Schemas {
		add(name)
		for property := range s.Value.Properties {
			add(property)
		}
	}
	return names
}

// inspect calls found for every string literal of the generator's own files,
// tests excepted.
func inspect(t *testing.T, found func(at, text string)) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, path, text, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					s, _ := strconv.Unquote(n.Value)
					found(fset.Position(n.Pos()).String(), s)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
