package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/generator/internal/lower"
)

// TestReservedNames compares the lists of reserved names with what is written
// for the module's own API beside what its specification asks for.
func TestReservedNames(t *testing.T) {
	t.Parallel()
	api := lowered(t, "../spec/images.yaml")
	types, methods := map[string]bool{}, map[string]bool{}
	for _, f := range generate(t, "../spec/images.yaml", target) {
		if !strings.HasSuffix(f.Path, ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Content, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch {
			case strings.HasPrefix(f.Path, "api/"):
				declared(d, types)
			case strings.HasPrefix(f.Path, "client/"), strings.HasPrefix(f.Path, "mock/"):
				methodOf(d, methods)
			}
		}
	}
	asked := askedFor(api)
	compare(t, "types", ir.ReservedTypes, types, asked)
	// What a mock has by embedding is no declaration.
	embedded := []string{
		"AssertCalled", "Begin", "Calls", "Core", "FailNext", "Forget", "Funcs", "LogOnFailure", "WaitFor",
	}
	for _, name := range embedded {
		methods[name] = true
	}
	compare(t, "methods", ir.ReservedMethods, methods, asked)
}

func lowered(t *testing.T, path string) *ir.API {
	t.Helper()
	doc, err := load.Load(path, []byte(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	api, err := lower.Lower(doc)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// compare wants every reserved name to be written, and every name that is
// written to be reserved or asked for.
func compare(t *testing.T, what string, reserved []string, written, asked map[string]bool) {
	t.Helper()
	for _, name := range reserved {
		if !written[name] {
			t.Errorf("%s: %s is reserved and not written", what, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(written)) {
		if !asked[name] && !slices.Contains(reserved, name) {
			t.Errorf("%s: %s is written and not reserved", what, name)
		}
	}
}

// askedFor are the Go names that come from the specification.
func askedFor(api *ir.API) map[string]bool {
	names := map[string]bool{}
	for _, e := range api.Errors {
		names[e.GoName] = true
	}
	for _, m := range api.Models {
		names[m] = true
	}
	for _, in := range api.Inputs {
		names[in.GoName] = true
	}
	for _, op := range api.Operations {
		names[op.Name], names[op.Var], names[op.Name+"Calls"] = true, true, true
		if op.Page != nil {
			names[op.Page.All] = true
		}
		if op.Upload != nil {
			names[op.Upload.Name], names[op.Upload.Name+"Body"] = true, true
		}
	}
	return names
}

// declared notes what a declaration exports, but for the values of enums.
func declared(d ast.Decl, names map[string]bool) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names[d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names[s.Name.Name] = true
			case *ast.ValueSpec:
				if d.Tok == token.VAR && s.Names[0].IsExported() {
					names[s.Names[0].Name] = true
				}
			}
		}
	}
}

func methodOf(d ast.Decl, names map[string]bool) {
	f, ok := d.(*ast.FuncDecl)
	if !ok || f.Recv == nil || !f.Name.IsExported() {
		return
	}
	star, ok := f.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return
	}
	if receiver, ok := star.X.(*ast.Ident); ok && (receiver.Name == "Client" || receiver.Name == "Mock") {
		names[f.Name.Name] = true
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
