package system

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const modulePath = "github.com/cfimages/cfimages"

// importedBy returns an importer of compiled packages, as the compiler sees
// them.
func importedBy(t *testing.T, fset *token.FileSet, packages ...string) types.Importer {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, packages...)
	cmd := exec.CommandContext(t.Context(), "go", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[path] = file
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("%s is not compiled", path)
		}
		return os.Open(files[path])
	})
}

// compile type-checks each snippet as a statement of its own and returns what
// is wrong with each, empty for those that compile.
func compile(t *testing.T, imports types.Importer, fset *token.FileSet, snippets []string) map[string]string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "package snippets; import (%q; %q; %q; %q; %q); ",
		"math", "time", "encoding/json", modulePath+"/gen/filter", modulePath+"/examples/photo")
	b.WriteString("var _, _, _, _, _ = math.Pi, time.UTC, json.Valid, filter.All, photo.Decode; ")
	b.WriteString("type (Text string; Flag bool; Whole int; Small uint8; Real float32); var iface any; var text = `x`\n")
	for _, s := range snippets {
		fmt.Fprintf(&b, "func _() { _ = %s }\n", s)
	}
	file, err := parser.ParseFile(fset, "snippets.go", b.String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[string]string{}
	config := types.Config{Importer: imports, Error: func(err error) {
		e, ok := errors.AsType[types.Error](err)
		line := fset.Position(e.Pos).Line
		if !ok || line < 2 {
			t.Fatal(err)
		}
		s := snippets[line-2]
		wrong[s] += e.Msg + "; "
	}}
	_, _ = config.Check("snippets", fset, []*ast.File{file}, nil)
	return wrong
}

// operands are values of each kind that a filter could be asked for. None is
// what no operator takes.
var operands = map[string][]string{
	"string": {`"x"`, `text`, `Text("x")`, `photo.StatusActive`, `json.Number("5")`},
	"number": {
		`5`, `-5`, `0.1`, `'a'`, `int(5)`, `int8(5)`, `int16(5)`, `int32(5)`, `int64(5)`, `uint(5)`, `uint8(5)`, `uint16(5)`,
		`uint32(5)`, `uint64(math.MaxUint64)`, `float32(0.5)`, `0.5`, `Whole(5)`, `Small(5)`, `Real(0.5)`, `time.Second`,
	},
	"boolean": {`true`, `Flag(false)`, `1 < 2`},
	"none": {
		`nil`, `iface`, `[]string{"x"}`, `[]byte("x")`, `map[string]any{}`, `struct{}{}`, `&text`, `new(5)`, `time.Now()`,
		`5i`, `complex64(1)`, `uintptr(1)`, `func() {}`, `make(chan int)`, `photo.Status`, `photo.Priority`, `filter.Eq("a", 1)`,
	},
}

// takes is which kinds the documentation gives each operator.
var takes = map[string][]string{
	"Eq": {"string", "number", "boolean"}, "In": {"string", "number"},
	"Gt": {"number"}, "Gte": {"number"}, "Lt": {"number"}, "Lte": {"number"},
}

// TestPairings compiles every operator with every kind of operand: what the
// documentation allows must compile, and nothing else.
func TestPairings(t *testing.T) {
	t.Parallel()
	var good, bad []string
	for op, kinds := range takes {
		for kind, values := range operands {
			for _, v := range values {
				snippet := fmt.Sprintf("filter.%s(%q, %s)", op, "a.b", v)
				if slices.Contains(kinds, kind) {
					good = append(good, snippet)
				} else {
					bad = append(bad, snippet)
				}
			}
		}
	}
	good = append(good,
		`filter.In("a", "x", "y")`, `filter.In("a", 1, 2, 3)`, `filter.In("a", []string{"x"}...)`, `filter.In[string]("a")`,
		`filter.In("a", 1, 2.5)`, `filter.EqText("a", "5")`, `filter.InText("a", "5", "true")`, `filter.Eq("a", float64(5))`,
		`filter.All(filter.Eq("a", 1), filter.In("b", "x"))`, `filter.All()`,
	)
	bad = append(bad,
		`filter.In("done", true)`, `filter.Gt("rating", "3")`, // those of the README and the issue
		`filter.In("a", "x", 5)`, `filter.In("a", 1, true)`, `filter.In("a", []any{"x"}...)`, `filter.In("a")`, `filter.Eq("a")`,
		`filter.Eq("a", 1, 2)`, `filter.Eq(5, 5)`, `filter.Gt("a", 1, 2)`, `filter.EqText("a", 5)`, `filter.InText("a", true)`,
		`filter.GtText("a", "3")`, `filter.GteText("a", "3")`, `filter.LtText("a", "3")`, `filter.LteText("a", "3")`,
		`filter.Ne("a", 1)`, `filter.All("a")`, `filter.All(filter.All())`, `filter.Eq[any]("a", 1)`, `filter.Gt[string]("a", "b")`,
		`filter.In[bool]("a")`, `filter.Eq(photo.Status, "active")`,
	)
	compiled(t, good, bad)
}

// TestHandlePairings does the same with the handles of package photo, and with
// handles made by hand.
func TestHandlePairings(t *testing.T) {
	t.Parallel()
	// For each handle, the operators it has and the operands they take.
	fields := map[string]struct {
		ops   []string
		takes []string
	}{
		"photo.Status":      {[]string{"Eq", "In"}, []string{`"active"`, `photo.StatusDraft`, `photo.PhotoStatus(text)`}},
		"photo.Region.Name": {[]string{"Eq", "In"}, []string{`"eu"`, `text`}},
		"photo.TakenAt":     {[]string{"Eq", "In"}, []string{`"2026-01-01T00:00:00Z"`}},
		"photo.Tags":        {[]string{"Eq", "In"}, []string{`"cat"`}},
		"photo.Priority":    {[]string{"Eq", "In", "Gt", "Gte", "Lt", "Lte"}, []string{`3`, `-1`, `3.0`, `int64(3)`}},
		"photo.Region.Zone": {[]string{"Eq", "In", "Gt", "Gte", "Lt", "Lte"}, []string{`3`}},
		"photo.Rating":      {[]string{"Eq", "In", "Gt", "Gte", "Lt", "Lte"}, []string{`3`, `4.5`, `float64(3)`}},
		"photo.Done":        {[]string{"Eq"}, []string{`true`, `1 < 2`}},

		`filter.StringListField[string]{Path: "a"}`:    {[]string{"Eq", "In"}, []string{`"x"`}},
		`filter.NumberListField[int64]{Path: "a"}`:     {[]string{"Eq", "In"}, []string{`5`}},
		`filter.BooleanListField[bool]{Path: "a"}`:     {[]string{"Eq"}, []string{`true`}},
		`filter.NumberField[uint8]{Path: "a"}`:         {[]string{"Eq", "In", "Gt", "Gte", "Lt", "Lte"}, []string{`255`}},
		`filter.NumberField[Real]{Path: "a"}`:          {[]string{"Eq", "In", "Gt", "Gte", "Lt", "Lte"}, []string{`0.5`, `Real(1)`}},
		`filter.BooleanField[Flag]{Path: "a.b.c.d.e"}`: {[]string{"Eq"}, []string{`true`, `Flag(true)`}},
	}
	// One of each kind; which of them a handle takes follows from its own.
	all := []string{`"x"`, `5`, `0.5`, `true`, `nil`, `iface`, `photo.Status`, `time.Now()`, `[]string{"x"}`, `Text("x")`, `Whole(5)`}
	var good, bad []string
	for field, f := range fields {
		for op := range takes {
			if !slices.Contains(f.ops, op) {
				bad = append(bad, fmt.Sprintf("(%s).%s", field, op))
				continue
			}
			for _, v := range f.takes {
				good = append(good, fmt.Sprintf("(%s).%s(%s)", field, op, v))
			}
			for _, v := range all {
				if !sameKind(v, f.takes) {
					bad = append(bad, fmt.Sprintf("(%s).%s(%s)", field, op, v))
				}
			}
		}
	}
	good = append(good,
		// those of the issue
		`photo.Status.Eq("active")`, `photo.Status.In(photo.StatusActive, photo.StatusDraft)`, `photo.Region.Name.In("eu", "us")`,
		`photo.Priority.Gte(3)`, `photo.Done.Eq(true)`,
		`photo.Photo{Status: photo.StatusDraft, Rating: new(4.5), Tags: []string{"cat"}}`, `filter.Eq(photo.Status.Path, "active")`,
		`filter.All(photo.Priority.Gt(1), photo.Tags.Eq("cat"), filter.Eq("other", 5))`, `filter.EqText(photo.Priority.Path, "5")`,
	)
	bad = append(bad,
		`photo.Priority.Eq("x")`, `photo.Status.Gt(3)`, `photo.Done.In(true)`,
		`photo.Region.Eq("eu")`, `photo.Region.Name.Gt("eu")`, `photo.Priority.Eq(3.5)`, `photo.Priority.Eq(1 << 63)`,
		`photo.Status.Eq(text)`, `photo.Tags.Gt("cat")`, `photo.Unknown.Eq(1)`, `photo.Status.In("active", 5)`,
		`filter.NumberField[uint8]{Path: "a"}.Eq(256)`, `filter.StringField[int]{}`, `filter.NumberField[string]{}`,
		`filter.NumberField[bool]{}`, `filter.BooleanField[string]{}`, `filter.StringField[[]byte]{}`, `filter.NumberField[any]{}`,
		`filter.All(photo.Status)`, `photo.Photo{Priority: "x"}`, `photo.Photo{Status: text}`,
	)
	compiled(t, good, bad)
}

// sameKind reports whether a constant operand is of the kind of one that a
// handle takes; a typed one only fits the same type.
func sameKind(v string, takes []string) bool {
	kind := func(v string) string {
		switch {
		case strings.HasPrefix(v, `"`):
			return "string"
		case v == "true":
			return "boolean"
		case strings.Trim(v, "0123456789") == "":
			return "whole"
		case strings.Trim(v, "0123456789.") == "":
			return "real"
		default:
			return v
		}
	}
	kinds := map[string]bool{}
	for _, have := range takes {
		kinds[kind(have)] = true
		if kind(have) == "real" && have != "3.0" {
			kinds["whole"] = true
		}
	}
	if slices.Contains(takes, "3.0") {
		delete(kinds, "real") // a whole number that is spelt as a real one
	}
	return kinds[kind(v)]
}

// compiled wants all good snippets to compile and each bad one not to.
func compiled(t *testing.T, good, bad []string) {
	t.Helper()
	slices.Sort(good)
	slices.Sort(bad)
	fset := token.NewFileSet()
	imports := importedBy(t, fset, "math", "time", "encoding/json", modulePath+"/gen/filter", modulePath+"/examples/photo")
	for s, why := range compile(t, imports, fset, good) {
		t.Errorf("%s does not compile: %s", s, why)
	}
	wrong := compile(t, imports, fset, bad)
	for _, s := range bad {
		if wrong[s] == "" {
			t.Errorf("%s compiles", s)
		}
		// An error about the snippet itself would prove nothing about the pairing.
		if strings.Contains(wrong[s], "undefined: ") && !strings.Contains(s, "Text(") && !strings.Contains(s, "Unknown") && !strings.Contains(s, ".Ne(") {
			t.Errorf("%s is misspelt: %s", s, wrong[s])
		}
	}
	if len(good) < 50 || len(bad) < 100 {
		t.Errorf("only %d good and %d bad snippets", len(good), len(bad))
	}
	t.Logf("%d snippets compile, %d of %d do not", len(good), len(slices.Collect(maps.Keys(wrong))), len(bad))
}
