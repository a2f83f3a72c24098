package serve

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"slices"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Mounted returns a handler as [New] does, whose requests are passed on, once they
// have been checked, to the handlers that register adds to a mux. It satisfies the
// ServeMux interface of oapi-codegen's servers.
func Mounted[S any](c *contract.Contract, resolve Resolve[S], register func(mux *Mux), opts ...Option) http.Handler {
	h := newHandler(c, opts)
	register(&Mux{h: h, resolve: func(ctx context.Context, binds []string) (any, error) { return resolve(ctx, binds) }})
	return h.entrance(h.dispatch)
}

// Mux takes the routes of a server that was generated elsewhere.
type Mux struct {
	h       *handler
	resolve Resolve[any]
}

// HandleFunc registers a handler for "METHOD /path/{parameter}". One that the
// contract does not know is left out: nothing is known of it, least of all who may
// call it.
func (m *Mux) HandleFunc(pattern string, handle func(http.ResponseWriter, *http.Request)) {
	i := slices.IndexFunc(m.h.contract.Operations, func(op *contract.Operation) bool {
		return op.Method+" "+op.Path == pattern
	})
	if i < 0 {
		return
	}
	m.h.routes.add(&endpoint{op: m.h.contract.Operations[i], run: func(r *Request) error {
		service, err := m.resolve(r.http.Context(), r.binds)
		if err == nil {
			err = r.check()
		}
		if err != nil {
			return err
		}
		r.service = service
		passed, err := r.passed()
		if err != nil {
			return err
		}
		handle(&r.writer, passed)
		return nil
	}})
}

// ServeHTTP exists for the interface. Requests go to the handler that [Mounted]
// returns.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.h.entrance(m.h.dispatch).ServeHTTP(w, r)
}

// Around puts an implementation around another, if there is one to put.
func Around[T any](inner T, around func(T) T) T {
	if around == nil {
		return inner
	}
	return around(inner)
}

type requestKey struct{}

// passed is the request for a handler that decodes it again: what it decodes is
// what was checked.
func (r *Request) passed() (*http.Request, error) {
	own := r.http.WithContext(context.WithValue(r.http.Context(), requestKey{}, r))
	op := r.endpoint.op
	for i, p := range op.Binds {
		own.SetPathValue(p.Name, r.binds[i])
	}
	for i, p := range op.PathParams {
		own.SetPathValue(p.Name, r.Path(i))
	}
	switch {
	case op.Body == nil:
	case op.Body.Kind == contract.BodyJSON:
		clean, err := contract.CleanJSON(op.Body.Schema, r.json, &r.h.contract.Faults)
		if err != nil {
			return nil, err
		}
		own.Body = io.NopCloser(bytes.NewReader(clean))
	default:
		// It is read by Form, and only asked for its type here.
		own.Header = own.Header.Clone()
		own.Header.Set("Content-Type", "multipart/form-data; boundary=none")
	}
	return own, nil
}

// From returns the request that a mounted handler's context belongs to.
func From(ctx context.Context) *Request { return ctx.Value(requestKey{}).(*Request) }

// Service returns the implementation that serves a mounted request.
func Service[S any](ctx context.Context) S { return From(ctx).service.(S) }

// Fail answers a mounted request with an error.
func Fail(_ http.ResponseWriter, r *http.Request, err error) { From(r.Context()).fail(err) }

// Refuse answers a mounted request that could not be decoded.
func Refuse(_ http.ResponseWriter, r *http.Request, err error) {
	q := From(r.Context())
	if _, ok := contract.AsError(err); !ok {
		err = q.h.contract.Faults.BadRequest.With("%s", err)
	}
	q.fail(err)
}

// Reply wraps the result of a call for a mounted handler, unless the call failed.
// Slices and maps that must be present are made empty where they are nil.
func Reply[T, R any](out T, err error, wrap func(T) R) (reply R, _ error) {
	reply, err = Wrap(out, err, wrap)
	if err != nil {
		return reply, err
	}
	if changed, ok := fill(reflect.ValueOf(reply)); ok {
		return changed.Interface().(R), nil
	}
	return reply, nil
}
