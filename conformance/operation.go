package conformance

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// sampler makes requests for operations it knows nothing of but their
// contract.
type sampler struct {
	t *spec
	// binds are the values of bound parameters.
	account string
}

// request makes the least request the operation takes, about something that
// does not exist.
func (s sampler) request(op *contract.Operation) request {
	q := request{method: op.Method, url: s.t.target.BaseURL + s.path(op)}
	var query []string
	for _, p := range op.QueryParams {
		if p.Required {
			query = append(query, p.Name, s.text(p.Schema))
		}
	}
	q.query = params(query...)
	if op.Body == nil {
		return q
	}
	if op.Body.Kind == contract.BodyJSON {
		q.contentType, q.body = "application/json", []byte(marshal(s.value(op.Body.Schema)))
		return q
	}
	if f := s.form(op.Body.Schema); op.Body.Required || len(f.parts) > 0 {
		q.contentType, q.body = formType, f.encode()
	}
	return q
}

// path fills in the operation's path.
func (s sampler) path(op *contract.Operation) string { return s.pathWith(op, "", "") }

// pathWith fills in the operation's path, one parameter with a value that is
// given.
func (s sampler) pathWith(op *contract.Operation, name, value string) string {
	path := strings.Replace(op.Path, "{"+name+"}", url.PathEscape(value), 1)
	for _, p := range op.Binds {
		path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(s.account), 1)
	}
	for _, p := range op.PathParams {
		path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(s.text(p.Schema)), 1)
	}
	return path
}

// text makes a text of a schema.
func (s sampler) text(schema *contract.Schema) string {
	switch {
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case schema.Type == contract.TypeInteger, schema.Type == contract.TypeNumber:
		return marshal(s.number(schema))
	case schema.Type == contract.TypeBoolean:
		return "false"
	case schema.Type == contract.TypeObject:
		return marshal(s.value(schema))
	case schema.Format == "date-time":
		return time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	case schema.Format == "uri":
		return "https://target.invalid/picture.png"
	}
	return s.word(schema)
}

// word makes a fresh text that meets the length and, if it is one of the usual
// kinds, the pattern of a schema.
func (s sampler) word(schema *contract.Schema) string {
	for _, word := range []string{s.t.fresh(), s.t.plain(), "cfcnobody", "1"} {
		if schema.MaxLength > 0 && len(word) > schema.MaxLength {
			word = word[len(word)-schema.MaxLength:]
		}
		for len(word) < schema.MinLength {
			word += "x"
		}
		if schema.Pattern == nil || schema.Pattern.Match(word) {
			return word
		}
	}
	return "cfcnobody"
}

func (s sampler) number(schema *contract.Schema) float64 {
	n := 1.0
	if schema.Minimum != nil {
		n = max(n, *schema.Minimum)
	}
	if schema.Maximum != nil {
		n = min(n, *schema.Maximum)
	}
	return n
}

// value makes a JSON value of a schema with nothing in it that is optional.
func (s sampler) value(schema *contract.Schema) any {
	switch schema.Type {
	case contract.TypeObject:
		object := map[string]any{}
		for _, p := range schema.Properties {
			if p.Required {
				object[p.Name] = s.value(p.Schema)
			}
		}
		return object
	case contract.TypeArray:
		array := []any{}
		for range schema.MinItems {
			array = append(array, s.value(schema.Items))
		}
		return array
	case contract.TypeInteger, contract.TypeNumber:
		return s.number(schema)
	case contract.TypeBoolean:
		return false
	case contract.TypeAny:
		return nil
	default:
		return s.text(schema)
	}
}

// form makes a form of a schema with nothing in it that is optional but the
// creator and the id.
func (s sampler) form(schema *contract.Schema) *form {
	f := &form{}
	for _, p := range schema.Properties {
		switch p.Name {
		case "creator": // the mark of the run, should the server take what it must not
			f.text(p.Name, s.t.name)
			continue
		case "id": // and what finds it should the answer be lost
			f.text(p.Name, s.t.fresh())
			continue
		}
		if !p.Required && !(len(schema.OneOf) > 0 && schema.OneOf[0] == p.Name) {
			continue
		}
		if p.Schema.Type == contract.TypeBinary {
			picture := s.t.picture()
			f.file(p.Name, picture.filename, picture.contentType, picture.body)
			continue
		}
		f.text(p.Name, s.text(p.Schema))
	}
	return f
}

// spoiled is a request an operation must refuse.
type spoiled struct {
	what    string
	request request
	// lenient servers may take it all the same, as other clauses say.
	lenient bool
}

// spoil makes requests that break the operation's contract, one rule each.
func (s sampler) spoil(op *contract.Operation) (list []spoiled) {
	add := func(what string, change func(*request)) {
		q := s.request(op)
		change(&q)
		list = append(list, spoiled{what, q, op.ReadOnly()})
	}
	for _, p := range op.QueryParams {
		for _, wrong := range append(wrongTexts(p.Schema), beyond(p.Schema)...) {
			add(p.Name+"="+clip(wrong, 40), func(q *request) { q.query = params(p.Name, wrong) })
		}
	}
	for _, p := range op.PathParams {
		if p.Schema.MaxLength > 0 && op.Method != http.MethodPut {
			n := p.Schema.MaxLength + 1
			long := (s.t.plain() + strings.Repeat("x", n))[:n]
			add("a long "+p.Name, func(q *request) { q.url = s.t.target.BaseURL + s.pathWith(op, p.Name, long) })
		}
	}
	if op.Filter != nil && op.Filter.MaxPath > 0 {
		long := op.Filter.Prefix + "." + strings.Repeat("x", op.Filter.MaxPath+1) + "[" + op.Filter.Operators[0].Name + "]"
		add("a filter on a long name", func(q *request) { q.query = params(long, "1") })
	}
	if op.Body != nil && op.Body.Required {
		add("no body", func(q *request) { q.body, q.contentType = nil, "" })
	}
	switch {
	case op.Body == nil:
	case op.Body.Kind == contract.BodyJSON:
		add("a body that is not JSON", func(q *request) { q.body = []byte(`{"a":`) })
		add("a body that is an array", func(q *request) { q.body = []byte(`[]`) })
	default:
		add("a form that is JSON", func(q *request) { q.contentType, q.body = "application/json", []byte(`{}`) })
		add("a form that is cut off", func(q *request) {
			q.contentType, q.body = formType, []byte("--"+boundary+"\r\nContent-Disposition: form-data; na")
		})
	}
	return list
}

// wrongTexts are texts a schema does not allow.
func wrongTexts(schema *contract.Schema) []string {
	switch {
	case len(schema.Enum) > 0:
		return []string{"sideways"}
	case schema.Type == contract.TypeInteger, schema.Type == contract.TypeNumber:
		return []string{"abc", "-1"}
	case schema.Type == contract.TypeBoolean:
		return []string{"maybe"}
	default:
		return nil
	}
}

// beyond are texts just beyond the upper limits of a schema.
func beyond(schema *contract.Schema) []string {
	var texts []string
	if schema.MaxLength > 0 {
		texts = append(texts, strings.Repeat("x", schema.MaxLength+1))
	}
	if schema.Maximum != nil {
		texts = append(texts, marshal(*schema.Maximum+1))
	}
	return texts
}

// withoutResult reports whether a reply gives nothing away.
func withoutResult(r *reply) bool {
	e := envelope{}
	if json.Unmarshal(r.body, &e) != nil {
		return r.status >= 400
	}
	return len(e.Result) == 0 || string(e.Result) == "null" || string(e.Result) == "{}"
}
