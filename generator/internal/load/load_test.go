package load_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/generator/internal/load"
)

func shelf(t *testing.T) *load.Document {
	t.Helper()
	data, err := os.ReadFile("../../testdata/shelf.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := load.Load("shelf.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestOrderIsThatOfTheText(t *testing.T) {
	d := shelf(t)
	var ids []string
	for _, op := range d.Operations() {
		ids = append(ids, op.OperationID)
	}
	want := []string{
		"listBooks", "addBook", "editBookUrl", "deleteBook", "readBook", "listOldBooks", "lendBook",
	}
	if !slices.Equal(ids, want) {
		t.Errorf("operations are %v, want %v", ids, want)
	}
	book, ok := d.Component("Book")
	if !ok {
		t.Fatal("no component Book")
	}
	var names []string
	for _, p := range book.Members() {
		names = append(names, p.Name)
	}
	if want := []string{"title", "url", "price", "labels", "aside", "cover"}; !slices.Equal(names, want) {
		t.Errorf("properties are %v, want %v", names, want)
	}
	if c := d.Components(); c[0].Ref != "Order" || c[1].Ref != "Book" {
		t.Errorf("components begin with %s, %s", c[0].Ref, c[1].Ref)
	}
}

func TestParametersOfPathAndOperation(t *testing.T) {
	op := shelf(t).Operations()[0]
	var names []string
	for _, p := range op.Params {
		names = append(names, p.Name)
	}
	if got := strings.Join(names[:3], " "); got != "shelf_id after limit" {
		t.Errorf("parameters begin with %s", got)
	}
	if at := op.Params[0]; at.Node.Pos() == at.Use.Pos() {
		t.Error("a parameter that is referred to has its use's position only")
	}
}

func TestPos(t *testing.T) {
	d := shelf(t)
	for _, c := range []struct {
		path []string
		want string
	}{
		{nil, "shelf.yaml:2:1"},
		{[]string{"servers"}, "shelf.yaml:4:1"},
		{[]string{"paths", "/shelves/{shelf_id}/books", "get", "operationId"}, "shelf.yaml:26:7"},
		{[]string{"paths", "nowhere", "get"}, "shelf.yaml:22:1"},
	} {
		if got := d.Pos(c.path...).String(); got != c.want {
			t.Errorf("Pos(%q) = %s, want %s", c.path, got, c.want)
		}
	}
}

func TestJSONKeepsOrderAndText(t *testing.T) {
	d, err := load.Load("x.yaml", []byte("z: [1, 1.50, 'x <y>', true, null, 2024-01-02, 0x10]\na: {b: \"é\\n\", 7: {}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"z":[1,1.5,"x <y>",true,null,"2024-01-02",16],"a":{"b":"é\n","7":{}}}`
	if got := d.Root().JSON(); got != want {
		t.Errorf("JSON is %s, want %s", got, want)
	}
}

// TestCopyIsSafe changes a copy and looks at the original.
func TestCopyIsSafe(t *testing.T) {
	d := shelf(t)
	doc, err := d.Copy()
	if err != nil {
		t.Fatal(err)
	}
	doc.Components.Schemas["Book"].Value.Description = "changed"
	if book, _ := d.Component("Book"); book.Description != "A book." {
		t.Error("a change of the copy shows in the document")
	}
}

func TestUnreadable(t *testing.T) {
	for text, want := range map[string]string{
		"":              "x.yaml:1:1: the specification is empty",
		"# nothing\n":   "x.yaml:1:1: the specification is empty",
		"- a list\n":    "x.yaml:1:1: the specification must be a mapping",
		"a: {\nb: [}\n": "x.yaml:2:1: YAML: did not find expected node content",
		"a: \x00\n":     "x.yaml:1:1: YAML: control characters are not allowed",
	} {
		if _, err := load.Load("x.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: error is %v, want %s", text, err, want)
		}
	}
}

func TestProblemsAreSortedAndUnique(t *testing.T) {
	var ps load.Problems
	if ps.Err() != nil {
		t.Error("no problems are an error")
	}
	ps.Addf(load.Position{File: "x", Line: 10, Col: 1}, "last")
	ps.Addf(load.Position{File: "x", Line: 2, Col: 3}, "%s", "first")
	ps.Addf(load.Position{File: "x", Line: 10, Col: 1}, "last")
	if got, want := ps.Err().Error(), "x:2:3: first\nx:10:1: last"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
