// Package serve is the server's side of the wire: routing, authentication,
// validation against the contract, envelopes and errors. Generated servers are
// thin layers over it; an implementation sees only calls that the
// specification allows.
package serve

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// Resolve returns the implementation that serves an account, given the values
// of the contract's bound parameters. Its error is answered as it is.
type Resolve[S any] func(ctx context.Context, binds []string) (S, error)

// Mount registers an API's routes. Requests that cannot be decoded go to
// reject, failed calls to fail.
type Mount func(mux *Mux, reject, fail ErrorHandler)

// ErrorHandler answers a request with an error.
type ErrorHandler = func(w http.ResponseWriter, r *http.Request, err error)

// Credentials are what a request authenticates with.
type Credentials struct {
	// Token is the bearer token, or empty.
	Token string
	// Headers are the credentials in headers of their own, by header name.
	Headers map[string]string
}

// Option changes how a handler is made.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	base string
	auth func(ctx context.Context, who Credentials, binds []string) error
	log  *slog.Logger
}

// WithBasePath serves the API below a path such as "/client/v4". The default
// is the root.
func WithBasePath(path string) Option {
	return option(func(c *config) {
		base := url.URL{Path: "/" + strings.Trim(path, "/")}
		c.base = strings.TrimRight(base.EscapedPath(), "/")
	})
}

// WithAuth decides who may use which account. It is asked for every request
// that carries the credentials the contract demands; its error is answered as
// it is. The default, also for nil, lets everybody in.
func WithAuth(auth func(ctx context.Context, who Credentials, binds []string) error) Option {
	return option(func(c *config) { c.auth = auth })
}

// WithLogger reports panics and unexpected errors. The default, also for nil,
// discards them.
func WithLogger(log *slog.Logger) Option { return option(func(c *config) { c.log = log }) }

func newHandler(c *contract.Contract, opts []Option) *handler {
	h := &handler{contract: c}
	for _, o := range opts {
		o.apply(&h.config)
	}
	if h.auth == nil {
		h.auth = func(context.Context, Credentials, []string) error { return nil }
	}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h
}

// New returns a handler that serves the API c: mount's routes, over the
// implementations that resolve returns.
func New[S any](c *contract.Contract, resolve Resolve[S], mount Mount, opts ...Option) http.Handler {
	h := newHandler(c, opts)
	h.service = func(ctx context.Context, binds []string) (any, error) { return resolve(ctx, binds) }
	h.routes = &Mux{miss: h.miss, wrap: h.guard}
	mount(h.routes, h.reject, h.fail)
	return h
}

type handler struct {
	contract *contract.Contract
	config
	service func(ctx context.Context, binds []string) (any, error)
	routes  *Mux
}

// current is what an operation's adapter needs beside its decoded request.
type current struct {
	service any
	filter  metafilter.Filter
}

type currentKey struct{}

// Service returns the implementation that serves the request.
func Service[S any](ctx context.Context) S {
	return ctx.Value(currentKey{}).(*current).service.(S)
}

// Filter returns the filter of the request's query.
func Filter(ctx context.Context) metafilter.Filter {
	return ctx.Value(currentKey{}).(*current).filter
}

// ServeHTTP answers every request, whatever happens, with an envelope or a
// stream.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.guarded(h.dispatch).ServeHTTP(w, r)
}

// guarded answers the panics of next, and what next leaves of a body.
func (h *handler) guarded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tracked, r := track(w, r)
		defer h.recover(tracked, r)
		next(tracked, r)
	}
}

func (h *handler) dispatch(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), h.base)
	if !ok || !strings.HasPrefix(rest, "/") {
		h.miss(w, r, nil)
		return
	}
	h.routes.ServeHTTP(w, below(r, rest))
}

// below returns a shallow copy of r whose path is the escaped path given.
func below(r *http.Request, path string) *http.Request {
	r2 := r.Clone(r.Context())
	r2.URL.RawPath = path
	if plain, err := url.PathUnescape(path); err == nil {
		r2.URL.Path = plain
	}
	return r2
}

// miss answers a path or method that the API does not have.
func (h *handler) miss(w http.ResponseWriter, r *http.Request, allowed []string) {
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		h.fail(w, r, h.contract.Faults.MethodNotAllowed)
		return
	}
	h.fail(w, r, h.contract.Faults.NoRoute)
}

// guard checks every request against the operation of its route before the
// route's handler decodes it.
func (h *handler) guard(pattern string, handle http.HandlerFunc) http.HandlerFunc {
	i := slices.IndexFunc(h.contract.Operations, func(op *contract.Operation) bool {
		return op.Method+" "+op.Path == pattern
	})
	if i < 0 { // nothing is known of it, least of all who may call it
		return func(w http.ResponseWriter, r *http.Request) { h.miss(w, r, nil) }
	}
	op := h.contract.Operations[i]
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := h.admit(op, r)
		if err != nil {
			h.fail(w, r, err)
			return
		}
		if err := h.check(op, r, c); err != nil {
			h.fail(w, r, err)
			return
		}
		handle(w, r.WithContext(context.WithValue(r.Context(), currentKey{}, c)))
	}
}

// admit authenticates the request and finds its implementation.
func (h *handler) admit(op *contract.Operation, r *http.Request) (*current, error) {
	who, ok := credentials(h.contract.Security, r)
	if !ok {
		return nil, h.contract.Faults.Unauthenticated
	}
	binds := make([]string, len(op.Binds))
	for i, p := range op.Binds {
		binds[i] = r.PathValue(p.Name)
		if contract.CheckText(p.Schema, p.Name, binds[i], &h.contract.Faults) != nil {
			return nil, h.contract.Faults.NoRoute
		}
	}
	if err := h.auth(r.Context(), who, binds); err != nil {
		return nil, err
	}
	service, err := h.service(r.Context(), binds)
	return &current{service: service}, err
}

// credentials returns the first complete set of credentials the request has.
// An API without requirements needs none.
func credentials(security []contract.Requirement, r *http.Request) (Credentials, bool) {
	for _, requirement := range security {
		if who, ok := meet(requirement, r); ok {
			return who, true
		}
	}
	return Credentials{}, len(security) == 0
}

func meet(requirement contract.Requirement, r *http.Request) (Credentials, bool) {
	who := Credentials{Headers: map[string]string{}}
	for _, scheme := range requirement {
		value := strings.TrimSpace(r.Header.Get(scheme.Header))
		if scheme.Bearer {
			kind, token, _ := strings.Cut(value, " ")
			who.Token = strings.TrimSpace(token)
			if !strings.EqualFold(kind, "Bearer") || who.Token == "" {
				return who, false
			}
			continue
		}
		if value == "" {
			return who, false
		}
		who.Headers[scheme.Header] = value
	}
	return who, true
}
