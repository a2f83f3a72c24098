package metafilter_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

// samples are the metadata values of the semantics table, one of each type that matters.
var samples = []struct{ kind, json string }{
	{"string", `"x"`}, {"numeric string", `"5"`}, {"empty string", `""`}, {"number", `5`}, {"number", `5.0`}, {"number", `6`},
	{"boolean", `true`}, {"boolean string", `"true"`}, {"null", `null`}, {"object", `{"x":5}`},
	{"array", `["x",5,null,[6]]`}, {"empty array", `[]`},
}

// semantics says which samples each condition matches, by their place above; any other sample does not match.
var semantics = []struct{ condition, matches string }{
	{"[eq]=x", `"x" ["x",5,null,[6]]`},
	{"[eq]=5", `"5" 5 5.0 ["x",5,null,[6]]`},
	{"[eq]=5e0", `5 5.0 ["x",5,null,[6]]`},
	{"[eq]=", `""`},
	{"[eq]=true", `true "true"`},
	{"[eq]=null", ``},
	{"[eq:string]=5", `"5"`},
	{"[eq:string]=true", `"true"`},
	{"[eq:string]=x", `"x" ["x",5,null,[6]]`},
	{"[eq:number]=5", `5 5.0 ["x",5,null,[6]]`},
	{"[eq:number]=6", `6`},
	{"[eq:boolean]=true", `true`},
	{"[eq:boolean]=false", ``},
	{"[in]=5|x|", `"x" "5" "" 5 5.0 ["x",5,null,[6]]`},
	{"[in]=true|6", `6 true "true"`},
	{"[in:string]=5|x", `"x" "5" ["x",5,null,[6]]`},
	{"[in:number]=5|6", `5 5.0 6 ["x",5,null,[6]]`},
	{"[gt]=5", `6`},
	{"[gt:number]=4.9", `5 5.0 6`},
	{"[gte:number]=5", `5 5.0 6`},
	{"[gte]=6", `6`},
	{"[lt:number]=6", `5 5.0`},
	{"[lt]=5", ``},
	{"[lte:number]=5", `5 5.0`},
	{"[lte]=-1", ``},
	{"[ne]=5", `"x" "" 6 true "true" []`},
	{"[ne:string]=5", `"x" "" 5 5.0 6 true "true" ["x",5,null,[6]] []`},
	{"[nin:number]=5|6", `"x" "5" "" true "true" []`},
	{"[prefix]=", `"x" "5" "" "true" ["x",5,null,[6]]`},
	{"[prefix:string]=tr", `"true"`},
	{"[before:string]=6", `"5" ""`},
	{"[before]=6", `"5" "" 5 5.0`},
	{"[before:number]=6", `5 5.0`},
	{"[from]=5|true", `"x" "5" 5 5.0 6 "true"`},
}

func TestSemantics(t *testing.T) {
	for _, row := range semantics {
		f := parse(t, extended, "meta.a.b"+row.condition)
		want := strings.Fields(row.matches)
		for _, s := range samples {
			matches := false
			for _, m := range want {
				matches = matches || m == s.json
			}
			expect(t, f.String(), `{"a":{"b":`+s.json+`}}`, matches)
		}
		expect(t, f.String(), `{"a":{}}`, false)
		expect(t, f.String(), `{"a":[{"b":"x"}]}`, false)
		expect(t, f.String(), `{"a.b":"x","b":"x"}`, false)
	}
	expect(t, "meta.axb[eq]=1", `{"a":{"b":1}}`, false)
	expect(t, "meta.axb[eq]=1", `{"axb":1,"a":{"b":2},"ax":2}`, true)
	expect(t, "meta.a[eq]=1", `{"a":{"":1}}`, false)
}

// expect puts a filter to a document in each way there is.
func expect(t *testing.T, query, text string, want bool) {
	t.Helper()
	f := parse(t, extended, query)
	if got := f.MatchJSON([]byte(text)); got != want {
		t.Errorf("%s on %s: MatchJSON %v, want %v", query, text, got, want)
	}
	doc, ok := decodeObject(text)
	if !ok {
		t.Fatalf("not a JSON object: %s", text)
	}
	if got := f.Match(doc); got != want {
		t.Errorf("%s on %s: Match %v, want %v", query, text, got, want)
	}
	if got := slowMatch(extended, f, doc); got != want {
		t.Errorf("%s on %s: reference %v, want %v", query, text, got, want)
	}
}

// TestNumbers lists pairs of one document and one operand; the sign is the document's place relative to the operand.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		doc, operand string
		sign         int
	}{
		{"5", "5.0", 0}, {"5e0", "5", 0}, {"50E-1", "5", 0}, {"0.5e+1", "5.000", 0}, {"-0", "0", 0}, {"0e9", "-0.0", 0},
		{"9007199254740993", "9007199254740992", 1}, {"9007199254740992", "9007199254740993", -1},
		{"9007199254740993", "9007199254740993", 0}, {"9007199254740993.0", "90071992547409930e-1", 0},
		{"0.1", "0.1", 0}, {"0.1", "1e-1", 0}, {"0.1", "0.1000000000000000055511151231257827", -1},
		{"0.30000000000000004", "0.3", 1}, {"-0.1", "0.1", -1}, {"-2", "-10", 1}, {"-10", "-2", -1}, {"3", "10", -1},
		{"123456789012345678901234567890", "123456789012345678901234567891", -1}, {"100", "1e2", 0}, {"99.9", "1e2", -1},
		{"1e400", "1e399", 1}, {"-1e400", "-1e399", -1}, {"1e-400", "0", 1}, {"1e-400", "1e-401", 1}, {"1e400", "10e399", 0},
		{"0.001", "1e-3", 0}, {"0.00102", "1.02e-3", 0}, {"10.20", "1020e-2", 0}, {"10.2", "10.21", -1}, {"1.5", "15", -1},
		{"-1.2", "-1.3", 1}, {"-1.3", "-1.2", -1}, {"5", "5.0000000000000000001", -1}, {"5.0000000000000000001", "5", 1},
		{"999999999999999", "999999999999999.00000000000001", -1},
	} {
		for op, holds := range map[string]bool{
			"eq": c.sign == 0, "in": c.sign == 0, "ne": c.sign != 0,
			"lt": c.sign < 0, "lte": c.sign <= 0, "gt": c.sign > 0, "gte": c.sign >= 0,
		} {
			expect(t, "meta.n["+op+":number]="+c.operand, `{"n":`+c.doc+`}`, holds)
		}
	}
}

// TestHugeNumbers: exponents beyond all memory cost nothing, and order as they should.
func TestHugeNumbers(t *testing.T) {
	far := strings.Repeat("9", 40)
	for _, doc := range []string{"1e999999999999", "1E+" + far, "123e" + far} {
		for operand, op := range map[string]string{"1e999999999": "gt", "-1e999999999": "gt", "0": "gt", "5": "ne"} {
			f := parse(t, extended, "meta.n["+op+"]="+operand)
			if !f.MatchJSON([]byte(`{"n":`+doc+`}`)) || f.MatchJSON([]byte(`{"n":-`+doc+`}`)) != (op == "ne") {
				t.Errorf("%s is wrong about ±%s", f, doc)
			}
		}
	}
	if !parse(t, extended, "meta.n[gt]=0&meta.n[lt]=1e-999999999").MatchJSON([]byte(`{"n":1e-` + far + `}`)) {
		t.Error("a tiny number is not between zero and a larger one")
	}
	for _, operand := range []string{"1e9999999999", "1e" + far, "1e-" + far} {
		_, err := extended.Parse("meta.n[gt]=" + operand)
		wantError(t, err, "meta.n[gt]", "not a number")
	}
}

func TestMatchJSONText(t *testing.T) {
	for _, c := range []struct {
		doc  string
		want bool
	}{
		{` { "s" : "a" , "o" : { "k" : 1 } } `, true},
		{`{"o":{"k":1},"\u0073":"\u0061"}`, true},
		{`{"s":"b","s":"a","o":{"k":1}}`, true},
		{`{"s":"a","s":"b","o":{"k":1}}`, false},
		{`{"s":"a","o":{"k":1},"o":{"j":1}}`, false},
		{`{"s":"a","o":{"k":1},"o":null}`, false},
		{`{"s":"a","o":{"k":2,"k":1}}`, true},
		{`{"s":"a","o.k":1}`, false},
		{`{"s":"a","o":{"k":1},"x":[{"s":"b","o":{"k":2}},{},[]]}`, true},
		{`{"s":"a","o":{"k":1}} {}`, false},
		{`{"s":"a","o":{"k":1}}` + "\x00", false},
		{`{"s":"a","o":{"k":1},}`, false},
		{`{"s":"a","o":{"k":1}`, false},
		{`{"s":"a","o":{"k":1},"x":01}`, false},
		{`{"s":"a","o":{"k":1},"x":"\q"}`, false},
		{`{"s":"a","o":{"k":1},"x":nul}`, false},
		{"{\"s\":\"a\",\"o\":{\"k\":1},\"x\":\"\n\"}", false},
		{`[{"s":"a","o":{"k":1}}]`, false},
		{`"s"`, false}, {``, false}, {`null`, false},
	} {
		f := parse(t, documented, "meta.s[eq]=a&meta.o.k[eq]=1")
		if got := f.MatchJSON([]byte(c.doc)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.doc, got, c.want)
		}
	}
}

// TestDepth: nesting ends where that of encoding/json ends.
func TestDepth(t *testing.T) {
	f := parse(t, documented, "meta.s[eq]=a")
	for _, depth := range []int{9999, 10000} {
		doc := `{"x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `,"s":"a"}`
		if got, want := f.MatchJSON([]byte(doc)), json.Valid([]byte(doc)); got != want {
			t.Errorf("%d arrays: got %v, want %v", depth, got, want)
		}
	}
}

// TestManyTerms: a grammar without a limit may have more terms than one pass takes.
func TestManyTerms(t *testing.T) {
	free := *documented
	free.MaxTerms = 0
	var query, doc strings.Builder
	for i := range 150 {
		fmt.Fprintf(&query, "&meta.k%d[eq]=%d", i, i)
		fmt.Fprintf(&doc, `,"k%d":%d`, i, i)
	}
	f := parse(t, &free, query.String())
	if f.Len() != 150 || !f.MatchJSON([]byte("{"+doc.String()[1:]+"}")) {
		t.Error("150 terms that all hold do not match")
	}
	if f.MatchJSON([]byte("{" + doc.String()[1:] + `,"k70":0}`)) {
		t.Error("a term that fails is not seen")
	}
}

func TestMatchGoValues(t *testing.T) {
	type status string
	doc := map[string]any{
		"named": status("x"), "int": 5, "uint8": uint8(5), "float32": float32(0.1), "tags": []string{"a", "b"},
		"map": map[string]int{"k": 1}, "list": []any{1, status("y")}, "func": func() {}, "nil": nil, "bad": json.Number("x"),
	}
	for query, want := range map[string]bool{
		"meta.named[eq:string]=x": true, "meta.int[gte]=5": true, "meta.uint8[eq:number]=5": true, "meta.float32[eq:number]=0.1": true,
		"meta.tags[in]=b|c": true, "meta.map.k[eq:number]=1": true, "meta.list[eq:number]=1": true, "meta.list[eq:string]=y": true,
		"meta.func[ne]=x": false, "meta.nil[ne]=x": false, "meta.bad[ne]=x": false, "meta.map[ne]=x": false,
	} {
		if got := parse(t, extended, query).Match(doc); got != want {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
}

// TestFloats: a float64 stands for its shortest decimal, and is compared with all digits of the operand.
func TestFloats(t *testing.T) {
	for _, c := range []struct {
		value   float64
		operand string
		sign    int
	}{
		{0.1, "0.1", 0}, {0.1, "0.1000000000000000055511151231257827", -1}, {0.1, "0.09999999999999999999", 1}, {0.1, "0.2", -1},
		{5, "5.0", 0}, {5, "5.0000000000000000001", -1}, {-5, "-5.0000000000000000001", 1}, {math.Copysign(0, -1), "0", 0},
		{9007199254740992, "9007199254740992", 0}, {9007199254740992, "9007199254740993", -1}, {1e300, "1e400", -1}, {5e-324, "0", 1},
		{0, "1e-400", -1}, {1e21, "1000000000000000000000", 0},
	} {
		for op, holds := range map[string]bool{"eq": c.sign == 0, "lt": c.sign < 0, "gt": c.sign > 0, "gte": c.sign >= 0} {
			f := parse(t, documented, "meta.n["+op+":number]="+c.operand)
			if got := f.Match(map[string]any{"n": c.value}); got != holds {
				t.Errorf("%s on %v: got %v, want %v", f, c.value, got, holds)
			}
		}
	}
	for _, value := range []float64{math.NaN(), math.Inf(1)} {
		if parse(t, extended, "meta.n[ne]=1").Match(map[string]any{"n": value}) {
			t.Errorf("%v has a place in JSON", value)
		}
	}
}

// TestStrings: whatever way a string is spelled in a document, it is the one that encoding/json reads.
func TestStrings(t *testing.T) {
	for _, spelled := range []string{
		`""`, `"é"`, `"\u00e9"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud800\u0041"`, `"\ude00\ud83d"`, `"\ud800\ud83d\ude00"`, `"\ud83dx"`,
		`"\"\\\/\b\f\n\r\t"`, "\"\xff\"", "\"a\xe2\x82\"", "\"\xff\\n\"", `"\uFFFD"`, `"\u0000"`, "\"\x7f\"",
	} {
		var s string
		if err := json.Unmarshal([]byte(spelled), &s); err != nil {
			t.Fatalf("%s: %v", spelled, err)
		}
		f := documented.All(documented.Term("eq", "s", metafilter.Of(s)))
		if !f.MatchJSON([]byte(`{"s":` + spelled + `}`)) {
			t.Errorf("%q does not equal %s", s, spelled)
		}
	}
	for _, broken := range []string{`"\u12"`, `"\u12g4"`, `"\x"`, `"\`, `"`, "\"\t\"", `"\u"`} {
		if parse(t, documented, "meta.a[eq]=1").MatchJSON([]byte(`{"a":1,"s":` + broken + `}`)) {
			t.Errorf("%s is taken for a string", broken)
		}
	}
}
