package system

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// scanned are the models that the client reads without reflection, each with
// texts that it must not leave to encoding/json.
var scanned = []struct {
	model contract.Scannable
	texts []string
}{
	{new(api.Image), []string{
		api.OpGetImage.Example,
		`{"id":"a","filename":null,"creator":"","meta":{"a":[1.50,"\u00e9",null]},"requireSignedURLs":true,"draft":true}`,
		`{"later":[{"id":1}],"variants":["a","b","c","d","e"],"id":"\u00e9 é"}`,
	}},
	{new(api.ImagePage), []string{api.OpListImages.Example, `{"images":[{},null],"continuation_token":null}`}},
	{new(api.ImageList), []string{api.OpListImagesV1.Example, `{"images":[]}`}},
	{new(api.DirectUploadTarget), []string{api.OpCreateDirectUpload.Example}},
	{new(api.SigningKeyList), []string{`{"keys":` + api.OpListSigningKeys.Example + `}`}},
	{new(api.Stats), []string{api.OpGetStats.Example}},
	{new(api.VariantList), []string{`{"variants":` + api.OpListVariants.Example + `}`}},
	{new(api.VariantResult), []string{
		`{"variant":` + api.OpGetVariant.Example + `}`,
		`{"variant":{"options":{"fit":"later","blur":5,"browser_ttl":null}}}`,
	}},
}

// TestScans compares the generated readers with encoding/json: on the texts
// above, and on each with one piece of it damaged.
func TestScans(t *testing.T) {
	t.Parallel()
	for _, c := range scanned {
		for _, text := range c.texts {
			if !scansAlike(t, c.model, text) {
				t.Errorf("%T gave up on %s", c.model, text)
			}
			for at := range text {
				for _, damage := range []string{"", "null", "5", `"`, "{", "]", ",", `\`} {
					scansAlike(t, c.model, text[:at]+damage+text[at+1:])
				}
			}
		}
	}
}

// scansAlike reports whether the text is read. What is read must be what
// encoding/json reads.
func scansAlike(t *testing.T, model contract.Scannable, text string) bool {
	t.Helper()
	typ := reflect.TypeOf(model).Elem()
	got, want := reflect.New(typ), reflect.New(typ)
	s := contract.NewScanner([]byte(text))
	if got.Interface().(contract.Scannable).ScanJSON(s); !s.End() {
		return false
	}
	if err := json.Unmarshal([]byte(text), want.Interface()); err != nil {
		t.Fatalf("%s reads %q, and encoding/json says %v", typ, text, err)
	}
	if !reflect.DeepEqual(got.Interface(), want.Interface()) {
		t.Fatalf("%s reads %q as\n%+v, encoding/json reads\n%+v", typ, text, got, want)
	}
	return true
}

// TestScansReachEveryMember wants the texts above to hold every member of their
// model.
func TestScansReachEveryMember(t *testing.T) {
	t.Parallel()
	for _, c := range scanned {
		text := strings.Join(c.texts, "")
		for _, name := range jsonNames(reflect.TypeOf(c.model).Elem()) {
			if !strings.Contains(text, `"`+name+`"`) {
				t.Errorf("no text for %T has a %s", c.model, name)
			}
		}
	}
}

// jsonNames are the members of a struct.
func jsonNames(typ reflect.Type) []string {
	var names []string
	for field := range typ.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func FuzzScans(f *testing.F) {
	for i, c := range scanned {
		for _, text := range c.texts {
			f.Add(i, text)
		}
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		if i >= 0 && i < len(scanned) {
			scansAlike(t, scanned[i].model, text)
		}
	})
}
