package serve

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Bounds of a refused body that is read before its answer. Closing the
// connection under a client that still sends would lose the answer, but nobody
// may keep a handler busy by sending without end, or a byte at a time. Who was
// too slow for a server's own time limit gets no more of it.
const (
	maxWaste     = 64 << 20 // bytes
	maxWasteTime = 10 * time.Second
)

// tracker knows whether an answer has begun.
type tracker struct {
	http.ResponseWriter
	started bool
}

// WriteHeader begins the answer.
func (t *tracker) WriteHeader(status int) {
	t.started = t.started || status >= 200
	t.ResponseWriter.WriteHeader(status)
}

// Write begins the answer, unless it has begun.
func (t *tracker) Write(b []byte) (int, error) {
	t.started = true
	return t.ResponseWriter.Write(b)
}

// ReadFrom lets a file go to a connection without a copy, where the original
// can do that.
func (t *tracker) ReadFrom(r io.Reader) (int64, error) {
	t.started = true
	return io.Copy(t.ResponseWriter, r)
}

// Unwrap lets [http.ResponseController] reach the original.
func (t *tracker) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// trackedBody is the body of a request, and knows whether its client was asked
// for it.
type trackedBody struct {
	src    io.ReadCloser // nil when there is none
	waits  atomic.Bool   // the client sends nothing before it is asked
	broken atomic.Bool   // it cannot be read on: cut off, malformed or too slow
	peeked bool
	first  byte // read to find out whether there is anything, if peeked
}

func (b *trackedBody) track(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	b.src = r.Body
	if expect := r.Header["Expect"]; len(expect) > 0 && strings.EqualFold(expect[0], "100-continue") {
		b.waits.Store(true)
	}
}

// Read reads the body.
func (b *trackedBody) Read(p []byte) (int, error) {
	b.waits.Store(false)
	if b.peeked && len(p) > 0 {
		b.peeked = false
		p[0] = b.first
		return 1, nil
	}
	n, err := b.src.Read(p)
	if err != nil && err != io.EOF {
		b.broken.Store(true)
	}
	return n, err
}

// Close closes the body.
func (b *trackedBody) Close() error { return b.src.Close() }

// absent reports whether there is no body, given its length. One of unknown
// length may turn out to be empty, unless its client asks whether to send it.
func (b *trackedBody) absent(length int64) bool {
	switch {
	case b.src == nil, length == 0:
		return true
	case length > 0, b.waits.Load():
		return false
	}
	var one [1]byte
	n, err := io.ReadFull(b.src, one[:])
	b.first, b.peeked = one[0], n == 1
	return err == io.EOF
}

// discard reads what a client is still sending, within reason.
func (b *trackedBody) discard(w http.ResponseWriter) {
	if b.src == nil || b.waits.Load() || b.broken.Load() {
		return
	}
	// Where deadlines are not supported there is no connection either.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(maxWasteTime))
	_, _ = io.CopyN(io.Discard, b.src, maxWaste)
}
