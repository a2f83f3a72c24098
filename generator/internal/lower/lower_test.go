package lower_test

import (
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/generator/internal/lower"
)

func shelf(t *testing.T) *ir.API {
	t.Helper()
	data, err := os.ReadFile("../../testdata/shelf.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := load.Load("shelf.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	api, err := lower.Lower(d)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// same compares a part of the model with what it should be.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is\n%+v, want\n%+v", what, got, want)
	}
}

func operation(t *testing.T, name string) ir.Operation {
	t.Helper()
	for _, op := range shelf(t).Operations {
		if op.Name == name {
			return op
		}
	}
	t.Fatalf("no operation %s", name)
	return ir.Operation{}
}

func input(t *testing.T, name string) ir.Input {
	t.Helper()
	for _, in := range shelf(t).Inputs {
		if in.GoName == name {
			return in
		}
	}
	t.Fatalf("no input %s", name)
	return ir.Input{}
}

func named(t *testing.T, name string) ir.Schema {
	t.Helper()
	for _, s := range shelf(t).Schemas {
		if s.Var == name {
			return s.Schema
		}
	}
	t.Fatalf("no schema %s", name)
	return ir.Schema{}
}

func TestDocument(t *testing.T) {
	api := shelf(t)
	same(t, "title", api.Title+" "+api.Version, "Shelf 2")
	same(t, "base URL", api.BaseURL, "https://shelf.example/api")
	same(t, "envelope", api.Envelope, ir.Envelope{Result: "data", Success: "ok", Errors: "faults", Messages: "notes"})
	same(t, "security", api.Security, [][]ir.Scheme{
		{{Name: "shelf_key", Arg: "shelfKey", Header: "X-Shelf-Key"}, {Name: "user", Arg: "user", Header: "X-User"}},
		{{Name: "token", Arg: "token", Header: "Authorization", Bearer: true}},
	})
	same(t, "binds", api.Binds, []ir.Arg{{
		Wire: "shelf_id", GoName: "shelfID", Field: "ShelfID", Doc: "The shelf.",
		Schema: ir.Schema{Type: "String", MinLength: 1},
	}})
	same(t, "first error", api.Errors[0], ir.Error{
		Name: "Bad", GoName: "ErrBad", Code: 1, Status: 400, Message: "Bad request", Evidence: "documented", Role: "BadRequest",
	})
	same(t, "role of the last error", api.Errors[len(api.Errors)-1].Role, "")
}

// TestModels holds what callers see, and neither envelopes nor forms nor
// failures.
func TestModels(t *testing.T) {
	same(t, "models", shelf(t).Models, []string{
		"Order", "Book", "Cover", "BookList", "OneBook", "Titles", "Ticket", "BookEdit", "Labels", "SeenLabels", "Nothing",
	})
}

func TestFieldKinds(t *testing.T) {
	kinds := map[string]ir.FieldKind{}
	for _, f := range append(input(t, "ListBooksParams").Fields, input(t, "NewBook").Fields...) {
		kinds[f.GoName] = f.Kind
	}
	same(t, "kinds", kinds, map[string]ir.FieldKind{
		"After": ir.FieldText, "Limit": ir.FieldInt, "Order": ir.FieldEnum, "Author": ir.FieldTextPtr,
		"MinPrice": ir.FieldFloatPtr, "Offset": ir.FieldIntPtr, "Lent": ir.FieldBoolPtr, "Rare": ir.FieldBool,
		"Since": ir.FieldTime, "Text": ir.FieldFile, "URL": ir.FieldText, "When": ir.FieldTime, "Labels": ir.FieldObject,
	})
}

func TestInputs(t *testing.T) {
	params, form := input(t, "ListBooksParams"), input(t, "NewBook")
	same(t, "filter of parameters, form", []bool{params.Filter, params.Form}, []bool{true, false})
	same(t, "filter of form, form", []bool{form.Filter, form.Form}, []bool{false, true})
	same(t, "doc", params.Fields[0].Doc, "Continues.")
	same(t, "enum type", params.Fields[2].Type, "Order")
	same(t, "object type", form.Fields[3].Type, "Labels")
	same(t, "required", []bool{form.Fields[0].Required, form.Fields[2].Required}, []bool{false, true})
}

func TestOperations(t *testing.T) {
	edit := operation(t, "EditBookURL")
	same(t, "variable", edit.Var, "OpEditBookURL")
	same(t, "method", edit.Method, "PATCH")
	same(t, "deprecation", edit.Deprecated, "Books do not change.")
	same(t, "argument", []string{edit.Args[0].GoName, edit.Args[0].Field}, []string{"typeArg", "Type"})
	same(t, "body", edit.Body, &ir.Body{Required: true, Type: "BookEdit", Schema: ir.Schema{Ref: "schemaBookEdit"}})
	add := operation(t, "AddBook")
	same(t, "doc from summary", add.Doc, "Adds a book.")
	same(t, "form", []bool{add.Body.Form, add.Body.Required, add.Body.Input != nil}, []bool{true, false, true})
	list := operation(t, "ListBooks")
	same(t, "doc", list.Doc, "Lists books.")
	same(t, "errors", list.Errors, []string{"ErrNoBook"})
	same(t, "filtered", list.Filtered, true)
}

func TestResults(t *testing.T) {
	fields := ir.Envelope{Result: "Data", Success: "Ok", Errors: "Faults", Messages: "Notes"}
	for name, want := range map[string]ir.Result{
		"ListBooks": {Kind: ir.ResultJSON, Type: "BookList", Reply: "ListBooks200JSONResponse", ReplyFields: fields},
		"AddBook": {
			Kind: ir.ResultJSON, Type: "OneBook", Member: "book", MemberField: "Book",
			MemberType: ir.Type{Kind: ir.TypeNamed, Name: "Book"}, Reply: "AddBook200JSONResponse", ReplyFields: fields,
		},
		"EditBookURL": {
			Kind: ir.ResultJSON, Type: "Titles", Member: "titles", MemberField: "Titles",
			MemberType: ir.Type{Kind: ir.TypeMap, Basic: "string"}, Reply: "EditBookURL200JSONResponse", ReplyFields: fields,
		},
		"DeleteBook": {Kind: ir.ResultNone, Type: "Nothing", Reply: "DeleteBook200JSONResponse", ReplyFields: fields},
		"ReadBook":   {Kind: ir.ResultStream, Reply: "ReadBook200AudioResponse", MediaType: "audio/*"},
	} {
		same(t, name, operation(t, name).Result, want)
	}
}

func TestExamples(t *testing.T) {
	for name, want := range map[string]string{
		"ListBooks":  `{"books":[{"title":"Emma <1>","url":"https://x.example","price":1.5}],"next":null}`,
		"AddBook":    `{"title":"Emma","url":"https://x.example"}`,
		"DeleteBook": "",
	} {
		same(t, name, operation(t, name).Example, want)
	}
}

func TestPages(t *testing.T) {
	same(t, "tokens", operation(t, "ListBooks").Page, &ir.Page{
		All: "AllBooks", Token: true, Items: "books", ItemsField: "Books", ItemType: "Book",
		TokenIn: "after", TokenInField: "After", TokenOut: "next", TokenOutField: "Next", TokenOutPtr: true,
		Size: "limit",
	})
	same(t, "numbers", operation(t, "ListOldBooks").Page, &ir.Page{
		All: "AllOldBooks", Items: "books", ItemsField: "Books", ItemType: "Book",
		Number: "page", NumberField: "Page", Size: "per_page",
	})
}

func TestFilter(t *testing.T) {
	same(t, "filter", shelf(t).Filter, &ir.Filter{
		Prefix: "label", MaxTerms: 3, MaxLevels: 2, MaxElements: 4, MaxPath: 50, Segment: "_", Separator: ",",
		Operators: []ir.FilterOperator{
			{Name: "is", GoName: "Is", Match: "MatchEqual", Types: []string{"String", "Boolean"}, Doc: "Is."},
			{Name: "any_of", GoName: "AnyOf", Match: "MatchEqual", List: true, Types: []string{"String"}, Doc: "Is one of."},
		},
	})
}

// TestUpload takes the limits of the part from the form that has it too.
func TestUpload(t *testing.T) {
	same(t, "upload", operation(t, "LendBook").Upload, &ir.Upload{
		Name: "SendTo", Field: "TicketURL", Part: "text", Result: "Book",
		Schema: ir.Schema{Type: "Binary", MaxBytes: 99, Violation: "ErrBig"},
	})
}

func TestSchemas(t *testing.T) {
	one, nine := 1.0, 9.0
	same(t, "form", named(t, "schemaNewBook").OneOf, []string{"text", "url"})
	same(t, "window", named(t, "schemaNewBook").Properties[2].Schema, ir.Schema{
		Type: "String", Format: "date-time", Window: &ir.Window{Min: 2 * time.Minute, Max: 6 * time.Hour, Default: 30 * time.Minute},
	})
	same(t, "object", named(t, "schemaLabels"), ir.Schema{Type: "Object", Open: true, MaxBytes: 64})
	same(t, "enum", named(t, "schemaOrder"), ir.Schema{Type: "String", Enum: []string{"up", "down"}})
	same(t, "body", named(t, "schemaBookEdit"), ir.Schema{Type: "Object", Properties: []ir.Property{
		{Wire: "cover", Required: true, Schema: ir.Schema{Ref: "schemaCover"}},
		{Wire: "labels", Schema: ir.Schema{Ref: "schemaLabels"}},
		{Wire: "tags", Schema: ir.Schema{Type: "Array", MinItems: 1, MaxItems: 3, Items: &ir.Schema{Type: "String", MaxLength: 5}}},
		{Wire: "pages", Schema: ir.Schema{Type: "Integer", Minimum: &one, Maximum: &nine}},
	}})
}

// TestSchemasFollowWhatTheyReferTo wants Go variables to be declared in an
// order in which each is initialised before it is used.
func TestSchemasFollowWhatTheyReferTo(t *testing.T) {
	done := map[string]bool{}
	for _, s := range shelf(t).Schemas {
		for _, p := range s.Schema.Properties {
			if p.Schema.Ref != "" && !done[p.Schema.Ref] {
				t.Errorf("%s stands before %s, to which it refers", s.Var, p.Schema.Ref)
			}
		}
		done[s.Var] = true
	}
}
