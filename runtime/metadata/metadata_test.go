package metadata_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/metadata"
)

type (
	state string
	place struct {
		Name string `json:"name"`
		Zone *int64 `json:"zone,omitzero"`
	}
	photo struct {
		State  state    `json:"state"`
		Count  int64    `json:"count"`
		Rating *float64 `json:"rating"`
		Done   *bool    `json:"done,omitzero"`
		Tags   []string `json:"tags"`
		Sizes  []int64  `json:"sizes,omitzero"`
		Home   *place   `json:"home,omitzero"`
	}
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want photo
	}{
		{``, photo{}},
		{`null`, photo{}},
		{`{}`, photo{}},
		{`{"state":"new","count":5,"rating":4.5,"done":false,"tags":["a","b"],"home":{"name":"eu","zone":2}}`, photo{
			State: "new", Count: 5, Rating: new(4.5), Done: new(false), Tags: []string{"a", "b"}, Home: &place{"eu", new(int64(2))},
		}},
		// Whole numbers, however they are spelt, as filters see them.
		{`{"count":5.0,"sizes":[5e0,50e-1,-0.0,1E2],"home":{"zone":7.00}}`, photo{
			Count: 5, Sizes: []int64{5, 5, 0, 100}, Home: &place{Zone: new(int64(7))},
		}},
		{`{"count":9007199254740993}`, photo{Count: 9007199254740993}},
		{`{"count":9007199254740993.0}`, photo{Count: 9007199254740993}},
		{`{"count":-9223372036854775808.0,"rating":5}`, photo{Count: math.MinInt64, Rating: new(5.0)}},
		{`{"count":0e999999999}`, photo{}},
		// Names keep their case, and others are ignored.
		{`{"STATE":"old","State":"old","stated":[{}],"home":{"NAME":"x","name":"y"}}`, photo{Home: &place{Name: "y"}}},
		{`{"state":null,"tags":null,"home":null,"count":null}`, photo{Tags: []string{}}},
		{`{"tags":[null,"a",null]}`, photo{Tags: []string{"a"}}},
		{`{"count":9223372036854775807.0}`, photo{Count: math.MaxInt64}},
		{`{"count":0.05e2,"sizes":[-120e-1,0.0e-9,1e18]}`, photo{Count: 5, Sizes: []int64{-12, 0, 1e18}}},
	} {
		got, err := metadata.Decode[photo](contract.RawObject(c.text))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s gives %+v, %v", c.text, got, err)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"count":"5"}`:                   "string into Go struct field photo.count",
		`{"count":5.5}`:                   "number 5.5",
		`{"count":9223372036854775808}`:   "9223372036854775808",
		`{"count":9223372036854775808.0}`: "9223372036854775808.0",
		`{"count":1e-999999999}`:          "1e-999999999",
		`{"count":1e999999999}`:           "1e999999999",
		`{"rating":1e999}`:                "1e999",
		`{"state":5}`:                     "number into Go struct field photo.state",
		`{"home":{"zone":true}}`:          "home.zone",
		`{"home":[]}`:                     "array into Go struct field photo.home",
		`{"tags":{}}`:                     "object into Go struct field photo.tags",
		`{"tags":[5]}`:                    "number into Go struct field photo.tags",
		`[]`:                              "array",
		`5`:                               "number",
		`{`:                               "unexpected EOF",
		`{} {}`:                           "more than one",
	} {
		got, err := metadata.Decode[photo](contract.RawObject(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "metadata: ") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if !reflect.DeepEqual(got, photo{}) {
			t.Errorf("%s gives %+v beside the error", text, got)
		}
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    photo
		want string
	}{
		{photo{}, `{"count":0,"rating":null,"state":"","tags":[]}`},
		{
			photo{State: "<a&b>", Count: math.MaxInt64, Rating: new(0.1), Done: new(false), Tags: []string{"é"}, Sizes: []int64{}, Home: &place{}},
			`{"count":9223372036854775807,"done":false,"home":{"name":""},"rating":0.1,"sizes":[],"state":"<a&b>","tags":["é"]}`,
		},
	} {
		m, err := metadata.Encode(c.v, 1000)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		sent, _ := m.MarshalJSON()
		if string(sent) != c.want {
			t.Errorf("sends %s, want %s", sent, c.want)
		}
		back, err := metadata.Decode[photo](contract.RawObject(text))
		if again, _ := metadata.Encode(back, 1000); err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%s comes back as %+v, %v", text, back, err)
		}
	}
}

func TestEncodeErrors(t *testing.T) {
	t.Parallel()
	if _, err := metadata.Encode(photo{Rating: new(math.NaN())}, 1000); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("NaN: %v", err)
	}
	if _, err := metadata.Encode([]string{"x"}, 1000); err == nil || !strings.Contains(err.Error(), "no object") {
		t.Errorf("a list: %v", err)
	}
}

// TestLimit counts the bytes of what is sent: characters outside ASCII have
// several, and <, > and & only one.
func TestLimit(t *testing.T) {
	t.Parallel()
	const around = len(`{"name":""}`)
	for _, c := range []struct {
		name string
		size int
	}{{"x", 1}, {"é", 2}, {"😀", 4}, {"<", 1}, {"&", 1}, {"\u2028", 3}, {`"`, 2}, {"\n", 2}} {
		const n = 100
		v := place{Name: strings.Repeat(c.name, n)}
		size := around + n*c.size
		if _, err := metadata.Encode(v, size); err != nil {
			t.Errorf("%q at the limit: %v", c.name, err)
		}
		_, err := metadata.Encode(v, size-1)
		e, ok := errors.AsType[*metadata.SizeError](err)
		if !ok || e.Size != size || e.Limit != size-1 {
			t.Errorf("%q beyond the limit: %v", c.name, err)
		}
	}
	_, err := metadata.Encode(place{Name: strings.Repeat("x", 1100)}, 1024)
	if want := "metadata of 1111 bytes as JSON, maximum 1024 allowed"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestExponentsCostNothing decodes as many hostile numbers as metadata can hold.
func TestExponentsCostNothing(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"1e-999999", "1e999999", "1e-99999999999999999999", "0.1", "1e19", "9223372036854775808.0"} {
		text := `{"sizes":[` + strings.TrimSuffix(strings.Repeat(number+",", 900/(len(number)+1)), ",") + `]}`
		if _, err := metadata.Decode[photo](contract.RawObject(text)); err == nil {
			t.Errorf("%s is taken for an int64", number)
		}
	}
}

func TestEncodeRefusesNothing(t *testing.T) {
	t.Parallel()
	if _, err := metadata.Encode(nil, 10); err == nil {
		t.Error("nil is metadata")
	}
}
