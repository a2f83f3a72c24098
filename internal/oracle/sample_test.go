package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// sample is a request that the specification allows, or that is broken in one
// place.
type sample struct {
	op *contract.Operation
	// broken says where and how, such as "query: too long"; empty when it is not.
	broken string
	path   string
	query  string
	// contentType and body are empty when there is no body.
	contentType string
	body        []byte
}

// request is the sample as a server gets it.
func (s *sample) request() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", bytes.NewReader(s.body))
	if s.body == nil {
		r = httptest.NewRequest(http.MethodGet, "/", nil)
	}
	r.Method = s.op.Method
	r.URL.Path, r.URL.RawPath = s.path, ""
	if plain, err := url.PathUnescape(s.path); err == nil {
		r.URL.Path, r.URL.RawPath = plain, s.path
	}
	r.URL.RawQuery = s.query
	r.RequestURI = r.URL.RequestURI()
	r.Header.Set("Authorization", "Bearer t")
	if s.contentType != "" {
		r.Header.Set("Content-Type", s.contentType)
	}
	return r
}

// maker makes samples. At most one place of a sample is broken.
type maker struct {
	*rand.Rand
	sample *sample
	// fuse is how many places there are until one is broken; negative for none.
	fuse int
}

// make makes a sample of an operation.
func (m *maker) make(op *contract.Operation, broken bool) *sample {
	for range 50 { // not every place can be broken, and some operations have none
		if s := m.try(op, broken); !broken || s.broken != "" {
			return s
		}
	}
	return m.try(op, false)
}

func (m *maker) try(op *contract.Operation, broken bool) *sample {
	m.sample, m.fuse = &sample{op: op}, -1
	if broken {
		m.fuse = m.IntN(6)
	}
	path := op.Path
	for _, p := range op.Binds {
		path = strings.ReplaceAll(path, "{"+p.Name+"}", "7d1f0c93b85e4a26a4c2e9d06b3f8517")
	}
	for _, p := range op.PathParams {
		text := m.text(p.Schema, "path")
		if text == "" {
			text = "x" // there is no such path
			m.sample.broken = ""
		}
		path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(text))
	}
	m.sample.path = "/client/v4" + path
	m.query()
	if op.Body != nil {
		m.body()
	}
	return m.sample
}

// breaks reports whether this place is the one to break.
func (m *maker) breaks() bool {
	if m.fuse < 0 || m.sample.broken != "" {
		return false
	}
	m.fuse--
	return m.fuse < 0
}

func (m *maker) broke(where, how string) { m.sample.broken = where + ": " + how }

// note marks a sample that is right and odd, unless it is broken.
func (m *maker) note(where, how string) {
	if m.sample.broken == "" {
		m.broke(where, how)
	}
}

func (m *maker) query() {
	values := url.Values{}
	for _, p := range m.sample.op.QueryParams {
		if m.IntN(2) == 0 {
			values.Set(p.Name, m.text(p.Schema, "query"))
		}
	}
	if len(m.sample.op.QueryParams) > 0 && m.IntN(4) == 0 {
		values.Set("unheard", "of")
	}
	if name := m.sample.op.QueryParams; len(name) > 0 && m.breaks() {
		m.broke("query", "twice")
		values[name[0].Name] = []string{"a", "b"}
	}
	if m.sample.op.Filter != nil {
		values.Set("meta."+m.word(3)+"[eq]", m.word(3))
		if m.breaks() {
			m.broke("query", "filter")
			values.Set("meta."+m.word(3)+"[not-eq]", m.word(3))
		}
	}
	m.sample.query = values.Encode()
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func (m *maker) word(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[m.IntN(len(letters))]
	}
	return string(b)
}

// text makes a value as text, for a path, a query or a form.
func (m *maker) text(s *contract.Schema, where string) string {
	broken := m.breaks()
	switch s.Type {
	case contract.TypeInteger:
		return strconv.FormatInt(m.integer(s, where, broken), 10) + m.tail(where, broken)
	case contract.TypeBoolean:
		if broken {
			m.broke(where, "no boolean")
			return "yes"
		}
		return strconv.FormatBool(m.IntN(2) == 0)
	case contract.TypeObject:
		return m.free(s, where, broken)
	default:
		return m.str(s, where, broken)
	}
}

// tail makes an integer in range none at all, now and then.
func (m *maker) tail(where string, broken bool) string {
	if broken && m.sample.broken == "" {
		m.broke(where, "no integer")
		return "x"
	}
	return ""
}

// integer makes a number, out of range if that is possible and wanted.
func (m *maker) integer(s *contract.Schema, where string, broken bool) int64 {
	low, high := int64(-1000), int64(1000)
	if s.Minimum != nil {
		low, high = int64(*s.Minimum), int64(*s.Minimum)+1000
	}
	if s.Maximum != nil {
		high = int64(*s.Maximum)
	}
	switch {
	case broken && s.Minimum != nil && m.IntN(3) == 0:
		m.broke(where, "too small")
		return low - 1
	case broken && s.Maximum != nil && m.IntN(2) == 0:
		m.broke(where, "too large")
		return high + 1
	default:
		return low + m.Int64N(high-low+1)
	}
}

// free makes a free-form object.
func (m *maker) free(s *contract.Schema, where string, broken bool) string {
	switch {
	case broken && m.IntN(2) == 0:
		m.broke(where, "no object")
		return `["a"]`
	case broken && s.MaxBytes > 0:
		m.broke(where, "object too long")
		return `{"a":"` + strings.Repeat("x", int(s.MaxBytes)) + `"}`
	default:
		return fmt.Sprintf(`{"%s":%d,"%s":{"a":[true,null]}}`, m.word(3), m.IntN(100), m.word(4))
	}
}

// str makes a text.
func (m *maker) str(s *contract.Schema, where string, broken bool) string {
	switch {
	case len(s.Enum) > 0 && broken:
		m.broke(where, "not in the enumeration")
		return m.word(5)
	case len(s.Enum) > 0:
		return s.Enum[m.IntN(len(s.Enum))]
	case s.Format == "date-time" && broken:
		m.broke(where, "no date")
		return "2026-13-41T08:31:45Z"
	case s.Format == "date-time":
		return fmt.Sprintf("2026-%02d-11T08:31:45Z", 1+m.IntN(12))
	case s.Format == "uri" && broken:
		m.broke(where, "no match")
		return "ftp://" + m.word(5)
	case s.Format == "uri":
		return "https://" + m.word(5) + ".example/a.png"
	case broken && s.MaxLength > 0 && m.IntN(2) == 0:
		m.broke(where, "too long")
		return m.word(s.MaxLength + 1)
	case broken && s.Pattern != nil:
		m.broke(where, "no match")
		return "/" + m.word(3)
	case broken && s.MinLength > 0 && where != "path":
		m.broke(where, "too short")
		return ""
	default:
		longest := s.MaxLength
		if longest == 0 {
			longest = 50
		}
		return m.word(max(s.MinLength, 1+m.IntN(min(longest, 60))))
	}
}

func (m *maker) body() {
	body := m.sample.op.Body
	switch {
	case m.breaks() && m.IntN(2) == 0:
		m.broke("body", "another type")
		m.sample.contentType, m.sample.body = "text/plain", []byte("hello")
	case !body.Required && m.IntN(4) == 0: // left out
	case body.Kind == contract.BodyForm:
		m.form(body.Schema)
	default:
		text, err := json.Marshal(m.object(body.Schema))
		if err != nil {
			panic(err)
		}
		if m.breaks() {
			m.broke("body", "malformed")
			text = text[:len(text)-1]
		}
		m.sample.contentType, m.sample.body = "application/json", text
	}
}

// object makes a JSON object: what is required, and some of the rest.
func (m *maker) object(s *contract.Schema) map[string]any {
	out := map[string]any{}
	for _, p := range s.Properties {
		switch {
		case p.Required && m.breaks():
			m.broke("json", "required")
		case p.Required, m.IntN(2) == 0:
			out[p.Name] = m.value(p.Schema)
		}
	}
	if m.IntN(5) == 0 {
		out["unheard"] = "of"
	}
	return out
}

func (m *maker) value(s *contract.Schema) any {
	switch {
	case m.breaks() && m.IntN(2) == 0:
		m.broke("json", "null")
		return nil
	case m.breaks():
		m.broke("json", "wrong type")
		return []any{1}
	case s.Type == contract.TypeObject && len(s.Properties) > 0:
		return m.object(s)
	case s.Type == contract.TypeObject:
		return json.RawMessage(m.free(s, "json", m.breaks()))
	case s.Type == contract.TypeInteger:
		n := m.integer(s, "json", m.breaks())
		return n
	case s.Type == contract.TypeBoolean:
		return m.IntN(2) == 0
	default:
		return m.str(s, "json", m.breaks())
	}
}

// form makes a form. Objects say that they are JSON, without which the oracle
// would refuse them.
func (m *maker) form(s *contract.Schema) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	one := ""
	if len(s.OneOf) > 0 {
		one = s.OneOf[m.IntN(len(s.OneOf))]
		if m.breaks() {
			m.broke("form", "neither")
			one = ""
		}
	}
	parts := 0
	for _, p := range s.Properties {
		exclusive := len(s.OneOf) > 0 && (p.Name == s.OneOf[0] || p.Name == s.OneOf[len(s.OneOf)-1])
		if exclusive && p.Name != one || !exclusive && m.IntN(2) == 0 {
			continue
		}
		parts++
		m.part(w, p)
	}
	if parts == 0 {
		m.note("form", "unknown part")
		m.part(w, contract.Property{Name: "unheard", Schema: &contract.Schema{Type: contract.TypeString}})
	}
	if w.Close() != nil {
		panic("a buffer cannot be written")
	}
	m.sample.contentType, m.sample.body = w.FormDataContentType(), b.Bytes()
}

func (m *maker) part(w *multipart.Writer, p contract.Property) {
	h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", p.Name)}}
	var text string
	switch p.Schema.Type {
	case contract.TypeBinary:
		h.Set("Content-Disposition", h.Get("Content-Disposition")+`; filename="a.png"`)
		h.Set("Content-Type", "application/octet-stream")
		text = "PNG"
	case contract.TypeObject:
		h.Set("Content-Type", "application/json")
		text = m.text(p.Schema, "form")
	default:
		text = m.text(p.Schema, "form")
	}
	part, err := w.CreatePart(h)
	if err == nil {
		_, err = part.Write([]byte(text))
	}
	if err != nil {
		panic(err)
	}
}
