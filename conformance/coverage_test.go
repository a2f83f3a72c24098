package conformance_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
)

var update = flag.Bool("update", false, "write the golden files, and find clauses for fields that have none")

const fieldsFile = "coverage-fields.yaml"

// alter is a handler that changes one field in the answers of an operation.
type alter struct {
	next      http.Handler
	operation string
	field     string
	changed   int
}

func (a *alter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	a.next.ServeHTTP(rec, r)
	body := rec.Body.Bytes()
	if rec.Code == http.StatusOK && conformance.OperationOf(r) == a.operation {
		body = a.body(body)
		rec.Header().Del("Content-Length")
	}
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body)
}

func (a *alter) body(text []byte) []byte {
	if a.field == "body" {
		a.changed++
		return append(slices.Clone(text), "more"...)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var envelope map[string]any
	if dec.Decode(&envelope) != nil {
		return text
	}
	before := a.changed
	a.within(envelope, "result", a.field)
	if a.changed == before {
		return text
	}
	out, err := json.Marshal(envelope)
	if err != nil {
		return text
	}
	return out
}

// within changes what lies below a member of an object.
func (a *alter) within(object map[string]any, member, path string) {
	v, ok := object[member]
	if member == "draft" && !ok {
		v, ok = false, true
	}
	if !ok || v == nil {
		return
	}
	object[member] = a.at(v, path)
}

func (a *alter) at(v any, path string) any {
	if path == "" {
		a.changed++
		return other(v, a.changed)
	}
	switch kind := v.(type) {
	case []any:
		if rest, ok := strings.CutPrefix(path, "[]"); ok {
			for i := range kind {
				kind[i] = a.at(kind[i], strings.TrimPrefix(rest, "."))
			}
		}
	case map[string]any:
		if rest, ok := strings.CutPrefix(path, "{}"); ok {
			for key := range kind {
				kind[key] = a.at(kind[key], strings.TrimPrefix(rest, "."))
			}
			break
		}
		name := path[:len(path)-len(strings.TrimLeft(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"))]
		a.within(kind, name, strings.TrimPrefix(path[len(name):], "."))
	}
	return v
}

// successor is another value of an enumeration.
var successor = map[string]string{
	"scale-down": "contain", "contain": "cover", "cover": "crop", "crop": "pad", "pad": "scale-down",
	"keep": "copyright", "copyright": "none", "none": "keep",
}

// other is another value of the same type. Numbers differ every time.
func other(v any, times int) any {
	switch v := v.(type) {
	case bool:
		return !v
	case json.Number:
		n, _ := strconv.ParseInt(v.String(), 10, 64)
		return n + int64(times)
	case map[string]any:
		return map[string]any{"altered": true}
	case string:
		switch {
		case len(v) > 19 && v[4] == '-' && v[10] == 'T':
			return "2001-02-03T04:05:06Z"
		case strings.HasPrefix(v, "http"):
			return "https://altered.invalid/a/b/c"
		}
		if next := successor[v]; next != "" {
			return next
		}
		return v + "x"
	}
	return v
}

// altered runs clauses against the mock with a field changed.
func altered(t *testing.T, g conformance.Goal, clauses ...string) (*conformance.Result, int) {
	t.Helper()
	c := &clock{}
	target := everything(c)
	a := &alter{next: mock.New(options(c)...).Handler(guarded()), operation: g.Operation, field: g.Name}
	target.Handler = a
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses(clauses...))
	if err != nil {
		t.Fatal(err)
	}
	return result, a.changed
}

// TestRepliesAreChecked changes every field of every reply, and demands that
// the clause which is said to check it fails.
func TestRepliesAreChecked(t *testing.T) {
	data, err := os.ReadFile(fieldsFile)
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]map[string]string{}
	if err := yaml.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, g := range conformance.Goals() {
		if g.Kind != conformance.GoalReply {
			continue
		}
		known[g.Operation+" "+g.Name] = true
		if clause := table[g.Operation][g.Name]; clause != "" {
			t.Run(g.Operation+" "+g.Name, func(t *testing.T) {
				result, changed := altered(t, g, clause)
				if o, _ := result.Outcome(clause); o.State != conformance.Failed || changed == 0 {
					t.Errorf("%s is %s when %d values are changed", clause, o.State, changed)
				}
			})
		} else if *update {
			find(t, g, table)
		}
	}
	for operation, fields := range table {
		for field := range fields {
			if !known[operation+" "+field] {
				t.Errorf("%s has no field %s", operation, field)
			}
		}
	}
	if *update {
		writeFields(t, table)
	}
}

// find looks for a clause that notices the change, first among those of the
// operation's own group.
func find(t *testing.T, g conformance.Goal, table map[string]map[string]string) {
	t.Helper()
	result, changed := altered(t, g, "*")
	best, most := "", -1
	for _, o := range result.Outcomes {
		if o.State != conformance.Failed || o.Clause.Level == conformance.Info || strings.HasPrefix(o.Clause.ID, "STM") || strings.HasPrefix(o.Clause.ID, "CON") {
			continue
		}
		n := 10 - len(o.Operations)
		if slices.Contains(o.Operations, g.Operation) {
			n += 5
		}
		if n > most {
			best, most = o.Clause.ID, n
		}
	}
	t.Logf("%s %s: %d changed, %q", g.Operation, g.Name, changed, best)
	if best == "" {
		return
	}
	if table[g.Operation] == nil {
		table[g.Operation] = map[string]string{}
	}
	table[g.Operation][g.Name] = best
}

func writeFields(t *testing.T, table map[string]map[string]string) {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprint(&b, "# For each field of each reply the clause that fails when the field has another\n"+
		"# value. TestRepliesAreChecked changes every one of them; with -update it looks\n"+
		"# for a clause where there is none.\n\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(table); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fieldsFile, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// covered demands that a full run has no gap that is not exempt, and that every
// exemption has a gap behind it.
func covered(t *testing.T, c conformance.Coverage) {
	t.Helper()
	for _, g := range c.Gaps() {
		t.Errorf("no clause touches %q: add a row, or an entry to coverage-exempt.yaml", g.ID())
	}
	for _, pattern := range c.Stale() {
		t.Errorf("coverage-exempt.yaml: %q has no gap behind it", pattern)
	}
}

// TestNothingCovered checks that a run which asked no operation at all is none
// that conforms.
func TestNothingCovered(t *testing.T) {
	c := &clock{}
	target := everything(c)
	target.Handler = mock.New(options(c)...).Handler(guarded())
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("STM-006"))
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := result.Outcome("STM-006"); o.State != conformance.Passed || !result.Coverage.Empty() || result.Conforms() {
		t.Errorf("STM-006 is %s, nothing is covered: %t, conforms: %t", o.State, result.Coverage.Empty(), result.Conforms())
	}
	if conformance.ExitCode(result, err) != conformance.ExitFailed {
		t.Error("the exit code should tell")
	}
}
