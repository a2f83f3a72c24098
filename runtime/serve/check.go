package serve

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/cfimages/cfimages/runtime/call"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

const (
	maxJSON  = 1 << 20  // of a JSON body, in bytes
	maxSlack = 1 << 20  // of a form beside its files, in bytes
	maxWaste = 64 << 20 // of a refused body that is read before the answer
)

func pathUnescape(path string) (string, error) { return url.PathUnescape(path) }

// check holds the request against the contract, and leaves a body that decodes
// to exactly what was checked.
func (h *handler) check(op *contract.Operation, r *http.Request, c *current) error {
	for _, p := range op.PathParams {
		if err := contract.CheckText(p.Schema, p.Name, r.PathValue(p.Name), &h.contract.Faults); err != nil {
			return err
		}
	}
	if err := h.checkQuery(op, r, c); err != nil {
		return err
	}
	switch {
	case op.Body == nil:
		return nil
	case op.Body.Kind == contract.BodyJSON:
		return h.checkJSON(op, r)
	default:
		return h.checkForm(op, r)
	}
}

// checkQuery ignores parameters the operation does not have.
func (h *handler) checkQuery(op *contract.Operation, r *http.Request, c *current) error {
	bad := h.contract.Faults.BadRequest
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return bad.With("the query cannot be read: %s", err)
	}
	for _, p := range op.QueryParams {
		values := query[p.Name]
		switch {
		case len(values) > 1:
			return bad.At(p.Name, "%s: must be given once", p.Name)
		case len(values) == 1:
			if err := contract.CheckText(p.Schema, p.Name, values[0], &h.contract.Faults); err != nil {
				return err
			}
		case p.Required:
			return bad.At(p.Name, "%s is required", p.Name)
		}
	}
	if op.Filter == nil {
		return nil
	}
	if c.filter, err = op.Filter.Parse(r.URL.RawQuery); err != nil {
		return call.FilterError(err, &h.contract.Faults)
	}
	return nil
}

func (h *handler) checkJSON(op *contract.Operation, r *http.Request) error {
	f := &h.contract.Faults
	if absent(r) {
		if op.Body.Required {
			return f.BadRequest.With("a JSON body is required")
		}
		setBody(r, strings.NewReader("{}"), 2)
		return nil
	}
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType != "application/json" {
		return f.UnsupportedMediaType.With("the body must be application/json")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxJSON+1))
	switch {
	case err != nil:
		return f.BadRequest.With("the body cannot be read")
	case len(body) > maxJSON:
		return f.TooLarge
	}
	clean, err := contract.CleanJSON(op.Body.Schema, body, f)
	if err != nil {
		return err
	}
	setBody(r, bytes.NewReader(clean), int64(len(clean)))
	return nil
}

func setBody(r *http.Request, body io.Reader, length int64) {
	r.Body = io.NopCloser(body)
	r.ContentLength = length
}

// absent reports whether the request has no body at all.
func absent(r *http.Request) bool {
	return r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0
}

// emptyForm is what a form operation decodes when a request has no body.
const emptyForm = "--none--\r\n"

func (h *handler) checkForm(op *contract.Operation, r *http.Request) error {
	f := &h.contract.Faults
	if absent(r) && !op.Body.Required {
		r.Header.Set("Content-Type", "multipart/form-data; boundary=none")
		setBody(r, strings.NewReader(emptyForm), int64(len(emptyForm)))
		return nil
	}
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType != "multipart/form-data" || absent(r) {
		return f.UnsupportedMediaType
	}
	if err != nil || params["boundary"] == "" {
		return f.BadRequest.With("the form has no boundary")
	}
	body := bufio.NewReader(http.MaxBytesReader(nil, r.Body, formLimit(op.Body.Schema)))
	if start, _ := body.Peek(len(params["boundary"]) + 6); hasNoParts(start, params["boundary"]) {
		return f.BadRequest.With("the form has no parts")
	}
	r.Body = form.Whole(io.NopCloser(body))
	return nil
}

// hasNoParts reports whether a form begins with its closing delimiter.
func hasNoParts(start []byte, boundary string) bool {
	start = bytes.TrimLeft(start, "\r\n")
	return len(start) == 0 || bytes.HasPrefix(start, []byte("--"+boundary+"--"))
}

// formLimit is the largest body a form can have.
func formLimit(s *contract.Schema) int64 {
	limit := int64(maxSlack)
	for _, p := range s.Properties {
		if p.Schema.Type == contract.TypeBinary {
			limit += p.Schema.MaxBytes
		}
	}
	return limit
}

// discardBody reads what a client is still sending, within reason: closing the
// connection under it would lose the answer.
func discardBody(r *http.Request) {
	if r.Body != nil {
		_, _ = io.CopyN(io.Discard, r.Body, maxWaste)
	}
}
