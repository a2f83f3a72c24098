package double

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// transport answers requests by calling the host's handler, as if there were a
// connection between the two: either end notices when the other one leaves, and
// nothing but the request and the answer passes.
type transport struct{ host *Host }

var errClosed = errors.New("the mock is closed")

// RoundTrip calls the handler in a goroutine of its own, so that an answer can
// be read while it is written.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !t.host.enter() {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, errClosed
	}
	c := connect(t.host.open, req)
	go func() {
		defer t.host.running.Done()
		c.answer.serve(t.host, c.request)
	}()
	select {
	case <-c.answer.ready:
	case <-req.Context().Done():
		c.hangUp(req.Context().Err())
		return nil, req.Context().Err()
	}
	if c.answer.aborted {
		return nil, io.ErrUnexpectedEOF
	}
	return c.answer.response(req, c), nil
}

// connection is one request and its answer. It is the body of the answer.
type connection struct {
	request *http.Request // as the server sees it
	answer  *answer
	reader  *io.PipeReader
	leave   context.CancelFunc // ends the server's context
}

func connect(open context.Context, req *http.Request) *connection {
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(open)
	c := &connection{
		request: incoming(ctx, req),
		answer: &answer{
			header: http.Header{},
			body:   writer,
			ready:  make(chan struct{}),
			bare:   req.Method == http.MethodHead,
		},
		reader: reader,
		leave:  cancel,
	}
	stop := context.AfterFunc(req.Context(), func() { c.hangUp(req.Context().Err()) })
	c.answer.done = func() {
		stop()
		cancel()
	}
	return c
}

// hangUp ends the connection from the client's side: it reads no further, and
// its own body is read no further.
func (c *connection) hangUp(cause error) {
	c.leave()
	_ = c.answer.body.CloseWithError(cause)
	_ = c.request.Body.Close()
}

func (c *connection) Read(p []byte) (int, error) { return c.reader.Read(p) }

// Close lets the handler know that nobody reads its answer any more.
func (c *connection) Close() error {
	c.leave()
	return c.reader.Close()
}

// incoming is the request as a server sees it.
func incoming(ctx context.Context, req *http.Request) *http.Request {
	r := req.Clone(ctx)
	r.RequestURI = req.URL.RequestURI()
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	r.RemoteAddr = "192.0.2.1:1234" // an address for documentation
	switch {
	case r.Body == nil:
		r.Body = http.NoBody
	case r.Body != http.NoBody && r.ContentLength == 0:
		r.ContentLength = -1 // of a client's request, it means not known
	}
	return r
}

// answer is the ResponseWriter of a call without a socket.
type answer struct {
	header  http.Header
	sent    http.Header
	status  int
	bare    bool  // the answer has no body
	size    int64 // of the body, as the header says; -1 when it does not
	written int64
	body    *io.PipeWriter
	ready   chan struct{}
	once    sync.Once
	aborted bool
	done    func()
}

func (a *answer) serve(handler http.Handler, r *http.Request) {
	defer a.done()
	defer func() {
		var err error
		if recover() != nil {
			err = io.ErrUnexpectedEOF
			a.once.Do(func() { a.aborted = true; close(a.ready) })
		}
		a.WriteHeader(http.StatusOK)
		if !a.bare && a.written < a.size {
			err = io.ErrUnexpectedEOF
		}
		_ = a.body.CloseWithError(err)
		_ = r.Body.Close()
	}()
	handler.ServeHTTP(a, r)
}

func (a *answer) Header() http.Header { return a.header }

// WriteHeader sends the header once; informational answers are not passed on.
func (a *answer) WriteHeader(status int) {
	if status/100 == 1 {
		return
	}
	a.once.Do(func() {
		a.status, a.sent = status, a.header.Clone()
		a.size = contentLength(a.sent)
		a.bare = a.bare || status == http.StatusNoContent || status == http.StatusNotModified
		close(a.ready)
	})
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	switch {
	case a.bare:
		return len(b), nil
	case a.size >= 0 && a.written+int64(len(b)) > a.size:
		return 0, http.ErrContentLength
	}
	n, err := a.body.Write(b)
	a.written += int64(n)
	return n, err
}

// Flush sends the header; what is written is never held back.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }

func (a *answer) response(req *http.Request, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)),
		StatusCode: a.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        a.sent,
		Body:          body,
		ContentLength: a.size,
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
