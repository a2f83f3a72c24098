package contract_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

type kind string

// raw is as contract.RawObject.
type raw []byte

func (r *raw) UnmarshalJSON(b []byte) error {
	*r = nil
	if string(b) != "null" {
		*r = append(raw{}, b...)
	}
	return nil
}

// all has a member of every sort.
type all struct {
	Text    string         `json:"text"`
	Kind    kind           `json:"kind"`
	Opt     *string        `json:"opt"`
	Int     int64          `json:"int"`
	Float   float64        `json:"float"`
	Bool    bool           `json:"bool"`
	Time    time.Time      `json:"time"`
	Raw     raw            `json:"raw"`
	Any     any            `json:"any"`
	Texts   []string       `json:"texts"`
	Alls    []all          `json:"alls"`
	ByName  map[string]all `json:"by_name"`
	Within  inner          `json:"within"`
	Pointer *all           `json:"pointer"`
}

type inner struct {
	N int64 `json:"n"`
}

func (v *inner) ScanJSON(s *contract.Scanner) {
	o := s.Object([]string{"n"})
	for o.Next() {
		contract.ScanInt(&v.N, s)
	}
}

func (v *all) ScanJSON(s *contract.Scanner) {
	o := s.Object([]string{
		"text", "kind", "opt", "int", "float", "bool", "time", "raw", "any", "texts", "alls", "by_name", "within", "pointer",
	})
	for o.Next() {
		switch o.Name {
		case "text":
			contract.ScanString(&v.Text, s)
		case "kind":
			contract.ScanString(&v.Kind, s)
		case "opt":
			contract.ScanPointer(&v.Opt, s, contract.ScanString)
		case "int":
			contract.ScanInt(&v.Int, s)
		case "float":
			contract.ScanFloat(&v.Float, s)
		case "bool":
			contract.ScanBool(&v.Bool, s)
		case "time":
			contract.ScanTime(&v.Time, s)
		case "raw":
			contract.ScanRaw(&v.Raw, s)
		case "any":
			contract.ScanAny(&v.Any, s)
		case "texts":
			contract.ScanSlice(&v.Texts, s, contract.ScanString)
		case "alls":
			contract.ScanSlice(&v.Alls, s, (*all).ScanJSON)
		case "by_name":
			contract.ScanMap(&v.ByName, s, (*all).ScanJSON)
		case "within":
			v.Within.ScanJSON(s)
		case "pointer":
			contract.ScanPointer(&v.Pointer, s, (*all).ScanJSON)
		}
	}
}

func scan(text string) (all, bool) {
	var v all
	s := contract.NewScanner([]byte(text))
	v.ScanJSON(s)
	return v, s.End()
}

// usual are texts that must be read.
var usual = []string{
	`{}`, `null`, " {\t}\r\n",
	`{"text":"a","kind":"b","opt":"c","int":-12,"float":1.5e3,"bool":true,"time":"2026-05-11T08:31:45.207Z"}`,
	`{"kind":"b","text":"a"}`,
	`{"text":"\u00e9\ud83d\ude00\n\"\\\/","opt":"café 😀","kind":"\ud800"}`,
	"{\"text\":\"\xff\xfe broken\"}",
	`{"text":null,"kind":null,"opt":null,"int":null,"float":null,"bool":null,"time":null,"raw":null,"any":null,` +
		`"texts":null,"alls":null,"by_name":null,"within":null,"pointer":null}`,
	`{"raw": {"a" : [1, 2.5e-7, "x\u0000", true, false, null, {}, []]} ,"any":{"a":[1]}}`,
	`{"raw":"text","any":0}`,
	`{"texts":[],"alls":[],"by_name":{}}`,
	`{"texts":["a",null,"b","c","d","e"],"alls":[{},null,{"alls":[{"int":1}]}]}`,
	`{"by_name":{"":{"int":1},"a\u0062":null,"x":{"int":2},"x":{}}}`,
	`{"within":{"n":9223372036854775807},"pointer":{"within":{"n":-9223372036854775808}}}`,
	`{"unknown":{"text":[1,{"x":"y"}]},"more":0,"text":"a"}`,
	`{"float":0,"int":-0}`,
	`{"text":"0123456789abcdef0123456789 \u007f"}`,
}

// unusual are texts that encoding/json reads and a scanner leaves to it.
var unusual = []string{
	`{"Text":"a"}`, `{"TEXT":"a","text":"b"}`, `{"text":"a","text":"b"}`, `{"texts":["a","b"],"texts":["c"]}`,
	`{"\u0074ext":"a"}`, `{"kınd":"b"}`, "{\"\u212aind\":\"b\"}", `{"é":1}`,
	`{"raw":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}`,
}

// wrong are texts that encoding/json refuses.
var wrong = []string{
	``, ` `, `{`, `}`, `[]`, `5`, `"a"`, `{"text"}`, `{"text":}`, `{"text":"a",}`, `{,}`, `{"text":"a"`, `{"text":"a"}}`,
	`{"text":"a"} x`, `{"text":"a" "kind":"b"}`, `{text:"a"}`, `{"text":5}`, `{"text":{}}`, `{"text":true}`, `{"text":"a}`,
	"{\"text\":\"a\nb\"}", `{"text":"\x"}`, `{"text":"\u12"}`, `{"text":"\u12g4"}`, `{"text":"\`, `{"x":"\u12g4"}`,
	`{"int":1.0}`, `{"int":1e2}`, `{"int":"1"}`, `{"int":01}`, `{"int":-}`, `{"int":+1}`, `{"int":9223372036854775808}`,
	`{"float":1.}`, `{"float":.5}`, `{"float":1e}`, `{"float":1e+}`, `{"float":1e999}`, `{"float":NaN}`, `{"float":0x1}`,
	`{"bool":1}`, `{"bool":tru}`, `{"bool":truex}`, `{"bool":"true"}`, `{"time":1}`, `{"time":"yesterday"}`,
	`{"time":"2026-05-11T08:31:45\u005a"}`, `{"time":"2026-05-11 08:31:45Z"}`, `{"raw":}`, `{"raw":nul}`, `{"raw":[1,]}`,
	`{"raw":{"a"}}`, `{"raw":{"a":1,}}`, `{"raw":[1 2]}`, `{"raw":{1:2}}`, `{"any":[}`, `{"texts":"a"}`, `{"texts":[1]}`,
	`{"texts":["a",]}`, `{"texts":["a"`, `{"texts":[,"a"]}`, `{"alls":{}}`, `{"by_name":[]}`, `{"by_name":{null:{}}}`,
	`{"by_name":{"a":1}}`, `{"by_name":{"a":{},}}`, `{"within":[]}`, `{"within":5}`, `{"pointer":"a"}`, `nulll`, `nul`,
	"{\"text\":\"a\x00\"}", "\ufeff{}", `{"text":"a"}/`, `{'text':'a'}`, `{"x":1,"x"}`, `{"x":-}`, `{"x":00}`,
}

func TestUsual(t *testing.T) {
	for _, text := range usual {
		if _, ok := scan(text); !ok {
			t.Errorf("gave up on %s", text)
		}
		readsAlike(t, text)
	}
}

func TestUnusual(t *testing.T) {
	for _, text := range unusual {
		if json.Unmarshal([]byte(text), new(all)) != nil {
			t.Errorf("encoding/json refuses %s", text)
		}
		if v, ok := scan(text); ok {
			t.Errorf("%s is read as %+v", text, v)
		}
	}
}

func TestWrong(t *testing.T) {
	for _, text := range wrong {
		if json.Unmarshal([]byte(text), new(all)) == nil {
			t.Errorf("encoding/json takes %s", text)
		}
		if v, ok := scan(text); ok {
			t.Errorf("%s is read as %+v", text, v)
		}
	}
}

// readsAlike wants what was read to be what encoding/json reads.
func readsAlike(t *testing.T, text string) {
	t.Helper()
	got, ok := scan(text)
	if !ok {
		return
	}
	var want all
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatalf("%q is read, and encoding/json says %v", text, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q is read as\n%+v, encoding/json reads\n%+v", text, got, want)
	}
}

// TestEveryByte puts every byte at every place in a word of eight, in a string
// and behind one.
func TestEveryByte(t *testing.T) {
	for at := range 17 {
		for c := range 256 {
			b := []byte(`{"text":"0123456789abcdefg"}`)
			b[len(`{"text":"`)+at] = byte(c)
			readsAlike(t, string(b))
			plain := c >= ' ' && c < 0x80 && c != '"' && c != '\\'
			if _, ok := scan(string(b)); plain && !ok {
				t.Fatalf("gave up on %q", b)
			}
		}
	}
}

// TestTruncated cuts every text at every byte.
func TestTruncated(t *testing.T) {
	for _, text := range usual {
		for n := range text {
			readsAlike(t, text[:n])
		}
	}
}

// TestNothingIsKept changes the text after it was read.
func TestNothingIsKept(t *testing.T) {
	text := []byte(`{"text":"aaaa","opt":"bbbb","raw":{"c":1},"texts":["dddd"],"by_name":{"e":{"text":"ffff"}}}`)
	var got, want all
	s := contract.NewScanner(text)
	if got.ScanJSON(s); !s.End() {
		t.Fatal("gave up")
	}
	_ = json.Unmarshal(text, &want)
	clear(text)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the text's end changed %+v", got)
	}
}

func FuzzScan(f *testing.F) {
	for _, texts := range [][]string{usual, unusual, wrong} {
		for _, text := range texts {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) { readsAlike(t, text) })
}
