package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// sentRequest is a request as the operation table sees it.
type sentRequest struct {
	op    *contract.Operation
	path  map[string]string
	query url.Values
	// rawQuery is the query as it was written.
	rawQuery string
	// body are the parts of a form or the members of a JSON body, those of
	// objects within it by names such as "options.fit". It is nil without a
	// body.
	body map[string]value
	// file is the beginning of the file in a form.
	file []byte
}

// reader finds out what requests are about.
type reader struct {
	base       string
	operations []*contract.Operation
	// upload is what a post to an upload URL is.
	upload *contract.Operation
}

func (r *run) reader() reader {
	s := r.surface()
	last := len(s.operations) - 1
	return reader{r.target.BaseURL, s.operations[:last], s.operations[last]}
}

// read finds the operation of a request and takes the request apart. It
// reports false for what is no operation.
func (r reader) read(e *exchange, now time.Time) (sentRequest, bool) {
	address, rawQuery, _ := strings.Cut(e.url, "?")
	sent := sentRequest{rawQuery: rawQuery}
	path, below := strings.CutPrefix(address, r.base)
	switch {
	case below && r.find(&sent, e.method, path):
	case e.method == r.upload.Method && !strings.HasPrefix(path, "/accounts/"):
		sent.op = r.upload
	default:
		return sent, false
	}
	sent.query, _ = url.ParseQuery(rawQuery)
	if e.sentLength == 0 || sent.op.Body == nil {
		return sent, true
	}
	sent.body = map[string]value{}
	if sent.op.Body.Kind == contract.BodyJSON {
		sent.members("", sent.op.Body.Schema, e.sent)
	} else {
		sent.parts(e, now)
	}
	return sent, true
}

// find looks for the operation whose path fits best: one with more words of
// its own before one with more parameters.
func (r reader) find(sent *sentRequest, method, path string) bool {
	segments := strings.Split(path, "/")
	most := -1
	for _, op := range r.operations {
		if op.Method != method {
			continue
		}
		if params, words, ok := fit(op.Path, segments); ok && words > most {
			most, sent.op, sent.path = words, op, params
		}
	}
	return most >= 0
}

// fit compares a path with a template, and counts the words they share.
func fit(template string, segments []string) (params map[string]string, words int, ok bool) {
	want := strings.Split(template, "/")
	if len(want) != len(segments) {
		return nil, 0, false
	}
	params = map[string]string{}
	for i, w := range want {
		name, found := strings.CutPrefix(w, "{")
		if !found {
			if w != segments[i] {
				return nil, 0, false
			}
			words++
			continue
		}
		text, err := url.PathUnescape(segments[i])
		if err != nil || text == "" {
			return nil, 0, false
		}
		params[strings.TrimSuffix(name, "}")] = text
	}
	return params, words, true
}

// members takes a JSON body apart.
func (s *sentRequest) members(at string, schema *contract.Schema, text []byte) {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return
	}
	for _, p := range schema.Properties {
		raw, ok := members[p.Name]
		if !ok {
			continue
		}
		v := value{text: string(raw)}
		var unquoted string
		if json.Unmarshal(raw, &unquoted) == nil {
			v.text = unquoted
		}
		s.body[at+p.Name] = v
		s.members(at+p.Name+".", p.Schema, raw)
	}
}

// parts takes a form apart, as far as it was kept. The last part that was kept
// is taken to reach to the end of the form.
func (s *sentRequest) parts(e *exchange, now time.Time) {
	_, params, err := mime.ParseMediaType(e.header.Get("Content-Type"))
	if err != nil {
		return
	}
	for r := multipart.NewReader(bytes.NewReader(e.sent), params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err != nil {
			return
		}
		text, err := io.ReadAll(part)
		v := value{text: string(text), size: int64(len(text)), now: now}
		if err != nil {
			v.size += e.sentLength - int64(len(e.sent))
		}
		s.body[part.FormName()] = v
		if part.FileName() != "" {
			s.file = text
		}
		if err != nil {
			return
		}
	}
}
