package serve

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// Bounds of a refused body that is read before its answer. Closing the
// connection under a client that still sends would lose the answer, but nobody
// may keep a handler busy by sending without end, or a byte at a time.
const (
	maxWaste     = 64 << 20 // bytes
	maxWasteTime = 10 * time.Second
)

// tracker knows how far a request is read and whether its answer has begun.
type tracker struct {
	http.ResponseWriter
	started bool
	body    *trackedBody // nil when there is none
}

// track returns a tracker of w, and r with a body that is tracked.
func track(w http.ResponseWriter, r *http.Request) (*tracker, *http.Request) {
	t := &tracker{ResponseWriter: w}
	if r.Body == nil || r.Body == http.NoBody {
		return t, r
	}
	t.body = &trackedBody{
		ReadCloser: r.Body,
		waits:      strings.EqualFold(r.Header.Get("Expect"), "100-continue"),
	}
	own := *r
	own.Body = t.body
	return t, &own
}

// trackedBody knows whether its client was asked for it.
type trackedBody struct {
	io.ReadCloser
	waits bool // the client sends nothing before it is asked
}

func (b *trackedBody) Read(p []byte) (int, error) {
	b.waits = false
	return b.ReadCloser.Read(p)
}

// discardBody reads what a client is still sending, within reason.
func (t *tracker) discardBody() {
	if t.body == nil || t.body.waits {
		return
	}
	// Where deadlines are not supported there is no connection either.
	_ = http.NewResponseController(t.ResponseWriter).SetReadDeadline(time.Now().Add(maxWasteTime))
	_, _ = io.CopyN(io.Discard, t.body, maxWaste)
}

// WriteHeader begins the answer.
func (t *tracker) WriteHeader(status int) {
	t.started = true
	t.ResponseWriter.WriteHeader(status)
}

// Write begins the answer, unless it has begun.
func (t *tracker) Write(b []byte) (int, error) {
	t.started = true
	return t.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the original.
func (t *tracker) Unwrap() http.ResponseWriter { return t.ResponseWriter }
