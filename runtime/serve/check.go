package serve

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/cfimages/cfimages/runtime/call"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// maxSlack limits a form beside its files, in bytes.
const maxSlack = 1 << 20

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
	body, err := io.ReadAll(io.LimitReader(r.Body, call.MaxJSON+1))
	_, limited := errors.AsType[*http.MaxBytesError](err)
	switch {
	case limited, len(body) > call.MaxJSON:
		return f.TooLarge
	case err != nil:
		return f.BadRequest.With("the body cannot be read")
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

// absent reports whether the request has no body. One of unknown length may
// turn out to be empty, unless its client asks whether to send it.
func absent(r *http.Request) bool {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return true
	}
	if b, ok := r.Body.(*trackedBody); r.ContentLength > 0 || ok && b.waits {
		return false
	}
	body := bufio.NewReader(r.Body)
	r.Body = io.NopCloser(body)
	_, err := body.Peek(1)
	return err == io.EOF
}

// noForm is what a form operation decodes when a request has no body: a form
// with a part that no schema knows, because one without parts is refused.
const noForm = "--none\r\nContent-Disposition: form-data; name=none\r\n\r\n\r\n--none--\r\n"

func (h *handler) checkForm(op *contract.Operation, r *http.Request) error {
	f := &h.contract.Faults
	if absent(r) {
		if op.Body.Required {
			return f.UnsupportedMediaType
		}
		r.Header.Set("Content-Type", "multipart/form-data; boundary=none")
		setBody(r, strings.NewReader(noForm), int64(len(noForm)))
		return nil
	}
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType != "multipart/form-data" {
		return f.UnsupportedMediaType
	}
	if err != nil || params["boundary"] == "" {
		return f.BadRequest.With("the form has no boundary")
	}
	body := r.Body
	if limit := formLimit(op.Body.Schema); limit > 0 {
		body = http.MaxBytesReader(nil, body, limit)
	}
	r.Body = form.Whole(body)
	return nil
}

// formLimit is the largest body a form can have; 0 when a file in it has no
// limit.
func formLimit(s *contract.Schema) int64 {
	limit := int64(maxSlack)
	for _, p := range s.Properties {
		if p.Schema.Type != contract.TypeBinary {
			continue
		}
		if p.Schema.MaxBytes == 0 {
			return 0
		}
		limit += p.Schema.MaxBytes
	}
	return limit
}
