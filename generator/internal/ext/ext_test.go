package ext_test

import (
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/load"
)

func document(t *testing.T, text string) *load.Document {
	t.Helper()
	d, err := load.Load("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCheckAcceptsTheVocabulary(t *testing.T) {
	text, err := os.ReadFile("../../testdata/shelf.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := ext.Check(document(t, string(text))).Err(); err != nil {
		t.Error(err)
	}
}

// TestCheckLooksEverywhere puts an unknown key into every kind of place.
// Examples, defaults and names are the API's own and may begin with x-.
func TestCheckLooksEverywhere(t *testing.T) {
	d := document(t, `x-a: 1
info: {x-b: 1}
tags: [{x-c: 1}]
paths:
  /x:
    x-d: 1
    get:
      x-e: 1
      parameters: [{name: x-ok, in: query, example: {x-ok: 1}, x-f: 1, schema: {type: string, x-g: 1}}]
      requestBody: {x-h: 1, content: {x-ok/x-ok: {x-i: 1, example: {x-ok: 1}, schema: {items: {x-j: 1}}}}}
      responses: {"200": {description: x, x-k: 1, headers: {x-ok: {x-l: 1}}}}
components:
  x-m: 1
  schemas: {x-ok: {default: {x-ok: 1}, properties: {x-ok: {x-n: 1}}, additionalProperties: {x-o: 1}}}
  securitySchemes: {x-ok: {x-p: 1}}
`)
	var keys []byte
	for _, p := range ext.Check(d) {
		keys = append(keys, p.Message[len("unknown extension x-")])
	}
	slices.Sort(keys)
	if got, want := string(keys), "abcdefghijklmnop"; got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}

func TestGet(t *testing.T) {
	d := document(t, "paths: {}\nx-gen-window: {min: 2m, default: 1h30m}\nx-gen-one-of: [a, b]\nx-gen-bind: yes please\n")
	w, ok := ext.Get[ext.Window](d.Root(), ext.KeyWindow)
	if want := (ext.Window{Min: 2 * time.Minute, Default: 90 * time.Minute}); !ok || w != want {
		t.Errorf("window is %v, %v", w, ok)
	}
	names, ok := ext.Get[[]string](d.Root(), ext.KeyOneOf)
	if !ok || !reflect.DeepEqual(names, []string{"a", "b"}) {
		t.Errorf("names are %v, %v", names, ok)
	}
	if _, ok := ext.Get[bool](d.Root(), ext.KeyBind); ok {
		t.Error("a malformed value is accepted")
	}
	if _, ok := ext.Get[string](d.Root(), ext.KeyResult); ok {
		t.Error("a missing value is found")
	}
}

func TestRoles(t *testing.T) {
	if roles := ext.Roles(); len(roles) != 10 || roles[0] != "badRequest" {
		t.Errorf("roles are %v", roles)
	}
}
