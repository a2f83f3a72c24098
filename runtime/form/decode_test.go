package form_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/internal/formtest"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

func TestDecodeValues(t *testing.T) {
	fields := []contract.Field{
		{Name: "id", Value: "a/ü"}, {Name: "creator", Value: ""}, {Name: "metadata", Value: `{"n":5.0}`},
		{Name: "requireSignedURLs", Value: "true"}, {Name: "expiry", Value: "2030-01-02T03:04:05.5Z"},
		{Name: "count", Value: "-7"}, {Name: "ratio", Value: "0.25"}, {Name: "unheard", Value: "of"},
	}
	b := formtest.Encode(t, fields, contract.FilePart{Name: "file", File: contract.Bytes("cat.png", []byte(formtest.PNG))})
	v, err := decode(b.ContentType, formtest.Written(t, b), upload)
	if err != nil {
		t.Fatal(err)
	}
	if v.Empty() || v.Text("id") != "a/ü" || v.Int("count") != -7 || *v.IntPtr("count") != -7 ||
		*v.FloatPtr("ratio") != 0.25 || !v.Bool("requireSignedURLs") || !*v.BoolPtr("requireSignedURLs") {
		t.Errorf("values %+v", v)
	}
	if c := v.TextPtr("creator"); c == nil || *c != "" {
		t.Errorf("an empty text is not an absent one: %v", c)
	}
	if want := time.Date(2030, 1, 2, 3, 4, 5, 5e8, time.UTC); !v.Time("expiry").Equal(want) {
		t.Errorf("expiry %v", v.Time("expiry"))
	}
	if got := v.Object("metadata")["n"]; got == nil || got.(interface{ String() string }).String() != "5.0" {
		t.Errorf("metadata %v", v.Object("metadata"))
	}
	if f := v.File("file"); f.Name() != "cat.png" || f.Size() != int64(len(formtest.PNG)) || !f.Replayable() {
		t.Errorf("file %+v", f)
	}
	if v.TextPtr("unheard") != nil {
		t.Error("an unknown part is among the values")
	}
}

func TestAbsentValues(t *testing.T) {
	empty, err := decode(rawType, []byte("--b--\r\n"), openBody)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []*form.Values{nil, empty} {
		if !v.Empty() || v.Text("id") != "" || v.TextPtr("id") != nil || v.Int("count") != 0 || v.IntPtr("count") != nil ||
			v.FloatPtr("ratio") != nil || v.Bool("requireSignedURLs") || v.BoolPtr("requireSignedURLs") != nil ||
			!v.Time("expiry").IsZero() || v.Object("metadata") != nil || v.File("file") != nil {
			t.Errorf("something is not absent in %+v", v)
		}
	}
	v, err := decode(rawType, raw(textPart("unheard", "of")), openBody)
	if err != nil || v.Empty() {
		t.Errorf("a form with an unknown part counts as empty: %v", err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	file := filePart("file", "x", formtest.PNG)
	long := strings.Repeat("x", 70<<10)
	many := make([]string, 1001)
	for i := range many {
		many[i] = textPart("unheard", "")
	}
	for name, tc := range map[string]struct {
		body []byte
		kind *contract.ErrorKind
		says string
	}{
		"neither source":       {raw(textPart("id", "x")), badRequest, "file or url"},
		"both sources":         {raw(file, textPart("url", "https://example.com/x.png")), badRequest, "mutually exclusive"},
		"no parts":             {raw(), badRequest, "file or url"},
		"file twice":           {raw(file, file), badRequest, "file is given more than once"},
		"text twice":           {raw(file, textPart("id", "x"), textPart("id", "x")), badRequest, "id is given more than once"},
		"file called image":    {raw(file, filePart("image", "x", formtest.PNG)), badRequest, "image"},
		"bracketed metadata":   {raw(file, textPart("metadata[k]", "v")), badRequest, "Bad request: Error parsing form fields"},
		"exploded metadata":    {raw(file, textPart("metadata.k", "v")), badRequest, "Bad request: Error parsing form fields"},
		"bad flag":             {raw(file, textPart("requireSignedURLs", "maybe")), badRequest, "requireSignedURLs"},
		"bad metadata":         {raw(file, textPart("metadata", "{")), badRequest, "metadata"},
		"long metadata":        {raw(file, textPart("metadata", `{"k":"`+long[:100]+`"}`)), badRequest, "metadata"},
		"very long metadata":   {raw(file, textPart("metadata", long)), badRequest, "Bad request"},
		"very long unknown":    {raw(file, textPart("unheard", long)), tooLarge, "too large"},
		"file over the limit":  {raw(filePart("file", "x", long[:maxFile+1])), imageTooLarge, "Maximum image size of 10 Mb is reached"},
		"no name":              {raw(file, "Content-Disposition: form-data\n\nx"), badRequest, "name"},
		"no disposition":       {raw(file, "X-Other: y\n\nx"), badRequest, "name"},
		"attachment":           {raw(file, "Content-Disposition: attachment; name=id\n\nx"), badRequest, "name"},
		"name twice":           {raw(file, "Content-Disposition: form-data; name=id; name=url\n\nx"), badRequest, "name"},
		"unclosed quote":       {raw(file, "Content-Disposition: form-data; name=\"id\n\nx"), badRequest, "name"},
		"too many parts":       {raw(many...), badRequest, "1000 parts"},
		"not a form":           {[]byte("hello"), badRequest, "malformed"},
		"nothing":              {nil, badRequest, "malformed"},
		"garbage after a part": {[]byte("--b\r\n" + strings.ReplaceAll(file, "\n", "\r\n") + "\r\n--b garbage\r\n"), badRequest, "malformed"},
	} {
		v, err := decode(rawType, tc.body, upload)
		if !errors.Is(err, tc.kind) || v != nil && err == nil {
			t.Errorf("%s: %v, want %v", name, err, tc.kind)
			continue
		}
		e, ok := errors.AsType[*contract.Error](err)
		if !ok || !strings.Contains(e.Error(), tc.says) || e.Status != tc.kind.Status {
			t.Errorf("%s: %v does not say %q", name, err, tc.says)
		}
	}
}

func TestDecodeAccepts(t *testing.T) {
	for name, body := range map[string][]byte{
		"file at the limit":      raw(filePart("file", "x", strings.Repeat("x", maxFile))),
		"empty file":             raw(filePart("file", "x", "")),
		"file without filename":  raw(textPart("file", formtest.PNG)),
		"text with a filename":   raw(filePart("url", "x", "https://example.com/a.png")),
		"tokens, any case":       raw("content-disposition: FORM-DATA ; NAME = file ; filename=x\n\nabc"),
		"dotted unknown":         raw(textPart("file", ""), textPart("other.k", "v"), textPart("id.k", "v")),
		"no final line break":    []byte(strings.TrimSuffix(string(raw(textPart("file", ""))), "\r\n")),
		"epilogue and preamble":  []byte("hello\r\n" + string(raw(textPart("file", ""))) + "good bye"),
		"bare line feeds":        []byte(strings.ReplaceAll(string(raw(textPart("file", ""))), "\r\n", "\n")),
		"parts in another order": raw(textPart("id", "x"), textPart("file", ""), textPart("creator", "y")),
	} {
		if _, err := decode(rawType, body, upload); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRequiredParts(t *testing.T) {
	body := &contract.Body{Schema: &contract.Schema{Properties: []contract.Property{
		{Name: "file", Required: true, Schema: &contract.Schema{Type: contract.TypeBinary}},
	}}}
	if _, err := decode(rawType, raw(textPart("id", "x")), body); !errors.Is(err, badRequest) {
		t.Errorf("%v", err)
	}
	v, err := decode(rawType, raw(filePart("file", "x", strings.Repeat("x", 1<<20))), body)
	if err != nil || len(formtest.Content(t, v.File("file"))) != 1<<20 || v.Finish() != nil {
		t.Errorf("a schema without a limit has none: %v", err)
	}
	v.Close()
}

func TestOversizeStopsReading(t *testing.T) {
	r := &counter{r: strings.NewReader(string(raw(filePart("file", "x", strings.Repeat("x", 1<<20)))))}
	if _, err := form.Decode(r, "b", upload, faults, form.Options{}); !errors.Is(err, imageTooLarge) {
		t.Fatal(err)
	}
	if r.n > 64<<10 {
		t.Errorf("%d bytes were read to refuse %d", r.n, maxFile)
	}
}

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestLimitOfTheWholeBody(t *testing.T) {
	body := io.NopCloser(strings.NewReader(string(raw(filePart("file", "x", strings.Repeat("x", 1000))))))
	limited := http.MaxBytesReader(httptest.NewRecorder(), body, 500)
	_, err := form.Decode(limited, "b", upload, faults, form.Options{})
	if _, ok := errors.AsType[*http.MaxBytesError](err); !ok || !errors.Is(err, tooLarge) {
		t.Errorf("%v", err)
	}
}

func TestTruncatedEverywhere(t *testing.T) {
	b := formtest.Encode(t, []contract.Field{{Name: "id", Value: "a/b"}, {Name: "metadata", Value: `{"k":"v"}`}},
		contract.FilePart{Name: "file", File: contract.Bytes("cat.png", []byte(formtest.PNG))})
	body := formtest.Written(t, b)
	for n := range len(body) - len("\r\n") {
		if _, err := decode(b.ContentType, body[:n], openBody); !errors.Is(err, badRequest) {
			t.Errorf("cut after %d of %d bytes (%q): %v", n, len(body), body[max(0, n-12):n], err)
		}
	}
	for n := len(body) - len("\r\n"); n <= len(body); n++ {
		if _, err := decode(b.ContentType, body[:n], openBody); err != nil {
			t.Errorf("%d of %d bytes are a complete form: %v", n, len(body), err)
		}
	}
}

func TestSchemaMayAllowLongTexts(t *testing.T) {
	body := &contract.Body{Schema: &contract.Schema{Properties: []contract.Property{
		property("metadata", contract.Schema{Type: contract.TypeObject, MaxBytes: 100 << 10}),
	}}}
	text := `{"k":"` + strings.Repeat("x", 90<<10) + `"}`
	if v, err := decode(rawType, raw(textPart("metadata", text)), body); err != nil || v.Text("metadata") != text {
		t.Errorf("%v", err)
	}
}
