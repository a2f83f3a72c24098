package contract_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
)

func TestObjectKeepsTheSpelling(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`,
		`{"a":1.0,"b":1e400,"c":9007199254740993,"d":-0,"e":1E+2}`,
		`{"a":"<b>&</b>"}`,
		"{\"a\":\"\u2028 and \u2029\"}",
		`{"a":"\\u2028"}`,
		`{"a":"\\\\u2028\\","b":"\""}`,
		`{"a":null,"b":[],"c":{"d":{}},"e":true}`,
		`{"ä\t":"😀"}`,
	} {
		var o contract.Object
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := o.MarshalJSON()
		if err != nil || string(got) != text {
			t.Errorf("%s became %s, %v", text, got, err)
		}
		if got, err = contract.EncodeJSON(struct{ O contract.Object }{o}); err != nil || string(got) != `{"O":`+text+`}` {
			t.Errorf("inside a body, %s became %s, %v", text, got, err)
		}
		var r contract.RawObject
		if err := json.Unmarshal([]byte(text), &r); err != nil || r.String() != text {
			t.Errorf("raw %s became %s, %v", text, r, err)
		}
		if got, err = r.Map().MarshalJSON(); err != nil || string(got) != text {
			t.Errorf("raw %s, decoded, became %s, %v", text, got, err)
		}
	}
}

func TestObjectAbsent(t *testing.T) {
	t.Parallel()
	type body struct {
		Meta contract.Object    `json:"meta,omitzero"`
		Raw  contract.RawObject `json:"raw,omitempty"`
	}
	for text, in := range map[string]body{
		`{}`:                    {},
		`{"meta":{},"raw":{}}`:  {Meta: contract.Object{}, Raw: contract.RawObject("{}")},
		`{"meta":{"a":"<\">"}}`: {Meta: contract.Object{"a": `<">`}},
	} {
		if got, err := contract.EncodeJSON(in); err != nil || string(got) != text {
			t.Errorf("got %s, %v; want %s", got, err, text)
		}
	}
	var out body
	if err := json.Unmarshal([]byte(`{"meta":null,"raw":null}`), &out); err != nil || out.Meta != nil || out.Raw != nil {
		t.Errorf("null is not absent: %#v, %v", out, err)
	}
	for _, v := range []any{contract.Object(nil), contract.RawObject(nil)} {
		if got, err := json.Marshal(v); err != nil || string(got) != "null" {
			t.Errorf("%T: %s, %v", v, got, err)
		}
	}
}

func TestObjectRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[1]`, `"a"`, `1`, `true`} {
		var o contract.Object
		if json.Unmarshal([]byte(text), &o) == nil {
			t.Errorf("%s is accepted", text)
		}
		if contract.RawObject(text).Map() != nil {
			t.Errorf("%s has members", text)
		}
	}
	for _, text := range []string{`{} {}`, `{}x`, ``, `{`} {
		if new(contract.Object).UnmarshalJSON([]byte(text)) == nil {
			t.Errorf("%q is accepted", text)
		}
	}
	if _, err := (contract.Object{"a": func() {}}).MarshalJSON(); err == nil {
		t.Error("a function is encoded")
	}
	if _, err := json.Marshal(contract.RawObject("{")); err == nil {
		t.Error("half an object is encoded")
	}
}

func TestRawObjectDecode(t *testing.T) {
	t.Parallel()
	v := struct{ A int }{7}
	if err := contract.RawObject(nil).Decode(&v); err != nil || v.A != 7 {
		t.Errorf("an absent object decodes to %+v, %v", v, err)
	}
	if err := contract.RawObject(`{"a":8}`).Decode(&v); err != nil || v.A != 8 {
		t.Errorf("got %+v, %v", v, err)
	}
	text := []byte(`{"a":1}`)
	var r contract.RawObject
	if err := r.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	text[1] = 'X'
	if r.String() != `{"a":1}` {
		t.Error("the text is shared with its source")
	}
}

func TestFieldsLeaveOutWhatIsNotSet(t *testing.T) {
	t.Parallel()
	var f contract.Fields
	f.Text("a", "")
	f.TextPtr("a", nil)
	f.Int("a", 0)
	f.IntPtr("a", nil)
	f.FloatPtr("a", nil)
	f.Bool("a", false)
	f.BoolPtr("a", nil)
	f.Object("a", nil)
	if len(f.List) != 0 || f.Err != nil {
		t.Fatalf("got %+v", f)
	}
	f.TextPtr("a", new(""))
	f.IntPtr("b", new(int64(0)))
	f.FloatPtr("c", new(1e21))
	f.BoolPtr("d", new(false))
	f.Object("e", contract.Object{})
	want := []contract.Field{{"a", ""}, {"b", "0"}, {"c", "1e+21"}, {"d", "false"}, {"e", "{}"}}
	for i, field := range f.List {
		if field != want[i] {
			t.Errorf("got %v, want %v", field, want[i])
		}
	}
	f.Object("f", contract.Object{"x": make(chan int)})
	first := f.Err
	f.Object("g", contract.Object{"x": func() {}})
	if first == nil || !errors.Is(f.Err, first) {
		t.Errorf("the first error is lost: %v", f.Err)
	}
}
