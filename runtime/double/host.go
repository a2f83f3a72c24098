package double

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Bind is the value of every bound parameter of a mock that is not told
// another.
const Bind = "mock"

// uploads is the path below which a mock has its one-time upload URLs.
const uploads = "/upload"

// TB is what a mock needs of a test: [testing.TB] satisfies it.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Host puts the handlers of a mock at one address: a socket once it is
// started, and an address that only its own HTTP client knows before.
type Host struct {
	base    string // path of the API
	mu      sync.RWMutex
	root    string
	handler http.Handler
	client  *http.Client
}

// NewHost returns a host for mocks of the API c, whose path is that of the
// real service.
func NewHost(c *contract.Contract) *Host {
	h := &Host{root: "http://mock.invalid"}
	if u, err := url.Parse(c.BaseURL); err == nil {
		h.base = strings.TrimRight(u.Path, "/")
	}
	h.client = &http.Client{Transport: transport{h}}
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

// SetRoot tells the host under which address it is reached.
func (h *Host) SetRoot(root string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.root = strings.TrimRight(root, "/")
}

// URL is the address of the API.
func (h *Host) URL() string { return h.Root() + h.base }

// URLs are the addresses below which the host takes one-time uploads and
// delivers.
func (h *Host) URLs(context.Context) (upload, delivery string) {
	root := h.Root()
	return root + uploads, root
}

// HTTPClient reaches the host, over its socket or without one.
func (h *Host) HTTPClient() *http.Client {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.client
}

// Combine returns a handler for the API and, where upload is not nil, for the
// one-time upload URLs beside it. It neither cleans nor redirects a path.
func (h *Host) Combine(api, upload http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if upload != nil && strings.HasPrefix(r.URL.Path, uploads+"/") {
			upload.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// Use makes the handler what the host's HTTP client reaches without a socket.
func (h *Host) Use(handler http.Handler) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.handler = handler
}

// Start serves the handler on a free port of the loopback interface until the
// test ends.
func (h *Host) Start(tb TB, handler http.Handler) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("mock: %v", err)
		return
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	socket := &http.Transport{}
	h.SetRoot("http://" + l.Addr().String())
	h.mu.Lock()
	h.client = &http.Client{Transport: socket}
	h.mu.Unlock()
	go func() { _ = server.Serve(l) }()
	tb.Cleanup(func() {
		socket.CloseIdleConnections()
		_ = server.Close()
	})
}

// transport answers requests by calling the host's handler.
type transport struct{ host *Host }

// RoundTrip calls the handler in a goroutine of its own, so that an answer can
// be read while it is written.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.host.mu.RLock()
	handler := t.host.handler
	t.host.mu.RUnlock()
	if handler == nil {
		return nil, errors.New("the mock has no handler")
	}
	body, w := io.Pipe()
	a := &answer{header: http.Header{}, body: w, ready: make(chan struct{})}
	go a.serve(handler, incoming(req))
	select {
	case <-a.ready:
	case <-req.Context().Done():
		_ = body.CloseWithError(req.Context().Err())
		return nil, req.Context().Err()
	}
	if a.aborted {
		return nil, io.ErrUnexpectedEOF
	}
	return a.response(req, body), nil
}

// incoming is the request as a server sees it.
func incoming(req *http.Request) *http.Request {
	r := req.Clone(req.Context())
	r.RequestURI = req.URL.RequestURI()
	r.Host = req.URL.Host
	r.RemoteAddr = "mock"
	if r.Body == nil {
		r.Body = http.NoBody
	}
	return r
}

// answer is the ResponseWriter of a call without a socket.
type answer struct {
	header  http.Header
	sent    http.Header
	status  int
	body    *io.PipeWriter
	ready   chan struct{}
	once    sync.Once
	aborted bool
}

func (a *answer) serve(handler http.Handler, r *http.Request) {
	defer func() {
		err := error(nil)
		if p := recover(); p != nil {
			err = io.ErrUnexpectedEOF
			a.once.Do(func() { a.aborted = true; close(a.ready) })
		}
		a.WriteHeader(http.StatusOK)
		_ = a.body.CloseWithError(err)
		_ = r.Body.Close()
	}()
	handler.ServeHTTP(a, r)
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	a.once.Do(func() {
		a.status, a.sent = status, a.header.Clone()
		close(a.ready)
	})
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func (a *answer) response(req *http.Request, body *io.PipeReader) *http.Response {
	return &http.Response{
		Status:     http.StatusText(a.status),
		StatusCode: a.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        a.sent,
		Body:          body,
		ContentLength: contentLength(a.sent),
		Request:       req,
	}
}

func contentLength(h http.Header) int64 {
	n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}
