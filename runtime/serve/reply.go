package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"
	"strconv"
	"sync"

	"github.com/cfimages/cfimages/runtime/contract"
)

// errNothing says that the implementation broke its part of the contract.
var errNothing = errors.New("the implementation returned neither a result nor an error")

// Values of headers that many answers share. Nobody may change them in place.
var (
	typeJSON = []string{"application/json"}
	typeText = []string{"text/plain; charset=utf-8"}
)

// Wrap puts a result into what the envelope carries, unless the call failed.
func Wrap[T, R any](out T, err error, wrap func(T) R) (reply R, _ error) {
	if err != nil {
		return reply, err
	}
	if v := reflect.ValueOf(out); v.Kind() == reflect.Pointer && v.IsNil() {
		return reply, errNothing
	}
	return wrap(out), nil
}

// Done adapts a call without a result to [None] and [Form].
func Done(err error) (struct{}, error) { return struct{}{}, err }

// None puts the zero R into the envelope of a call without a result.
func None[R any](_ struct{}, err error) (reply R, _ error) { return reply, err }

// envelope returns what is written before and after a result.
func envelope(names *contract.Envelope) (before, after string) {
	before = fmt.Sprintf("{%q:", names.Result)
	after = fmt.Sprintf(",%q:true,%q:[]", names.Success, names.Errors)
	if names.Messages != "" {
		after += fmt.Sprintf(",%q:[]", names.Messages)
	}
	return before, after + "}\n"
}

// encoder writes JSON into a buffer of its own.
type encoder struct {
	bytes.Buffer
	json *json.Encoder
}

var encoders = sync.Pool{New: func() any {
	e := &encoder{}
	e.json = json.NewEncoder(&e.Buffer)
	e.json.SetEscapeHTML(false)
	return e
}}

func (e *encoder) giveBack() {
	if e.Cap() <= maxPooled {
		e.Reset()
		encoders.Put(e)
	}
}

// succeed answers a result.
func (r *Request) succeed(out any) error {
	v := reflect.ValueOf(out)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return errNothing
	}
	if changed, ok := fill(v); ok {
		out = changed.Interface()
	}
	e := encoders.Get().(*encoder)
	defer e.giveBack()
	e.WriteString(r.h.before)
	if err := e.json.Encode(out); err != nil {
		return err
	}
	e.Truncate(e.Len() - 1) // the encoder ends a line
	e.WriteString(r.h.after)
	header := r.writer.Header()
	header["Content-Type"] = typeJSON
	if r.h.gzip > 0 {
		header.Add("Vary", "Accept-Encoding")
		if e.Len() >= r.h.gzip && acceptsGzip(r.http.Header) {
			return r.compressed(e.Bytes())
		}
	}
	header["Content-Length"] = []string{strconv.Itoa(e.Len())}
	r.writer.WriteHeader(http.StatusOK)
	_, _ = r.writer.Write(e.Bytes())
	return nil
}

// fail answers a call with its error. Nothing but what is in the catalogue, or
// was put in an [*contract.Error], reaches the client.
func (r *Request) fail(err error) {
	if r.writer.started {
		// Half an answer is sent: cutting the connection is the only way left to
		// say that it is not whole.
		panic(http.ErrAbortHandler)
	}
	r.body.discard(r.writer.ResponseWriter)
	e := r.explain(err)
	header := r.writer.Header()
	for _, name := range []string{"Content-Encoding", "Content-Range", "Accept-Ranges", "Etag", "Last-Modified"} {
		if name != "Content-Range" || e.Status != http.StatusRequestedRangeNotSatisfiable {
			delete(header, name)
		}
	}
	if e.RetryAfter > 0 {
		header.Set("Retry-After", seconds(e.RetryAfter))
	}
	body := failureBody(&r.h.contract.Envelope, e.Messages)
	header["Content-Type"] = typeJSON
	if prefersText(r.http.Header) {
		header["Content-Type"] = typeText
		body = failureText(e.Messages)
	}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	r.writer.WriteHeader(e.Status)
	_, _ = r.writer.Write(body)
}

// explain returns the error to answer.
func (r *Request) explain(err error) *contract.Error {
	f := &r.h.contract.Faults
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return f.TooLarge.New()
	}
	if e, ok := contract.AsError(err); ok {
		status := r.h.status(e)
		switch {
		case status == 0:
		case len(e.Messages) > 0:
			return &contract.Error{Status: status, Messages: e.Messages, RetryAfter: e.RetryAfter}
		default: // An upstream answered something that was no envelope.
			return &contract.Error{Status: status, Messages: f.Internal.New().Messages, RetryAfter: e.RetryAfter}
		}
	}
	if errors.Is(err, context.Canceled) {
		return f.Canceled.New()
	}
	r.h.log.ErrorContext(r.http.Context(), "call failed", "error", err)
	return f.Internal.New()
}

// status returns the status to answer an error with, 0 when it has none. One
// that an upstream answered with a success is that of its code in the catalogue.
func (h *handler) status(e *contract.Error) int {
	if e.Status >= 400 && e.Status <= 599 {
		return e.Status
	}
	for _, kind := range h.contract.Errors {
		if e.Is(kind) {
			return kind.Status
		}
	}
	return 0
}

// failureBody writes a failed envelope.
func failureBody(names *contract.Envelope, messages []contract.Message) []byte {
	list, err := contract.EncodeJSON(messages)
	if err != nil {
		list = []byte("[]")
	}
	body := fmt.Sprintf("{%q:null,%q:false,%q:%s", names.Result, names.Success, names.Errors, list)
	if names.Messages != "" {
		body += fmt.Sprintf(",%q:[]", names.Messages)
	}
	return []byte(body + "}\n")
}

// failureText writes a failure as the service does where it writes text.
func failureText(messages []contract.Message) []byte {
	var b bytes.Buffer
	for _, m := range messages {
		fmt.Fprintf(&b, "ERROR %d: %s\n", m.Code, m.Message)
	}
	return b.Bytes()
}

// recover answers a panic. The deliberate abort of net/http passes.
func (r *Request) recover() {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		r.h.log.ErrorContext(r.http.Context(), "panic", "value", p, "stack", string(debug.Stack()))
		r.fail(r.h.contract.Faults.Internal)
	}
}
