package contract_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
)

// sampleBody is what a body of the sample's schema decodes to.
type sampleBody struct {
	ID      string             `json:"id"`
	Width   *int64             `json:"width"`
	Big     int64              `json:"big"`
	Ratio   *float64           `json:"ratio"`
	Private bool               `json:"private"`
	Token   *string            `json:"token"`
	Meta    contract.RawObject `json:"meta"`
	Any     any                `json:"any"`
	Tags    []string           `json:"tags"`
	List    []any              `json:"list"`
	Options *struct {
		Fit    string  `json:"fit"`
		Crop   *string `json:"crop"`
		Height int64   `json:"height"`
	} `json:"options"`
}

// FuzzDecodeJSON checks that the short way gives what the long one gives.
func FuzzDecodeJSON(f *testing.F) {
	for _, body := range []string{
		`{"id":"a","width":3}`, "\r\n {\"id\" : \"a\" , \"tags\" : [ \"x\" , \"y\" ] } ", `{"id":"a","width":10.0}`,
		`{"id":"a","options":{"fit":"cover","height":1}}`, `{"id":"a","meta":{"a":[{"b":"}\\\""}]},"any":[1,{}],"list":[[],{}]}`,
		`{"id":"a","ID":"b"}`, `{"id":"\u0061"}`, `{"id":"a","id":"b"}`, `null`, `[]`, `{}`, `{"id":"a","token":null,"private":true}`,
		`{"id":"a","ratio":1e2,"big":-9223372036854775808}`, `{"id":"a","big":-0}`, `{"id":"toolong"}`, `{"id":"a"} x`, `{"id":"a`,
		`{"id":"a","width":null}`, `{"id":"a","any":null}`, `{"id":"a","meta":{},"tags":[]}`, `{"id":"é","ratio":-0.5}`, `"a"`, `1 `,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := contract.DecodeJSON[sampleBody](sample, body, faults)
		clean, wantErr := contract.CleanJSON(sample, body, faults)
		if wantErr != nil {
			if !reflect.DeepEqual(err, wantErr) {
				t.Fatalf("%s: %v, want %v", body, err, wantErr)
			}
			return
		}
		var want sampleBody
		if json.Unmarshal(clean, &want) != nil { // a number that no float64 holds
			if err == nil {
				t.Fatalf("%s: decoded as %+v, and cannot be", body, got)
			}
			return
		}
		if err != nil || !same(got, want) {
			t.Fatalf("%s: %+v %v, want %+v", body, got, err, want)
		}
	})
}

// same compares what was decoded; a free object may have blanks that the other
// has not.
func same(a, b sampleBody) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && string(x) == string(y)
}

// A body of the usual kind costs what decoding costs.
func TestDecodeJSONTakesTheShortWay(t *testing.T) {
	body := []byte(`{"id":"a","width":3,"private":true,"tags":["x","y"],"options":{"fit":"cover","height":1}}`)
	plain := testing.AllocsPerRun(100, func() {
		var v sampleBody
		if json.Unmarshal(body, &v) != nil {
			t.Fatal("malformed")
		}
	})
	flat := *sample
	flat.Properties = append([]contract.Property(nil), sample.Properties...)
	options := *sample.Property("options")
	options.OneOf = nil
	flat.Properties[len(flat.Properties)-1].Schema = &options
	checked := testing.AllocsPerRun(100, func() {
		if _, err := contract.DecodeJSON[sampleBody](&flat, body, faults); err != nil {
			t.Fatal(err)
		}
	})
	if checked > plain+2 {
		t.Errorf("decoding allocates %v times, with checks %v times", plain, checked)
	}
}
