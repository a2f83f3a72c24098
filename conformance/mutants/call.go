package conformance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
)

// mutant is a server that is wrong in one way, made by standing between the
// suite and the mock.
type mutant struct {
	id, breaks string
	// killers are the clauses that must fail, each of them.
	killers []string
	// between answers a request; next is the mock.
	between func(c *call)
}

// call is a request on its way through a mutant.
type call struct {
	w    http.ResponseWriter
	r    *http.Request
	next http.Handler
	// path is the decoded-not path below the account, such as "/images/v1".
	path string
	body []byte
}

// TestMutants runs each mutant's killers against it.
func TestMutants(t *testing.T) {
	for _, m := range mutants() {
		t.Run(m.id, func(t *testing.T) {
			c := &clock{}
			target := everything(c)
			target.Name = m.id
			target.Handler = m.over(mock.New(options(c)...).Handler(guarded()))
			result, err := conformance.Execute(t.Context(), target, conformance.WithClauses(m.killers...), conformance.WithSeed(1))
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range m.killers {
				o, _ := result.Outcome(id)
				if o.State != conformance.Failed {
					t.Errorf("%s %q: %s %s instead of noticing it", m.id, m.breaks, id, o.State)
				} else if !strings.Contains(o.Message, id) || !strings.Contains(o.Message, o.Clause.Text) {
					t.Errorf("%s: the failure does not name its clause:\n%s", m.id, o.Message)
				}
			}
		})
	}
}

// TestEveryClauseHasAMutant checks that there is a server which each clause
// would notice.
func TestEveryClauseHasAMutant(t *testing.T) {
	killers := map[string]bool{
		"V1C-040": true, // see TestAllowance
		"STM-006": true, // is about the suite and not about a server
	}
	for _, m := range mutants() {
		for _, id := range m.killers {
			killers[id] = true
		}
	}
	for _, c := range conformance.Clauses() {
		if c.Level != conformance.Info && !killers[c.ID] {
			t.Errorf("no mutant is noticed by %s: %s", c.ID, c.Text)
		}
	}
}

// over puts the mutant before a handler.
func (m mutant) over(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r, next: next}
		c.body, _ = io.ReadAll(r.Body)
		_, rest, _ := strings.Cut(r.URL.EscapedPath(), "/accounts/")
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			c.path = rest[i:]
		}
		m.between(c)
	})
}

// is reports whether the request has this method and path.
func (c *call) is(method, path string) bool { return c.r.Method == method && c.path == path }

// image returns the escaped id when the path is that of an image.
func (c *call) image(method string) string {
	id, ok := strings.CutPrefix(c.path, "/images/v1/")
	if !ok || c.r.Method != method || strings.Contains(id, "/") || id == "keys" || id == "stats" || id == "variants" {
		return ""
	}
	return id
}

func (c *call) below(method, prefix string) bool {
	return c.r.Method == method && strings.HasPrefix(c.path, prefix+"/")
}

func (c *call) blob() bool { return c.r.Method == "GET" && strings.HasSuffix(c.path, "/blob") }

// ask sends the request, as it is now, to the mock.
func (c *call) ask() *httptest.ResponseRecorder {
	c.r.Body = io.NopCloser(bytes.NewReader(c.body))
	c.r.ContentLength = int64(len(c.body))
	c.r.Header.Set("Content-Length", "")
	c.r.Header.Del("Content-Length")
	rec := httptest.NewRecorder()
	c.next.ServeHTTP(rec, c.r)
	return rec
}

// askOther sends another request with the same credentials.
func (c *call) askOther(method, path, contentType string, body []byte) *httptest.ResponseRecorder {
	base, _, _ := strings.Cut(c.r.URL.EscapedPath(), c.path)
	r := httptest.NewRequest(method, "http://target.invalid"+base+path, bytes.NewReader(body))
	r.Header.Set("Authorization", c.r.Header.Get("Authorization"))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	rec := httptest.NewRecorder()
	c.next.ServeHTTP(rec, r)
	return rec
}

// pass answers what the mock answers.
func (c *call) pass() { c.answer(c.ask()) }

func (c *call) answer(rec *httptest.ResponseRecorder) {
	maps.Copy(c.w.Header(), rec.Header())
	c.w.WriteHeader(rec.Code)
	_, _ = c.w.Write(rec.Body.Bytes())
}

// reply answers a JSON text.
func (c *call) reply(status int, text string) {
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, _ = io.WriteString(c.w, text)
}

func (c *call) success(result string) {
	c.reply(200, `{"result":`+result+`,"success":true,"errors":[],"messages":[]}`)
}

type object = map[string]any

func parse(b []byte) object {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var o object
	_ = dec.Decode(&o)
	return o
}

// change answers what the mock answers, changed, if it is JSON.
func (c *call) change(edit func(status int, envelope object) int) {
	rec := c.ask()
	o := parse(rec.Body.Bytes())
	if o == nil {
		c.answer(rec)
		return
	}
	status := edit(rec.Code, o)
	text, _ := json.Marshal(o)
	c.reply(status, string(text))
}

// images returns the images in a result, one or many.
func imagesIn(envelope object) []object {
	result, ok := envelope["result"].(object)
	if !ok {
		return nil
	}
	if list, ok := result["images"].([]any); ok {
		var images []object
		for _, i := range list {
			images = append(images, i.(object))
		}
		return images
	}
	if _, ok := result["id"]; ok {
		return []object{result}
	}
	return nil
}

func setImages(envelope object, images []object) {
	list := []any{}
	for _, i := range images {
		list = append(list, i)
	}
	envelope["result"].(object)["images"] = list
}

func (c *call) query() url.Values { return c.r.URL.Query() }

func (c *call) setQuery(q url.Values) { c.r.URL.RawQuery = q.Encode() }

// drop takes parameters out of the query.
func (c *call) drop(names ...string) {
	q := c.query()
	for _, n := range names {
		q.Del(n)
	}
	c.setQuery(q)
}

// renamed renames the filter parameters of the query.
func (c *call) renamed(edit func(name, value string) (string, string)) {
	out := url.Values{}
	for name, values := range c.query() {
		for _, v := range values {
			if strings.HasPrefix(name, "meta.") {
				name, v = edit(name, v)
			}
			if name != "" {
				out.Add(name, v)
			}
		}
	}
	c.setQuery(out)
}

// field is a part of a form.
type field struct {
	name, filename, contentType string
	file                        bool
	body                        string
}

// fields reads the form of the request, as far as it goes.
func (c *call) fields() []field {
	_, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil {
		return nil
	}
	var list []field
	for r := multipart.NewReader(bytes.NewReader(c.body), params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err != nil {
			return list
		}
		text, _ := io.ReadAll(p)
		_, disposition, _ := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		name, isFile := disposition["filename"]
		list = append(list, field{p.FormName(), name, p.Header.Get("Content-Type"), isFile, string(text)})
	}
}

func (c *call) setFields(list []field) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range list {
		h := textproto.MIMEHeader{}
		disposition := `form-data; name="` + f.name + `"`
		if f.file {
			disposition += `; filename="` + f.filename + `"`
			h.Set("Content-Type", f.contentType)
		}
		h.Set("Content-Disposition", disposition)
		p, _ := w.CreatePart(h)
		_, _ = io.WriteString(p, f.body)
	}
	_ = w.Close()
	c.body = b.Bytes()
	c.r.Header.Set("Content-Type", w.FormDataContentType())
}

// form edits the fields of an upload; a field whose name becomes empty is
// dropped.
func (c *call) form(edit func(f *field)) {
	var kept []field
	for _, f := range c.fields() {
		edit(&f)
		if f.name != "" {
			kept = append(kept, f)
		}
	}
	c.setFields(kept)
}

// text returns a field of the form.
func (c *call) text(name string) (string, bool) {
	for _, f := range c.fields() {
		if f.name == name {
			return f.body, true
		}
	}
	return "", false
}

// upload reports whether the request uploads an image or asks for a draft.
func (c *call) upload() bool { return c.is("POST", "/images/v1") }

func (c *call) draft() bool { return c.is("POST", "/images/v2/direct_upload") }

// posting reports whether the request posts to an upload URL.
func (c *call) posting() bool {
	return c.r.Method == "POST" && !strings.Contains(c.r.URL.Path, "/accounts/")
}
