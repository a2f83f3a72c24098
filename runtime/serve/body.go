package serve

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"sync"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// maxSlack limits a form beside its files, in bytes.
const maxSlack = 1 << 20

var nothing = []byte("{}")

// buffers are what JSON bodies are read into. What is decoded from one is a copy.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled is the largest buffer that is kept, in bytes.
const maxPooled = 1 << 20

func giveBack(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		b.Reset()
		buffers.Put(b)
	}
}

// Body calls the implementation with the JSON body of the request.
func Body[In, T any](r *Request, call func(In) (T, error)) (out T, err error) {
	in, err := contract.DecodeJSON[In](r.endpoint.op.Body.Schema, r.json, &r.h.contract.Faults)
	if r.buffer != nil {
		giveBack(r.buffer)
		r.buffer, r.json = nil, nil
	}
	if err != nil {
		return out, err
	}
	return call(in)
}

// readJSON reads the whole body, within the limit.
func (r *Request) readJSON() error {
	f := &r.h.contract.Faults
	if r.body.absent(r.http.ContentLength) {
		if r.endpoint.op.Body.Required {
			return f.BadRequest.With("a JSON body is required")
		}
		r.json = nothing
		return nil
	}
	if kind := r.http.Header.Get("Content-Type"); kind != "application/json" {
		if mediaType, _, _ := mime.ParseMediaType(kind); mediaType != "application/json" {
			return f.UnsupportedMediaType.With("the body must be application/json")
		}
	}
	r.buffer = buffers.Get().(*bytes.Buffer)
	limit := r.h.limits.JSON
	_, err := r.buffer.ReadFrom(io.LimitReader(&r.body, limit+1))
	_, limited := errors.AsType[*http.MaxBytesError](err)
	switch {
	case limited, int64(r.buffer.Len()) > limit:
		return f.TooLarge
	case err != nil:
		return f.BadRequest.With("the body cannot be read")
	}
	r.json = r.buffer.Bytes()
	return nil
}

// Form reads the form of the request and calls the implementation with it. A
// file in it may still be arriving then; the call has succeeded only once the
// whole form has been found to be right.
func Form[T any](r *Request, call func(*form.Values) (T, error)) (out T, err error) {
	v, err := r.readForm()
	if err != nil {
		return out, err
	}
	defer v.Close()
	out, err = call(v)
	if broken := v.Failed(); broken != nil {
		return out, broken // whatever the implementation has made of it
	}
	if err == nil {
		err = v.Finish()
	}
	return out, err
}

// readForm reads the form up to a file that is handed on. The values are nil
// where a form may be absent and is.
func (r *Request) readForm() (*form.Values, error) {
	f, body := &r.h.contract.Faults, r.endpoint.op.Body
	if r.body.absent(r.http.ContentLength) {
		if body.Required {
			return nil, f.UnsupportedMediaType
		}
		return nil, nil
	}
	mediaType, params, err := mime.ParseMediaType(r.http.Header.Get("Content-Type"))
	if mediaType != "multipart/form-data" {
		return nil, f.UnsupportedMediaType
	}
	if err != nil || params["boundary"] == "" {
		return nil, f.BadRequest.With("the form has no boundary")
	}
	src := io.ReadCloser(&r.body)
	if limit := formLimit(body.Schema); limit > 0 {
		src = http.MaxBytesReader(nil, src, limit)
	}
	v, err := form.Decode(src, params["boundary"], body, f, r.h.form)
	if err != nil {
		return nil, err
	}
	if v.Empty() {
		empty := f.BadRequest.With("the form has no parts")
		if !r.h.form.Lenient {
			v.Close()
			return nil, empty
		}
		r.warn(empty)
	}
	warnings := v.Warnings()
	for _, e := range warnings[:min(len(warnings), maxWarnings)] {
		r.warn(e)
	}
	return v, nil
}

// Bounds of the headers that warn: a form may have a thousand odd parts.
const (
	maxWarnings = 10
	maxWarning  = 300 // bytes
)

// warn tells a client what the real service would have answered.
func (r *Request) warn(e *contract.Error) {
	text := e.Error()
	r.writer.Header().Add("Warning", "299 - "+quoted(text[:min(len(text), maxWarning)]))
}

// quoted writes a text as a quoted string of a header (RFC 9110, section 5.6.4).
func quoted(text string) string {
	var b bytes.Buffer
	b.WriteByte('"')
	for _, c := range []byte(text) {
		switch {
		case c == '"', c == '\\':
			b.Write([]byte{'\\', c})
		case c < ' ', c == 0x7f:
			b.WriteByte(' ')
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
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
