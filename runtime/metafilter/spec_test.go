package metafilter_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// specTable is the table of spec/README.md that says which conditions hold for which values: its heading, and its rows.
func specTable(t *testing.T) (head []string, rows [][]string) {
	t.Helper()
	text, err := os.ReadFile("../../spec/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## Metadata filters\n")
	if !ok {
		t.Fatal("spec/README.md says nothing about metadata filters")
	}
	_, table, ok := strings.Cut(section, "\n| operator and operand |")
	if !ok {
		t.Fatal("spec/README.md has no table of operators")
	}
	table, _, _ = strings.Cut("| operator and operand |"+table, "\n\n")
	for line := range strings.Lines(table) {
		// A | inside a cell is written \|.
		line = strings.ReplaceAll(strings.Trim(strings.TrimSpace(line), "|"), `\|`, "\x00")
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], "\x00", "|"))
		}
		rows = append(rows, cells)
	}
	return rows[0], rows[2:]
}

// documents are what a column stands for; all of them must answer alike.
func documents(t *testing.T, column string) []string {
	t.Helper()
	if column == "null, object, absent" {
		return []string{`{"a":{"b":null}}`, `{"a":{"b":{}}}`, `{"a":{"b":{"b":5}}}`, `{"a":{}}`, `{}`, `{"a":null}`, `{"b":5,"a.b":5}`}
	}
	if !json.Valid([]byte(column)) {
		t.Fatalf("the column %s is no JSON", column)
	}
	return []string{`{"a":{"b":` + column + `}}`}
}

// TestSpecTable puts every condition of the table in spec/README.md to every value of its columns, three ways. The table
// is the specification: where a cell and the engine differ, one of them is wrong.
func TestSpecTable(t *testing.T) {
	head, rows := specTable(t)
	evidence := len(head) - 1
	if evidence < 8 || head[evidence] != "evidence" || len(rows) < 7 {
		t.Fatalf("the table has %d rows and the columns %q", len(rows), head)
	}
	cells := 0
	conditions := map[string]bool{}
	for _, row := range rows {
		if len(row) != len(head) {
			t.Fatalf("the row %q has %d cells, want %d", row[0], len(row), len(head))
		}
		if !regexp.MustCompile(`documented|observed|sdk|assumed`).MatchString(row[evidence]) {
			t.Errorf("%s has no evidence but %q", row[0], row[evidence])
		}
		for _, quoted := range regexp.MustCompile("`[^`]+`").FindAllString(row[0], -1) {
			condition := strings.Trim(quoted, "`")
			name, _, _ := strings.Cut(condition, "=")
			conditions[name] = true
			f := parse(t, api.FilterGrammar, "meta.a.b"+condition)
			for i, cell := range row[1:evidence] {
				if cell != "yes" && cell != "no" {
					t.Fatalf("%s on %s: the cell says %q", condition, head[i+1], cell)
				}
				for _, doc := range documents(t, head[i+1]) {
					matches(t, f, doc, cell == "yes")
					cells++
				}
			}
		}
	}
	if cells < 150 {
		t.Errorf("only %d cells checked", cells)
	}
	// Nothing that the language can say is missing.
	for _, op := range api.FilterGrammar.Operators {
		if !conditions["["+op.Name+"]"] {
			t.Errorf("the table does not have [%s]", op.Name)
		}
		for _, typ := range op.Types {
			if name := "[" + op.Name + ":" + typ.String() + "]"; !conditions[name] {
				t.Errorf("the table does not have %s", name)
			}
		}
	}
}

// matches puts a filter to a document in each way the engine has.
func matches(t *testing.T, f metafilter.Filter, doc string, want bool) {
	t.Helper()
	numbers, ok := decodeObject(doc)
	var floats map[string]any
	if err := json.Unmarshal([]byte(doc), &floats); err != nil || !ok {
		t.Fatalf("%s is no object", doc)
	}
	for how, got := range map[string]bool{
		"MatchJSON": f.MatchJSON([]byte(doc)), "Match": f.Match(numbers), "Match with floats": f.Match(floats),
	} {
		if got != want {
			t.Errorf("%s on %s: %s gives %v, the specification says %v", f, doc, how, got, want)
		}
	}
}

// TestDocumentedGrammar: the grammar of the other tests here is that of the specification.
func TestDocumentedGrammar(t *testing.T) {
	if !reflect.DeepEqual(documented, api.FilterGrammar) {
		t.Errorf("the specification has %+v", api.FilterGrammar)
	}
	if !slices.EqualFunc(extended.Operators[:len(documented.Operators)], documented.Operators, func(a, b metafilter.Operator) bool {
		return reflect.DeepEqual(a, b)
	}) {
		t.Error("the extended grammar does not extend that of the specification")
	}
}
