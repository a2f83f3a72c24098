// Package serve is the server's side of the wire: routing, authentication,
// validation against the contract, envelopes and errors. Generated servers are
// thin layers over it; an implementation sees only calls that the
// specification allows.
package serve

import (
	"context"
	"net/http"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Resolve returns the implementation that serves an account, given the values
// of the contract's bound parameters. Its error is answered as it is.
type Resolve[S any] func(ctx context.Context, binds []string) (S, error)

// Route joins an operation to the method of the implementation that serves it.
type Route[S any] struct {
	op    *contract.Operation
	serve func(ctx context.Context, service S, r *Request) error
}

// JSON is the route of an operation whose result travels in the envelope.
// Slices and maps that must be present are made empty where they are nil.
func JSON[S, T any](op *contract.Operation, call func(ctx context.Context, service S, r *Request) (T, error)) Route[S] {
	return Route[S]{op, func(ctx context.Context, service S, r *Request) error {
		out, err := call(ctx, service, r)
		if err != nil {
			return err
		}
		return r.succeed(out)
	}}
}

// Stream is the route of an operation that answers bytes.
func Stream[S any](op *contract.Operation, call func(ctx context.Context, service S, r *Request) (*contract.Stream, error)) Route[S] {
	return Route[S]{op, func(ctx context.Context, service S, r *Request) error {
		out, err := call(ctx, service, r)
		if err != nil {
			return err
		}
		return r.stream(out)
	}}
}

// New returns a handler that serves the API c: the routes, over the
// implementations that resolve returns. It answers every request, whatever
// happens, with an envelope or a stream, and may be mounted on any router.
func New[S any](c *contract.Contract, resolve Resolve[S], routes []Route[S], opts ...Option) http.Handler {
	h := newHandler(c, opts)
	for _, route := range routes {
		h.routes.add(&endpoint{op: route.op, run: func(r *Request) error {
			ctx := r.http.Context()
			service, err := resolve(ctx, r.binds)
			if err != nil {
				return err
			}
			if err := r.check(); err != nil {
				return err
			}
			return route.serve(ctx, service, r)
		}})
	}
	return h.entrance(h.dispatch)
}

// handler is an API that is served.
type handler struct {
	contract *contract.Contract
	config
	routes router
	// before and after are the envelope around a result.
	before, after string
}

func newHandler(c *contract.Contract, opts []Option) *handler {
	h := &handler{contract: c, config: defaults()}
	for _, o := range opts {
		o.apply(&h.config)
	}
	h.before, h.after = envelope(&c.Envelope)
	return h
}

// entrance puts what every request passes around next.
func (h *handler) entrance(next func(*Request) error) http.Handler {
	inner := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, next) }))
	if len(h.middleware) == 0 {
		return inner
	}
	for i := len(h.middleware) - 1; i >= 0; i-- {
		inner = h.middleware[i](inner)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := h.request(w, r)
		defer q.recover()
		inner.ServeHTTP(&q.writer, r)
	})
}

func (h *handler) request(w http.ResponseWriter, r *http.Request) *Request {
	return &Request{h: h, http: r, writer: tracker{ResponseWriter: w}}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request, next func(*Request) error) {
	q := h.request(w, r)
	defer q.recover()
	q.body.track(r)
	if h.cors != nil {
		h.cors.mark(w.Header(), r)
	}
	err := h.tooMuch(r)
	if err == nil {
		err = next(q)
	}
	if err != nil {
		q.fail(err)
	}
}

// tooMuch refuses headers beyond the limit, as far as a handler sees them.
func (h *handler) tooMuch(r *http.Request) error {
	size := int64(len(r.RequestURI))
	for name, values := range r.Header {
		for _, value := range values {
			size += int64(len(name) + len(value))
		}
	}
	if size <= h.limits.Header {
		return nil
	}
	e := h.contract.Faults.TooLarge.New()
	e.Status = http.StatusRequestHeaderFieldsTooLarge
	return e
}

// dispatch finds the operation of a request and serves it.
func (h *handler) dispatch(r *Request) error {
	path, ok := strings.CutPrefix(r.http.URL.EscapedPath(), h.base)
	if !ok || !strings.HasPrefix(path, "/") {
		return h.contract.Faults.NoRoute
	}
	n := h.routes.find(path[1:], r.params[:])
	if n == nil {
		return h.contract.Faults.NoRoute
	}
	r.endpoint = n.endpoint(r.http.Method, h.head)
	if r.endpoint == nil {
		return r.otherMethod(n.allowed(h.head, h.cors != nil))
	}
	r.http.Pattern = r.endpoint.pattern
	if err := r.admit(); err != nil {
		return err
	}
	return r.endpoint.run(r)
}

// otherMethod answers a method that a path does not have.
func (r *Request) otherMethod(allowed []string) error {
	header := r.writer.Header()
	header.Set("Allow", strings.Join(allowed, ", "))
	if r.h.cors == nil || r.http.Method != http.MethodOptions {
		return r.h.contract.Faults.MethodNotAllowed
	}
	r.h.cors.preflight(header, r.http, allowed)
	r.writer.WriteHeader(http.StatusNoContent)
	return nil
}
