package double

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Bind is the value of every bound parameter of a mock that is not told
// another.
const Bind = "mock"

// Memory is how much of a file a mock keeps in memory until its form is complete,
// in bytes: all of it, as the fake keeps it anyway.
const Memory = 16 << 20

// uploads is the path below which a mock has its one-time upload URLs.
const uploads = "/upload"

// TB is what a mock needs of a test: [testing.TB] satisfies it.
type TB interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Host puts the handlers of a mock at one address: a socket once it is
// started, and an address that only its own HTTP client knows before.
type Host struct {
	base    string // path of the API
	mu      sync.RWMutex
	root    string
	fixed   bool // somebody said what root is
	handler http.Handler
	client  *http.Client
	socket  *socket // nil before Start
	closed  bool
	running sync.WaitGroup  // calls without a socket
	open    context.Context // ends when the host is closed
	close   context.CancelFunc
	asked   atomic.Pointer[address] // of the latest request; most have the same
}

// NewHost returns a host for mocks of the API c, whose path is that of the
// real service.
func NewHost(c *contract.Contract) *Host {
	h := &Host{root: "http://mock.invalid", handler: http.NotFoundHandler()}
	h.open, h.close = context.WithCancel(context.Background())
	if u, err := url.Parse(c.BaseURL); err == nil {
		h.base = strings.TrimRight(u.Path, "/")
	}
	h.client = &http.Client{Transport: h.Transport()}
	return h
}

// Base is the path of the API, such as "/client/v4".
func (h *Host) Base() string { return h.base }

// Root is the address of the host, without a path.
func (h *Host) Root() string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.root
}

// SetRoot tells the host under which address it is reached, whatever a request
// says.
func (h *Host) SetRoot(root string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.root, h.fixed = strings.TrimRight(root, "/"), true
}

// listenAt tells the host where it listens.
func (h *Host) listenAt(root string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.root = root
}

// URL is the address of the API.
func (h *Host) URL() string { return h.Root() + h.base }

// URLs are the addresses that a fake puts into its answers: where one-time
// uploads go, and where images would be delivered. They begin with the address
// that the request was sent to, unless [Host.SetRoot] was told one; headers in
// which a proxy may name another are not trusted.
func (h *Host) URLs(ctx context.Context) (upload, delivery string) {
	h.mu.RLock()
	root, fixed := h.root, h.fixed
	h.mu.RUnlock()
	if asked, ok := ctx.Value(rootKey{}).(*address); ok && !fixed {
		return asked.uploads, asked.root
	}
	return root + uploads, root
}

// rootKey is the context's key of the address that a request was sent to.
type rootKey struct{}

// address is what a request was sent to, and the URLs that begin with it.
type address struct {
	host          string
	secure        bool
	root, uploads string
}

// withRoot notes the address that a request was sent to, if it is one.
func (h *Host) withRoot(r *http.Request) *http.Request {
	a := h.asked.Load()
	if a == nil || a.host != r.Host || a.secure != (r.TLS != nil) {
		if a = addressOf(r); a == nil {
			return r
		}
		h.asked.Store(a)
	}
	return r.WithContext(context.WithValue(r.Context(), rootKey{}, a))
}

// addressOf returns the address that a request was sent to, nil when it is none.
func addressOf(r *http.Request) *address {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	root := scheme + r.Host
	if _, err := url.Parse(root); err != nil || r.Host == "" || strings.Trim(r.Host, hostAlphabet) != "" {
		return nil
	}
	return &address{r.Host, r.TLS != nil, root, root + uploads}
}

// hostAlphabet is what names, addresses and ports are made of.
const hostAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]"

// HTTPClient reaches the host, over its socket or without one.
func (h *Host) HTTPClient() *http.Client {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.client
}

// Transport reaches the host without a socket, whatever address a request names:
// an [http.Client] with it needs no other setting. It works in a bubble of
// testing/synctest.
func (h *Host) Transport() http.RoundTripper { return transport{h} }

// Combine returns a handler for the API and, where upload is not nil, for the
// one-time upload URLs beside it. It neither cleans nor redirects a path.
func (h *Host) Combine(api, upload http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = h.withRoot(r)
		if upload != nil && strings.HasPrefix(r.URL.Path, uploads+"/") {
			upload.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// Use makes the handler what the host serves, with a socket and without one.
func (h *Host) Use(handler http.Handler) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.handler = handler
}

// ServeHTTP calls the host's handler.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.RLock()
	handler := h.handler
	h.mu.RUnlock()
	handler.ServeHTTP(w, r)
}

// enter lets a call without a socket in, unless the host is closed. Whoever was
// let in leaves by running.Done.
func (h *Host) enter() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if !h.closed {
		h.running.Add(1)
	}
	return !h.closed
}

// Close ends the host: connections are cut, calls without a socket are refused
// from now on, and the contexts of those that run end. It waits until no
// goroutine of the host is left, some seconds at most, and reports whether it saw
// that. It may be called again.
func (h *Host) Close() bool {
	h.mu.Lock()
	h.closed = true
	s := h.socket
	h.mu.Unlock()
	h.close()
	left := make(chan struct{})
	go func() {
		defer close(left)
		s.close()
		h.running.Wait()
	}()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-left:
		return true
	case <-late.C:
		return false
	}
}
