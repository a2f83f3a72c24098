package metafilter_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

func TestParse(t *testing.T) {
	for query, want := range map[string]string{
		"meta.status[eq:string]=active":                     "meta.status[eq:string]=active",
		"meta.status[in]=pending|deleted|flagged":           "meta.status[in]=pending|deleted|flagged",
		"meta.ratings[in:number]=4|5":                       "meta.ratings[in:number]=4|5",
		"meta.priority[gte:number]=1":                       "meta.priority[gte:number]=1",
		"meta.p[gte:number]=1&meta.p[lte:number]=5":         "meta.p[gte:number]=1&meta.p[lte:number]=5",
		"meta.region.name[eq]=eu-west":                      "meta.region.name[eq]=eu-west",
		"meta.enabled[eq:boolean]=true":                     "meta.enabled[eq:boolean]=true",
		"meta.status[eq]=active&creator=user123":            "meta.status[eq]=active",
		"per_page=1&meta.status%5Beq%3Astring%5D=a%7Cb&x":   "meta.status[eq:string]=a|b",
		"m%65ta%2Estatus%5beq%5d=a+b%2Bc":                   "meta.status[eq]=a b%2Bc",
		"meta.st%61tus[%65q]=%2541":                         "meta.status[eq]=%2541",
		"meta.x[in]=a%7C%7Cb":                               "meta.x[in]=a||b",
		"meta.x[eq]":                                        "meta.x[eq]=",
		"meta.x[eq]=a=b":                                    "meta.x[eq]=a%3Db",
		"meta.x[eq]=%F0%9F%98%80%00":                        "meta.x[eq]=😀%00",
		"meta=1&metadata.x[eq]=1&Meta.x[eq]=1&%zz=1&xmeta.": "",
		"": "", "&&": "", "creator=a": "",
	} {
		if got := parse(t, documented, query).String(); got != want {
			t.Errorf("Parse(%q) = %q, want %q", query, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	long := strings.Repeat("a", 101)
	for _, c := range []struct{ query, param, msg string }{
		{"meta.status[not-eq]=x", "meta.status[not-eq]", "Unsupported metadata filter operator: 'not-eq'"},
		{"meta.status[not-eq:string]=x", "meta.status[not-eq:string]", "Unsupported metadata filter operator: 'not-eq'"},
		{"meta.status[not-eq:text]=x", "meta.status[not-eq:text]", "Unsupported metadata filter operator: 'not-eq:text'"},
		{"meta.status[eq:text]=x", "meta.status[eq:text]", "Unsupported metadata filter operator: 'eq:text'"},
		{"meta.status[eq:]=x", "meta.status[eq:]", "Unsupported metadata filter operator: 'eq:'"},
		{"meta.status[]=x", "meta.status[]", "Unsupported metadata filter operator: ''"},
		{"meta.status[EQ]=x", "meta.status[EQ]", "Unsupported metadata filter operator: 'EQ'"},
		{"meta.a[b][eq]=x", "meta.a[b][eq]", "Unsupported metadata filter operator: 'b][eq'"},
		{"meta.status%5Bne%5D=x", "meta.status[ne]", "Unsupported metadata filter operator: 'ne'"},
		{strings.Repeat("&meta.%zz", 6), "meta", "Too many metadata filters: 6 provided, maximum 5 allowed"},
		{"meta.done[in:boolean]=true", "meta.done[in:boolean]", "operator 'in' takes string or number, not boolean"},
		{"meta.n[gt:string]=3", "meta.n[gt:string]", "operator 'gt' takes number, not string"},
		{"meta.<field>[<operator>]=x", "meta.<field>[<operator>]", "placeholder"},
		{"meta.%3Cfield%3E%5B%3Coperator%3E%5D=x", "meta.<field>[<operator>]", "placeholder"},
		{"meta.x[<operator>]=x", "meta.x[<operator>]", "placeholder"},
		{"meta.x=1", "meta.x", "no operator"},
		{"meta.=1", "meta.", "no operator"},
		{"meta.x[eq=1", "meta.x[eq", "no operator"},
		{"meta.x[eq]y=1", "meta.x[eq]y", "no operator"},
		{"meta.[eq]=1", "meta.[eq]", "empty field name"},
		{"meta.a..b[eq]=1", "meta.a..b[eq]", "empty field name"},
		{"meta.a.[eq]=1", "meta.a.[eq]", "empty field name"},
		{"meta.a-b[eq]=1", "meta.a-b[eq]", "has '-' in a field name"},
		{"meta.%C3%A9[eq]=1", "meta.é[eq]", "has 'é' in a field name"},
		{"meta.a.b.c.d.e.f[eq]=1", "meta.a.b.c.d.e.f[eq]", "has 6 levels, maximum 5 allowed"},
		{"meta." + long + "[eq]=1", "meta." + long + "[eq]", "path of 101 characters, maximum 100 allowed"},
		{"meta.x[in]=" + strings.Repeat("a|", 10) + "a", "meta.x[in]", "11 list elements, maximum 10 allowed"},
		{"meta.x[in]=", "meta.x[in]", "no value"},
		{"meta.x[gt]=", "meta.x[gt]", "value '', which is not a number"},
		{"meta.x[gt]=five", "meta.x[gt]", "not a number"},
		{"meta.x[eq:number]=%2B5", "meta.x[eq:number]", "not a number"},
		{"meta.x[eq:number]=05", "meta.x[eq:number]", "not a number"},
		{"meta.x[eq:number]=NaN", "meta.x[eq:number]", "not a number"},
		{"meta.x[eq:number]=0x1p4", "meta.x[eq:number]", "not a number"},
		{"meta.x[eq:number]=1+", "meta.x[eq:number]", "not a number"},
		{"meta.x[in:number]=1||2", "meta.x[in:number]", "not a number"},
		{"meta.x[eq:boolean]=True", "meta.x[eq:boolean]", "neither true nor false"},
		{"meta.x[eq]=%zz", "meta.x[eq]", "invalid percent-escape"},
		{"meta.x[eq]=%4", "meta.x[eq]", "invalid percent-escape"},
		{"meta.%zz[eq]=1", "meta.%zz[eq]", "invalid percent-escape"},
		{"meta.x[eq]=%ff", "meta.x[eq]", "not valid UTF-8"},
		{"meta.%ff[eq]=1", "meta.\xff[eq]", "in a field name"},
	} {
		f, err := documented.Parse(c.query)
		wantError(t, err, c.param, c.msg)
		wantError(t, f.Err(), c.param, c.msg)
		if f.MatchJSON([]byte(`{"x":1}`)) || f.Match(map[string]any{"x": 1.0}) {
			t.Errorf("%s: a filter with an error matches", c.query)
		}
	}
}

// TestExactMessages: the documented answers are these texts and nothing around them.
func TestExactMessages(t *testing.T) {
	for query, want := range map[string]string{
		"meta.status[not-eq]=x":                  "Unsupported metadata filter operator: 'not-eq'",
		strings.Repeat("meta.a[eq]=1&", 6) + "x": "Too many metadata filters: 6 provided, maximum 5 allowed",
	} {
		if _, err := documented.Parse(query); err == nil || err.Error() != want {
			t.Errorf("Parse(%q): %v, want %q", query, err, want)
		}
	}
}

func TestParseText(t *testing.T) {
	_, err := documented.ParseText("meta.x[eq]=1&mta.y[eq]=2")
	wantError(t, err, "mta.y[eq]", "'mta.y[eq]' is not a metadata filter")
	for _, text := range []string{"", "&"} {
		if f, err := documented.ParseText(text); err != nil || f.Len() != 0 {
			t.Errorf("ParseText(%q) = %v, %v", text, f, err)
		}
	}
}

func TestParseJSON(t *testing.T) {
	f, err := documented.ParseJSON([]byte(`"meta.status[eq]=a b&meta.n[gt]=3"`))
	if err != nil || f.String() != "meta.status[eq]=a b&meta.n[gt]=3" {
		t.Errorf("got %q, %v", f, err)
	}
	if f, err := documented.ParseJSON([]byte("null")); err != nil || f.Len() != 0 {
		t.Errorf("null: got %q, %v", f, err)
	}
	if _, err := documented.ParseJSON([]byte("5")); err == nil {
		t.Error("a number is taken for a filter")
	}
}

// TestInjection: nothing in a path or a value reaches the query as anything else.
func TestInjection(t *testing.T) {
	for _, text := range []string{"a&b=c", "x#y", "100%", "%41", "a=b", "meta.x[eq]=1", "]=1&per_page=9", "\x00", "𝄞", ";", "+", " "} {
		if err := documented.Term("eq", text, metafilter.Of("v")).Err(); err == nil {
			t.Errorf("path %q is let through", text)
		}
		f := documented.All(documented.Term("eq", "x", metafilter.Of(text)))
		form, err := url.ParseQuery(string(f.AppendTo(nil)))
		if err != nil || len(form) != 1 || form.Get("meta.x[eq:string]") != text {
			t.Errorf("value %q arrives as %v, %v", text, form, err)
		}
	}
}

// TestLimitsReached: what is exactly at a limit is fine.
func TestLimitsReached(t *testing.T) {
	path := strings.Repeat("a", 92) + ".b.c.d.e"
	query := strings.Repeat("meta."+path+"[in]="+strings.Repeat("x|", 9)+"x&", 5)
	if f := parse(t, documented, query); f.Len() != 5 || len(f.Terms()[0].Values()) != 10 {
		t.Errorf("got %s", f)
	}
	terms := parse(t, documented, query+"creator=x").Terms()
	if err := documented.All(terms...).Err(); err != nil {
		t.Error(err)
	}
}

// TestSegment: the grammar may allow more characters, but never bytes that are no characters.
func TestSegment(t *testing.T) {
	wide := *documented
	wide.Segment = "_-é\uFFFD"
	if got := parse(t, &wide, "meta.caf%C3%A9-a[eq]=1").String(); got != "meta.café-a[eq]=1" {
		t.Errorf("got %s", got)
	}
	_, err := wide.Parse("meta.a%ff[eq]=1")
	wantError(t, err, "meta.a\xff[eq]", "in a field name")
}
