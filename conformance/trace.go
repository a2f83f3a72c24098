package conformance

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxAnswer = 64 << 20 // of an answer that is read, in bytes
	maxKept   = 64 << 10 // of a body that is kept for a report, in bytes
	maxPause  = 5 * time.Minute
	maxRetry  = 4
)

// exchange is a request and its answer, as reports show them.
type exchange struct {
	method, url string
	header      http.Header
	sent        []byte
	sentLength  int64
	err         error
	status      int
	answer      http.Header
	body        []byte
	took        time.Duration
}

// trace records what one clause sends and receives. It is the transport of the
// clause's requests, whoever makes them.
type trace struct {
	base  http.RoundTripper
	agent string
	gate  *gate
	// token is the target's own, whose answers tell whether it is there.
	token string
	// limit is the most one request may take, 0 for no limit but the clause's.
	limit time.Duration
	// watch sees each request before it is sent, and its answer.
	watch func(*http.Request) (func(*http.Response), error)
	// cleanup requests are sent even when the run was stopped.
	cleanup bool
	// paid is how many requests may be sent without waiting for their turn.
	paid atomic.Int64
	mu   sync.Mutex
	list []*exchange
	// answered counts the answers, unless it is nil.
	answered *atomic.Int64
	// again counts the answers that asked to come again.
	again int
}

// newTrace returns a trace for what is no clause.
func (r *run) newTrace(what string) *trace {
	t := &trace{base: r.base, agent: r.agent(what), gate: r.gate, token: r.target.Token}
	if r.limits.Rate > 0 {
		t.limit = r.target.Timeout
	}
	return t
}

// RoundTrip sends a request, again when the target asks for patience.
func (t *trace) RoundTrip(req *http.Request) (*http.Response, error) {
	learn := func(*http.Response) {}
	if t.watch != nil {
		var err error
		if learn, err = t.watch(req); err != nil {
			return nil, err
		}
	}
	resp, err := t.patiently(req)
	if err == nil {
		learn(resp)
	}
	return resp, err
}

func (t *trace) patiently(req *http.Request) (*http.Response, error) {
	for n := 0; ; n++ {
		resp, err := t.once(req)
		if err != nil || n == maxRetry || !busy(req, resp) {
			return resp, err
		}
		next, ok := again(req)
		if !ok {
			return resp, nil
		}
		t.mu.Lock()
		t.again++
		t.mu.Unlock()
		if err := pause(req.Context(), patience(resp, n)); err != nil {
			return nil, err
		}
		req = next
	}
}

// repeated is how many answers asked to come again.
func (t *trace) repeated() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.again
}

// busy reports whether an answer asks to come back later. Without a word on
// when, only what changes nothing is asked again.
func busy(req *http.Request, resp *http.Response) bool {
	return (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable) &&
		(resp.Header.Get("Retry-After") != "" || req.Method == http.MethodGet)
}

// patience is how long to wait before the nth repetition: as long as the answer
// asks, in seconds or until a date by the target's own clock. What cannot be
// read is a second.
func patience(resp *http.Response, n int) time.Duration {
	text := resp.Header.Get("Retry-After")
	if text == "" {
		return 50 * time.Millisecond << n
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return time.Duration(min(n, int(maxPause/time.Second))) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return time.Second
	}
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(until.Sub(now), 0), maxPause)
}

// again returns the request to send once more, if its body can be.
func again(req *http.Request) (*http.Request, bool) {
	next := req.Clone(req.Context())
	if req.Body == nil || req.Body == http.NoBody {
		return next, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	next.Body = body
	return next, err == nil
}

// turn waits until a request may be sent.
func (t *trace) turn(req *http.Request) error {
	if err := t.gate.admit(req, t.cleanup); err != nil {
		return err
	}
	if t.paid.Add(-1) >= 0 {
		return nil
	}
	t.paid.Store(0)
	return t.gate.wait(req.Context(), 1)
}

func (t *trace) once(req *http.Request) (*http.Response, error) {
	if err := t.turn(req); err != nil {
		return nil, err
	}
	e := &exchange{method: req.Method, url: req.URL.String(), header: req.Header.Clone()}
	t.mu.Lock()
	t.list = append(t.list, e)
	t.mu.Unlock()
	ctx := req.Context()
	if t.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.limit)
		defer cancel()
	}
	out := req.Clone(ctx)
	out.Header.Set("User-Agent", t.agent)
	sent := &keeper{}
	if req.Body != nil && req.Body != http.NoBody {
		out.Body = sent.over(req.Body)
	}
	begin := time.Now()
	resp, err := t.base.RoundTrip(out)
	if err == nil {
		err = readWhole(resp)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e.took, e.err = time.Since(begin), err
	e.sent, e.sentLength = sent.bytes()
	if err != nil {
		return nil, err
	}
	if t.answered != nil {
		t.answered.Add(1)
	}
	t.gate.made(req, resp.StatusCode)
	if req.Header.Get("Authorization") == "Bearer "+t.token {
		t.gate.heard(resp.StatusCode)
	}
	e.status, e.answer = resp.StatusCode, resp.Header
	e.body = resp.Body.(*wholeBody).kept
	return resp, nil
}

// wholeBody is an answer's body that is in memory already.
type wholeBody struct {
	*bytes.Reader
	kept []byte
}

func (*wholeBody) Close() error { return nil }

// readWhole reads an answer so that it can be reported.
func readWhole(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	_ = resp.Body.Close()
	resp.Body = &wholeBody{bytes.NewReader(body), body[:min(len(body), maxKept)]}
	if err == io.ErrUnexpectedEOF {
		// The answer is shorter than it announced, which a clause is about.
		return nil
	}
	return err
}

// keeper keeps the beginning of a body that passes through it. The transport
// may still be reading when the answer is there.
type keeper struct {
	io.ReadCloser
	mu     sync.Mutex
	kept   []byte
	length int64
}

func (k *keeper) over(body io.ReadCloser) io.ReadCloser {
	k.ReadCloser = body
	return k
}

func (k *keeper) Read(p []byte) (int, error) {
	n, err := k.ReadCloser.Read(p)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.length += int64(n)
	k.kept = append(k.kept, p[:min(n, maxKept-len(k.kept))]...)
	return n, err
}

func (k *keeper) bytes() ([]byte, int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.kept), k.length
}

// exchanges returns what was sent so far.
func (t *trace) exchanges() []*exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.list)
}

// last returns the last exchange, or nil.
func (t *trace) last() *exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.list) == 0 {
		return nil
	}
	return t.list[len(t.list)-1]
}

const (
	minSecret = 4     // bytes; less is no secret, and part of many a word
	cut       = "..." // follows a text that was cut off
)

// redact takes secrets out of a text that is shown, and what is left of one
// where the text was cut off.
func redact(text string, secrets []string) string {
	for _, s := range secrets {
		if len(s) < minSecret {
			continue
		}
		text = strings.ReplaceAll(text, s, "[redacted]")
		for n := len(s) - 1; n >= minSecret; n-- {
			text = strings.ReplaceAll(text, s[:n]+cut, "[redacted]"+cut)
		}
	}
	return text
}
