package mutants

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/cfimages/cfimages/conformance"
)

// call is a request on its way through a mutant.
type call struct {
	w    http.ResponseWriter
	r    *http.Request
	next http.Handler
	// path is the part of the path below the account, not decoded, such as
	// "/images/v1".
	path string
	body []byte
	// first and second are accounts of the server.
	first, second conformance.Login
}

// between puts a defect before a handler.
func between(next http.Handler, first, second conformance.Login, defect func(c *call)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r.Clone(r.Context()), next: next, first: first, second: second}
		c.body, _ = io.ReadAll(r.Body)
		_, rest, _ := strings.Cut(r.URL.EscapedPath(), "/accounts/")
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			c.path = rest[i:]
		}
		defect(c)
	})
}

// answer is what a handler answers.
type answer struct {
	Code   int
	Body   bytes.Buffer
	header http.Header
}

// Header returns the header to write.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the first status.
func (a *answer) WriteHeader(status int) {
	if a.Code == 0 {
		a.Code = status
	}
}

// Write keeps the body.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.Body.Write(b)
}

// of lets a handler answer a request.
func of(h http.Handler, r *http.Request) *answer {
	a := &answer{header: http.Header{}}
	h.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	return a
}

// does reports whether the request has this method.
func (c *call) does(method string) bool { return c.r.Method == method }

// is reports whether the request has this method and path.
func (c *call) is(method, path string) bool { return c.r.Method == method && c.path == path }

// image returns the escaped id when the path is that of an image.
func (c *call) image(method string) string {
	id, ok := strings.CutPrefix(c.path, "/images/v1/")
	if !ok || c.r.Method != method || strings.Contains(id, "/") || id == "keys" || id == "stats" || id == "variants" || id == "config" {
		return ""
	}
	return id
}

func (c *call) below(method, prefix string) bool {
	return c.r.Method == method && strings.HasPrefix(c.path, prefix+"/")
}

func (c *call) blob() bool { return c.does("GET") && strings.HasSuffix(c.path, "/blob") }

// ask sends the request, as it is now, to the mock.
func (c *call) ask() *answer {
	c.r.Body = io.NopCloser(bytes.NewReader(c.body))
	c.r.ContentLength = int64(len(c.body))
	c.r.Header.Set("Content-Length", "")
	c.r.Header.Del("Content-Length")
	return of(c.next, c.r)
}

// askOther sends another request with the same credentials.
func (c *call) askOther(method, path, contentType string, body []byte) *answer {
	base, _, _ := strings.Cut(c.r.URL.EscapedPath(), c.path)
	r, err := http.NewRequestWithContext(c.r.Context(), method, "http://target.invalid"+base+path, bytes.NewReader(body))
	if err != nil {
		return &answer{Code: http.StatusBadRequest, header: http.Header{}}
	}
	r.RequestURI = r.URL.RequestURI()
	r.Header.Set("Authorization", c.r.Header.Get("Authorization"))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return of(c.next, r)
}

// pass answers what the mock answers.
func (c *call) pass() { c.give(c.ask()) }

func (c *call) give(rec *answer) {
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
		c.give(rec)
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
	return c.does("POST") && !strings.Contains(c.r.URL.Path, "/accounts/")
}
