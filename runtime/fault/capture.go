package fault

import (
	"bytes"
	"cmp"
	"context"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// answer is a whole answer before it is sent. Its header is that of the writer
// it will be sent by.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func (a *answer) WriteHeader(status int) {
	if status/100 != 1 {
		a.status = cmp.Or(a.status, status)
	}
}

// Flush exists for handlers that want one; the answer is held back all the same.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }

// capture returns what next answers.
func capture(w http.ResponseWriter, r *http.Request, next http.Handler) *answer {
	a := &answer{header: w.Header()}
	next.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	return a
}

// set replaces the body.
func (a *answer) set(body []byte) {
	a.body.Reset()
	a.body.Write(body)
}

// send sends the answer, of the length that it has.
func (a *answer) send(w http.ResponseWriter) {
	a.header.Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// raw is the answer as it travels, and the length of its header.
func (a *answer) raw(length int) (text []byte, header int) {
	a.header.Del("Content-Length")
	resp := http.Response{
		StatusCode: a.status, ProtoMajor: 1, ProtoMinor: 1, Header: a.header,
		ContentLength: int64(length), Body: io.NopCloser(bytes.NewReader(nil)),
	}
	var b bytes.Buffer
	_ = resp.Write(&b) // its body is missing; the header is there
	header = b.Len()
	b.Write(a.body.Bytes())
	return b.Bytes(), header
}

// hijack takes the connection, which only HTTP/1.1 over a socket has.
func hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	return conn
}

// abort ends a connection that cannot be taken. It does not return.
func abort() { panic(http.ErrAbortHandler) }

// reset closes a connection so that the other end is told that it is lost.
func reset(conn net.Conn) {
	inner := conn
	if layered, ok := conn.(interface{ NetConn() net.Conn }); ok {
		inner = layered.NetConn()
	}
	if tcp, ok := inner.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = inner.Close()
}

// random is a source for one call, the same whenever it is asked for.
func (r *Rule) random(n int) *rand.Rand {
	id := fnv.New64a()
	_, _ = io.WriteString(id, r.ID)
	return rand.New(rand.NewPCG(r.Seed^id.Sum64(), uint64(n)))
}

// wait lets the rule's delay pass.
func (h *hit) wait(ctx context.Context) error {
	d := h.rule.Delay
	if h.kind.Name == "latency" && d == 0 && h.rule.Jitter == 0 {
		d = defaultLatency
	}
	if h.rule.Jitter > 0 {
		draw := h.rule.random(h.n)
		draw.Uint64() // the first draw is the probability's
		d += time.Duration(draw.Int64N(int64(h.rule.Jitter) + 1))
	}
	return pause(ctx, d)
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
