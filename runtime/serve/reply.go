package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// Reply wraps the result of a call for its answer, unless the call failed.
// Slices and maps that must be present are made empty where they are nil.
func Reply[T, R any](out T, err error, wrap func(T) R) (reply R, _ error) {
	if err != nil {
		return reply, err
	}
	return filled(wrap(out)), nil
}

// None adapts a call without a result to [Reply].
func None(err error) (struct{}, error) { return struct{}{}, err }

// Form reads a form and calls the implementation with it.
func Form[T any](r *multipart.Reader, op *contract.Operation, c *contract.Contract, call func(*form.Values) (T, error)) (out T, err error) {
	v, err := form.Decode(r, op.Body, &c.Faults)
	switch {
	case err != nil:
		return out, err
	case v.Empty():
		return out, c.Faults.BadRequest.With("the form has no parts")
	default:
		return call(v)
	}
}

// reject answers a request that could not be decoded.
func (h *handler) reject(w http.ResponseWriter, r *http.Request, err error) {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = h.contract.Faults.TooLarge
	} else if _, ok := contract.AsError(err); !ok {
		err = h.contract.Faults.BadRequest.With("%s", err)
	}
	h.fail(w, r, err)
}

// fail answers a call with its error. Nothing but what is in the catalogue, or
// was put in an [*contract.Error], reaches the client.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if t, ok := w.(*tracker); ok {
		if t.started {
			// Half an answer is sent: cutting the connection is the only way
			// left to say that it is not whole.
			panic(http.ErrAbortHandler)
		}
		t.discardBody()
	}
	e := h.explain(r.Context(), err)
	header := w.Header()
	header.Set("Content-Type", "application/json")
	if e.RetryAfter > 0 {
		header.Set("Retry-After", strconv.FormatInt(int64(e.RetryAfter.Seconds()+0.999), 10))
	}
	body := failureBody(&h.contract.Envelope, e.Messages)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.Status)
	_, _ = w.Write(body)
}

// explain returns the error to answer.
func (h *handler) explain(ctx context.Context, err error) *contract.Error {
	f := &h.contract.Faults
	if e, ok := contract.AsError(err); ok {
		status := h.status(e)
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
	h.log.ErrorContext(ctx, "call failed", "error", err)
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
	list, err := json.Marshal(messages)
	if err != nil {
		list = []byte("[]")
	}
	body := fmt.Sprintf("{%q:null,%q:false,%q:%s", names.Result, names.Success, names.Errors, list)
	if names.Messages != "" {
		body += fmt.Sprintf(",%q:[]", names.Messages)
	}
	return []byte(body + "}\n")
}

// recover answers a panic. The deliberate abort of net/http passes.
func (h *handler) recover(w *tracker, r *http.Request) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		h.log.ErrorContext(r.Context(), "panic", "value", p, "stack", string(debug.Stack()))
		h.fail(w, r, h.contract.Faults.Internal)
	}
}
