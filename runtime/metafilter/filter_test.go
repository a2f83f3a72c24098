package metafilter_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

type (
	album  string
	rating int8
	flag   bool
	share  float32
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		value metafilter.Value
		typ   metafilter.Type
		text  string
	}{
		{metafilter.Text("5"), metafilter.Untyped, "5"},
		{metafilter.Of("x"), metafilter.String, "x"},
		{metafilter.Of(album("cats")), metafilter.String, "cats"},
		{metafilter.Of(true), metafilter.Boolean, "true"},
		{metafilter.Of(flag(false)), metafilter.Boolean, "false"},
		{metafilter.Of(-5), metafilter.Number, "-5"},
		{metafilter.Of(rating(127)), metafilter.Number, "127"},
		{metafilter.Of(uint64(math.MaxUint64)), metafilter.Number, "18446744073709551615"},
		{metafilter.Of(int64(math.MinInt64)), metafilter.Number, "-9223372036854775808"},
		{metafilter.Of(0.1), metafilter.Number, "0.1"},
		{metafilter.Of(float32(0.1)), metafilter.Number, "0.1"},
		{metafilter.Of(share(2.5)), metafilter.Number, "2.5"},
		{metafilter.Of(math.Copysign(0, -1)), metafilter.Number, "0"},
		{metafilter.Of(1e20), metafilter.Number, "100000000000000000000"},
		{metafilter.Of(1e21), metafilter.Number, "1e+21"},
		{metafilter.Of(math.SmallestNonzeroFloat64), metafilter.Number, "5e-324"},
	} {
		if c.value.Type() != c.typ || c.value.String() != c.text {
			t.Errorf("got %s %q, want %s %q", c.value.Type(), c.value, c.typ, c.text)
		}
	}
}

func TestOfAll(t *testing.T) {
	g := documented
	f := g.All(g.Term("in", "n", metafilter.OfAll([]rating{1, 2})...), g.Term("in", "s", metafilter.TextAll([]string{"a", "1"})...))
	if f.Err() != nil || f.String() != "meta.n[in:number]=1|2&meta.s[in]=a|1" {
		t.Errorf("got %q, %v", f, f.Err())
	}
}

func TestEncode(t *testing.T) {
	g := documented
	f := g.All(
		g.Term("eq", "status", metafilter.Of("a&b c")),
		g.Term("in", "region.name", metafilter.Text("eu"), metafilter.Text("us")),
		g.Term("gte", "rating", metafilter.Of(3)),
	)
	const wire = "meta.status%5Beq%3Astring%5D=a%26b%20c&meta.region.name%5Bin%5D=eu%7Cus&meta.rating%5Bgte%3Anumber%5D=3"
	if got := string(f.AppendTo([]byte("?"))); got != "?"+wire {
		t.Errorf("AppendTo gives %s", got)
	}
	const text = "meta.status[eq:string]=a%26b c&meta.region.name[in]=eu|us&meta.rating[gte:number]=3"
	if f.String() != text || f.Len() != 3 || f.Terms()[2].String() != "meta.rating[gte:number]=3" {
		t.Errorf("String gives %s", f)
	}
	data, err := json.Marshal(struct{ Filter metafilter.Filter }{f})
	if want := `{"Filter":"` + strings.ReplaceAll(text, "&", `\u0026`) + `"}`; err != nil || string(data) != want {
		t.Errorf("JSON is %s, %v", data, err)
	}
}

func TestZero(t *testing.T) {
	for _, f := range []metafilter.Filter{{}, documented.All()} {
		if f.Err() != nil || f.Len() != 0 || f.String() != "" || len(f.AppendTo(nil)) != 0 || !f.MatchJSON(nil) || !f.Match(nil) {
			t.Errorf("the zero filter says something: %#v", f)
		}
	}
	wantError(t, documented.All(metafilter.Term{}).Err(), "meta", "not made by this grammar")
	wantError(t, documented.All(extended.Term("eq", "x", metafilter.Text("1"))).Err(), "meta", "not made by this grammar")
	if s := (metafilter.Term{}).String() + (metafilter.Term{}).Operator(); s != "" {
		t.Errorf("the zero term reads %q", s)
	}
}

func TestTermErrors(t *testing.T) {
	of, text := metafilter.Of[string], metafilter.Text
	for _, c := range []struct {
		op, path   string
		values     []metafilter.Value
		param, msg string
	}{
		{"ne", "x", []metafilter.Value{of("a")}, "meta.x[ne:string]", "Unsupported metadata filter operator: 'ne'"},
		{"eq:string", "x", []metafilter.Value{text("a")}, "meta.x[eq:string]", "Unsupported metadata filter operator: 'eq:string'"},
		{"eq", "x", nil, "meta.x[eq]", "no value"},
		{"in", "x", nil, "meta.x[in]", "no value"},
		{"in", "x", []metafilter.Value{of("")}, "meta.x[in:string]", "no value"},
		{"eq", "x", []metafilter.Value{of("a"), of("b")}, "meta.x[eq:string]", "2 values, maximum 1 allowed"},
		{"in", "x", make([]metafilter.Value, 11), "meta.x[in]", "11 list elements, maximum 10 allowed"},
		{"in", "x", []metafilter.Value{of("a|b")}, "meta.x[in:string]", "list separator '|' inside the element 'a|b'"},
		{"in", "x", []metafilter.Value{of("a"), metafilter.Of(1)}, "meta.x[in:string]", "different types"},
		{"in", "x", []metafilter.Value{metafilter.Of(true)}, "meta.x[in:boolean]", "takes string or number, not boolean"},
		{"gt", "x", []metafilter.Value{of("3")}, "meta.x[gt:string]", "takes number, not string"},
		{"gt", "x", []metafilter.Value{text("three")}, "meta.x[gt]", "not a number"},
		{"gt", "x", []metafilter.Value{metafilter.Of(math.NaN())}, "meta.x[gt:number]", "NaN, which is not a finite number"},
		{"eq", "x", []metafilter.Value{metafilter.Of(math.Inf(-1))}, "meta.x[eq:number]", "-Inf, which is not a finite number"},
		{"eq", "", []metafilter.Value{of("a")}, "meta.[eq:string]", "empty field name"},
		{"eq", "a.b.c.d.e.f", []metafilter.Value{of("a")}, "meta.a.b.c.d.e.f[eq:string]", "6 levels, maximum 5 allowed"},
		{"eq", "x", []metafilter.Value{of("\xff")}, "meta.x[eq:string]", "not valid UTF-8"},
	} {
		term := documented.Term(c.op, c.path, c.values...)
		wantError(t, term.Err(), c.param, c.msg)
		f := documented.All(documented.Term("eq", "fine", of("x")), term)
		wantError(t, f.Err(), c.param, c.msg)
		if _, err := json.Marshal(f); err == nil || f.String() != "" || len(f.AppendTo(nil)) != 0 {
			t.Errorf("a filter with an error was written: %v", c)
		}
	}
	bad := documented.Term("x", "x")
	wantError(t, documented.All(bad, bad, bad, bad, bad, bad).Err(), "meta", "Too many metadata filters: 6 provided, maximum 5 allowed")
}

// TestOwnership: neither the operands given nor the slices handed out are part of the filter.
func TestOwnership(t *testing.T) {
	values := []metafilter.Value{metafilter.Of("a"), metafilter.Of("b")}
	terms := []metafilter.Term{documented.Term("in", "x", values...)}
	f := documented.All(terms...)
	values[0], terms[0] = metafilter.Of("z"), metafilter.Term{}
	f.Terms()[0] = metafilter.Term{}
	f.Terms()[0].Values()[0] = metafilter.Of("y")
	if f.String() != "meta.x[in:string]=a|b" {
		t.Errorf("the filter changed to %s", f)
	}
}

func TestLongTextInErrors(t *testing.T) {
	_, err := documented.Parse("meta.x[gt]=" + strings.Repeat("é", 10000))
	if err == nil || len(err.Error()) > 400 || strings.Contains(err.Error(), "\uFFFD") {
		t.Errorf("the error repeats too much: %d bytes", len(err.Error()))
	}
}
