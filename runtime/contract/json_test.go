package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
)

// sample has every kind of member there is.
var sample = &contract.Schema{Type: contract.TypeObject, Properties: []contract.Property{
	required("id", contract.Schema{Type: contract.TypeString, MinLength: 1, MaxLength: 5, Violation: badID}),
	property("width", contract.Schema{Type: contract.TypeInteger, Minimum: contract.Limit(1), Maximum: contract.Limit(1000)}),
	property("big", contract.Schema{Type: contract.TypeInteger}),
	property("ratio", contract.Schema{Type: contract.TypeNumber}),
	property("private", contract.Schema{Type: contract.TypeBoolean}),
	property("token", contract.Schema{Type: contract.TypeString, Nullable: true}),
	property("meta", contract.Schema{Type: contract.TypeObject, MaxBytes: 20}),
	property("any", contract.Schema{}),
	property("tags", contract.Schema{Type: contract.TypeArray, MinItems: 1, MaxItems: 3,
		Items: &contract.Schema{Type: contract.TypeString, MinLength: 1}}),
	property("list", contract.Schema{Type: contract.TypeArray}),
	property("options", contract.Schema{Type: contract.TypeObject, OneOf: []string{"fit", "crop"}, Properties: []contract.Property{
		property("fit", contract.Schema{Type: contract.TypeString, Enum: []string{"cover", "pad"}}),
		property("crop", contract.Schema{Type: contract.TypeString}),
		required("height", contract.Schema{Type: contract.TypeInteger}),
	}}),
}}

func TestCleanJSONAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"as it is", `{"id":"a","width":3}`, `{"id":"a","width":3}`},
		{"white space around", "\r\n\t {\"id\" : \"a\" } \n", `{"id":"a"}`},
		{"order of the schema", `{"width":3,"id":"a"}`, `{"id":"a","width":3}`},
		{"unknown members", `{"id":"a","x":{"y":[1]},"":1}`, `{"id":"a"}`},
		{"members in another case", `{"id":"a","ID":"toolong","Width":"x","WIDTH":-1}`, `{"id":"a"}`},
		{"members that fold to one", `{"id":"a","to\u212Aen":1}`, `{"id":"a"}`},
		{"escaped name", `{"\u0069d":"a"}`, `{"id":"a"}`},
		{"the last of duplicates", `{"id":1,"id":"toolong","id":"b"}`, `{"id":"b"}`},
		{"null where it may be", `{"id":"a","token":null}`, `{"id":"a","token":null}`},
		{"null with space", `{"id":"a","token" : null }`, `{"id":"a","token":null}`},
		{"integer as 10.0", `{"id":"a","width":10.0}`, `{"id":"a","width":10}`},
		{"integer as 1e1", `{"id":"a","width":1e1}`, `{"id":"a","width":10}`},
		{"integer as 1500e-2", `{"id":"a","width":1500e-2}`, `{"id":"a","width":15}`},
		{"integer as 0.5E+1", `{"id":"a","width":0.5E+1}`, `{"id":"a","width":5}`},
		{"largest integer", `{"id":"a","big":9223372036854775807}`, `{"id":"a","big":9223372036854775807}`},
		{"largest integer, fraction", `{"id":"a","big":9223372036854775807.0}`, `{"id":"a","big":9223372036854775807}`},
		{"smallest integer", `{"id":"a","big":-9223372036854775808}`, `{"id":"a","big":-9223372036854775808}`},
		{"beyond floats", `{"id":"a","big":9007199254740993.0}`, `{"id":"a","big":9007199254740993}`},
		{"minus zero", `{"id":"a","big":-0.0e5}`, `{"id":"a","big":0}`},
		{"zero of a huge power", `{"id":"a","big":0e99999999999999999999}`, `{"id":"a","big":0}`},
		{"tiny power made up for", `{"id":"a","big":1` + strings.Repeat("0", 300) + `e-300}`, `{"id":"a","big":1}`},
		{"number keeps its spelling", `{"id":"a","ratio":1.50}`, `{"id":"a","ratio":1.50}`},
		{"free object as it is", `{"id":"a","meta":{"B":1.0,"b":2}}`, `{"id":"a","meta":{"B":1.0,"b":2}}`},
		{"any", `{"id":"a","any":[1e400,null]}`, `{"id":"a","any":[1e400,null]}`},
		{"any null", `{"id":"a","any":null}`, ``},
		{"array", `{"id":"a","tags":[ "x" , "y" ]}`, `{"id":"a","tags":["x","y"]}`},
		{"array without items", `{"id":"a","list":[1,"x"]}`, `{"id":"a","list":[1,"x"]}`},
		{"nested", `{"id":"a","options":{"Height":"x","height":2.0,"fit":"pad"}}`, `{"id":"a","options":{"fit":"pad","height":2}}`},
		{"characters, not bytes", `{"id":"äöü😀é"}`, `{"id":"äöü😀é"}`},
		{"escapes count once", `{"id":"\u00e4\ud83d\ude00abc"}`, `{"id":"\u00e4\ud83d\ude00abc"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := contract.CleanJSON(sample, []byte(tt.body), faults)
			if tt.want == "" {
				if err == nil {
					t.Fatalf("accepted as %s", got)
				}
				return
			}
			if err != nil || string(got) != tt.want {
				t.Fatalf("got %s, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestCleanJSONRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, at, want string
		kind                 *contract.ErrorKind
	}{
		{"missing", `{}`, "/id", "Invalid id: is required", badID},
		{"only in another case", `{"ID":"a"}`, "/id", "Invalid id: is required", badID},
		{"null", `{"id":null}`, "/id", "Invalid id: must not be null", badID},
		{"violation of its own", `{"id":"sixsix"}`, "/id", "Invalid id: must have at most 5 characters, not 6", badID},
		{"number for string", `{"id":1}`, "/id", "Invalid id: must be a string", badID},
		{"string for integer", `{"id":"a","width":"1"}`, "/width", "/width: must be an integer", badRequest},
		{"fraction", `{"id":"a","width":1.5}`, "/width", "/width: must be an integer of 64 bits", badRequest},
		{"fraction by power", `{"id":"a","width":15e-1}`, "/width", "/width: must be an integer of 64 bits", badRequest},
		{"just too large", `{"id":"a","big":9223372036854775808}`, "/big", "/big: must be an integer of 64 bits", badRequest},
		{"just too small", `{"id":"a","big":-9223372036854775809}`, "/big", "/big: must be an integer of 64 bits", badRequest},
		{"huge", `{"id":"a","big":1e300}`, "/big", "/big: must be an integer of 64 bits", badRequest},
		{"tiny power", `{"id":"a","big":1e-99999999999999999999}`, "/big", "/big: must be an integer of 64 bits", badRequest},
		{"too high", `{"id":"a","width":1001}`, "/width", "/width: must be at most 1000", badRequest},
		{"too low, as float", `{"id":"a","width":0.0}`, "/width", "/width: must be at least 1", badRequest},
		{"number out of range", `{"id":"a","ratio":1e400}`, "/ratio", "/ratio: is out of range", badRequest},
		{"number of a huge power", `{"id":"a","ratio":1e99999999999}`, "/ratio", "/ratio: is out of range", badRequest},
		{"string for flag", `{"id":"a","private":"true"}`, "/private", "/private: must be true or false", badRequest},
		{"object too long", `{"id":"a","meta":{"a":"0123456789abc"}}`, "/meta", "/meta: must be at most 20 bytes of JSON, not 21", badRequest},
		{"array for object", `{"id":"a","meta":[]}`, "/meta", "/meta: must be an object", badRequest},
		{"object for array", `{"id":"a","tags":{}}`, "/tags", "/tags: must be an array", badRequest},
		{"too few items", `{"id":"a","tags":[]}`, "/tags", "/tags: must have at least 1 items", badRequest},
		{"too many items", `{"id":"a","tags":["a","b","c","d"]}`, "/tags", "/tags: must have at most 3 items", badRequest},
		{"item", `{"id":"a","tags":["a",""]}`, "/tags/1", "/tags/1: must have at least 1 characters", badRequest},
		{"nested enum", `{"id":"a","options":{"fit":"x","height":1}}`, "/options/fit", "/options/fit: must be one of cover, pad", badRequest},
		{"nested missing", `{"id":"a","options":{"fit":"pad"}}`, "/options/height", "/options/height: is required", badRequest},
		{"nested one of", `{"id":"a","options":{"height":1,"fit":"pad","crop":"c"}}`, "/options", "/options: fit and crop are mutually exclusive", badRequest},
		{"array as a whole", `[]`, "", "body: must be an object", badRequest},
		{"null as a whole", `null`, "", "body: must not be null", badRequest},
		{"text as a whole", `"id"`, "", "body: must be an object", badRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := contract.CleanJSON(sample, []byte(tt.body), faults)
			if err == nil {
				t.Fatalf("accepted as %s", got)
			}
			if m := messages(t, err); len(m) != 1 || m[0] != tt.want || pointers(t, err)[0] != tt.at || !errors.Is(err, tt.kind) {
				t.Errorf("got %q at %q, want %q at %q", m, pointers(t, err), tt.want, tt.at)
			}
		})
	}
}

func TestCleanJSONRefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", " ", "{", `{"id":"a"`, `{"id":"a"}x`, `{"id":"a"}{}`, `{'id':1}`, `{"id":"a",}`, "\ufeff{}",
		`{"id":01}`, `{"id":NaN}`, "{\"id\":\"\xff\"}", "{\"id\":\"a\nb\"}", `{"id":"\x"}`,
	} {
		if got, err := contract.CleanJSON(sample, []byte(body), faults); !errors.Is(err, badRequest) {
			t.Errorf("%q: got %s, %v", body, got, err)
		}
	}
}

func TestCleanJSONReportsEveryViolation(t *testing.T) {
	t.Parallel()
	body := `{"width":0,"private":1,"tags":["",1],"options":{"fit":1}}`
	_, err := contract.CleanJSON(sample, []byte(body), faults)
	want := []string{"/id", "/width", "/private", "/tags/0", "/tags/1", "/options/fit", "/options/height"}
	if got := pointers(t, err); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(err, badID) || !errors.Is(err, badRequest) {
		t.Errorf("kinds are missing: %v", err)
	}
}

func TestCleanJSONBoundsItsMessages(t *testing.T) {
	t.Parallel()
	s := &contract.Schema{Type: contract.TypeArray, Items: &contract.Schema{Type: contract.TypeString}}
	body := "[" + strings.Repeat("1,", 500_000) + "1]"
	_, err := contract.CleanJSON(s, []byte(body), faults)
	if n := len(messages(t, err)); n != 100 {
		t.Errorf("%d messages", n)
	}
}

// A body may be nested or repeat names as its sender likes. These take
// milliseconds; quadratic time would take minutes and end the test run.
func TestCleanJSONWithstandsBombs(t *testing.T) {
	t.Parallel()
	const n = 1_000_000
	refused := map[string]string{
		"arrays":         strings.Repeat("[", n) + strings.Repeat("]", n),
		"open":           strings.Repeat("[", n),
		"objects":        strings.Repeat(`{"meta":`, n) + "1" + strings.Repeat("}", n),
		"in a member":    `{"id":"a","any":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}",
		"digits":         `{"id":"a","big":` + strings.Repeat("9", n) + "}",
		"digits, powers": `{"id":"a","big":` + strings.Repeat("9", n) + "e-" + strings.Repeat("9", n) + "}",
	}
	for name, body := range refused {
		if _, err := contract.CleanJSON(sample, []byte(body), faults); !errors.Is(err, badRequest) {
			t.Errorf("%s: %.200v", name, err)
		}
	}
	accepted := map[string]string{
		"same name":   `{` + strings.Repeat(`"id":"a",`, n/10) + `"id":"a"}`,
		"other names": `{"id":"a"` + strings.Repeat(`,"b":{"c":[]}`, n/10) + `}`,
		"zeros":       `{"id":"a","big":0.` + strings.Repeat("0", n) + `}`,
	}
	for name, body := range accepted {
		if _, err := contract.CleanJSON(sample, []byte(body), faults); err != nil {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}

func FuzzCleanJSON(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a","width":10.0,"meta":{"x":1}}`, `{"ID":1}`, `[1e1,2]`, `null`, `{"id":"\ud800"}`, "{\"id\":\"\u2028\"}",
		`{"id":"a","options":{"fit":"pad","height":1e2}}`, `{"id":"a","big":9223372036854775808}`, `{"id":"a","id":2}`,
		`{"id":"a","tags":["x",null]}`, ` {"id" : "b","token":null } `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		clean, err := contract.CleanJSON(sample, body, faults)
		if err != nil {
			messages(t, err)
			return
		}
		if !json.Valid(clean) {
			t.Fatalf("%q became invalid %q", body, clean)
		}
		again, err := contract.CleanJSON(sample, clean, faults)
		if err != nil || string(again) != string(clean) {
			t.Fatalf("%q, %q, %v", clean, again, err)
		}
		var decoded struct {
			ID      string
			Width   int64
			Big     int64
			Ratio   float64
			Private bool
			Token   *string
			Meta    contract.Object
			Any     json.RawMessage
			Tags    []string
			List    []json.RawMessage
			Options struct {
				Fit, Crop string
				Height    int64
			}
		}
		if err := json.Unmarshal(clean, &decoded); err != nil {
			t.Fatalf("%q does not decode: %v", clean, err)
		}
		if decoded.ID == "" || decoded.Width < 0 || decoded.Width > 1000 {
			t.Fatalf("%q decodes to what the schema forbids: %+v", clean, decoded)
		}
	})
}

func FuzzCheckText(f *testing.F) {
	for i, seed := range []string{"a", "1e5", "-9223372036854775808", "true", `{"a":[1]}`, "2026-05-11T08:31:45Z", "https://a.b", "\xff", "0x1p4"} {
		f.Add(uint8(i), seed)
	}
	schemas := []*contract.Schema{
		{Type: contract.TypeString, MaxLength: 5, Pattern: lowerCase},
		{Type: contract.TypeInteger},
		{Type: contract.TypeNumber},
		{Type: contract.TypeBoolean},
		{Type: contract.TypeObject, MaxBytes: 50},
		{Type: contract.TypeString, Format: "date-time"},
		{Type: contract.TypeString, Format: "uri"},
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		s := schemas[int(which)%len(schemas)]
		err := contract.CheckText(s, "x", text, faults)
		if err != nil {
			messages(t, err)
			return
		}
		// What is accepted as text means the same in JSON.
		quoted := text
		if s.Type == contract.TypeString {
			b, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			quoted = string(b)
		}
		if s.Type == contract.TypeInteger {
			var n int64
			if _, err := fmt.Sscanf(text, "%d", &n); err != nil {
				t.Fatalf("%q is no integer: %v", text, err)
			}
			quoted = fmt.Sprint(n)
		}
		if _, err := contract.CleanJSON(s, []byte(quoted), faults); err != nil {
			t.Fatalf("%q is accepted as text and not as JSON: %v", text, err)
		}
	})
}
