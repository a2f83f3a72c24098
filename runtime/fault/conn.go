package fault

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"
)

const (
	defaultLatency  = 100 * time.Millisecond
	defaultInterval = 20 * time.Millisecond
	defaultRate     = 10_000
	dripSize        = 64 // of a piece that drips, in bytes
	headerPiece     = 16 // of a header that drips, in bytes
)

func connectionKinds() []*kind {
	row := func(name, description string, act action, direct outcome, fields ...string) *kind {
		return &kind{Kind: Kind{name, Connection, description, fields, false}, about: anything, act: act, direct: direct}
	}
	return []*kind{
		row("latency", "The answer comes after delay and jitter, 100 ms by default.", pass, paused),
		row("reset-before", "The connection is reset before the call has an effect.", resetBefore, lost),
		row("reset-unanswered", "The call has its effect, and the connection is reset instead of an answer.", resetUnanswered, unanswered),
		row("reset-during", "The connection is reset in the middle of the answer's body.", resetDuring, unanswered),
		row("reset-after", "The connection is reset behind a complete answer that promised to keep it.", resetAfter, wireOnly),
		row("empty-reply", "The connection is closed without a byte; the call has no effect.", emptyReply, lost),
		row("not-http", "The answer is not HTTP; the call has no effect.", notHTTP, lost),
		row("half-body", "The answer's body ends in the middle, in good order.", halfBody, unanswered),
		row("slow-header", "The answer's header comes in pieces of 16 bytes, with interval between them.", slowHeader, wireOnly, "interval"),
		row("slow-drip", "The answer's body comes in pieces of size (64) bytes, with interval between them.", slowDrip, wireOnly, "interval", "size"),
		row("bandwidth", "The answer's body comes at rate (10,000) bytes a second.", bandwidth, wireOnly, "rate"),
		row("black-hole", "The request is taken, and nothing comes until the client leaves; the call has no effect.", blackHole, silent),
		row("abandoned-answer", "The call has its effect, and nothing comes until the client leaves.", abandoned, wireOnly),
	}
}

// pass leaves the answer as it is.
func pass(_ *hit, w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) }

func resetBefore(_ *hit, w http.ResponseWriter, _ *http.Request, _ http.Handler) { cut(w) }

// cut resets the connection, or does what comes nearest.
func cut(w http.ResponseWriter) {
	conn := hijack(w)
	if conn == nil {
		abort()
	}
	reset(conn)
}

func resetUnanswered(_ *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	capture(w, r, next)
	cut(w)
}

func resetDuring(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := capture(w, r, next)
	h.hasten(a.header, a.status)
	conn := hijack(w)
	if conn == nil {
		a.half(w)
	}
	text, header := a.raw(a.body.Len())
	_, _ = conn.Write(text[:header+a.body.Len()/2])
	reset(conn)
}

func resetAfter(_ *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := capture(w, r, next)
	conn := hijack(w)
	if conn == nil {
		a.send(w) // there is no connection to keep
		return
	}
	text, _ := a.raw(a.body.Len())
	_, _ = conn.Write(text)
	reset(conn)
}

func emptyReply(_ *hit, w http.ResponseWriter, r *http.Request, _ http.Handler) {
	drain(r) // closing a connection with something unread in it resets it
	conn := hijack(w)
	if conn == nil {
		abort()
	}
	_ = conn.Close()
}

func notHTTP(_ *hit, w http.ResponseWriter, r *http.Request, _ http.Handler) {
	drain(r)
	conn := hijack(w)
	if conn == nil {
		abort()
	}
	_, _ = conn.Write([]byte("\x16\x03\x01 this is not HTTP\r\n\r\n"))
	_ = conn.Close()
}

func halfBody(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := capture(w, r, next)
	h.hasten(a.header, a.status)
	a.half(w)
}

// half sends half of a body that was announced whole. It does not return.
func (a *answer) half(w http.ResponseWriter) {
	a.header.Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()[:a.body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	abort()
}

func slowHeader(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := capture(w, r, next)
	every := cmp.Or(h.rule.Interval, defaultInterval)
	text, header := a.raw(a.body.Len())
	conn := hijack(w)
	if conn == nil { // the header comes at once, but as late
		pieces := (header + headerPiece - 1) / headerPiece
		if pause(r.Context(), time.Duration(pieces)*every) != nil {
			abort()
		}
		a.send(w)
		return
	}
	defer func() { _ = conn.Close() }()
	for len(text) > 0 {
		n := min(headerPiece, len(text))
		if header <= 0 {
			n = len(text)
		}
		if _, err := conn.Write(text[:n]); err != nil || pause(r.Context(), every) != nil {
			return
		}
		text, header = text[n:], header-n
	}
}

func slowDrip(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := capture(w, r, next)
	a.drip(r.Context(), w, cmp.Or(h.rule.Size, dripSize), cmp.Or(h.rule.Interval, defaultInterval))
}

func bandwidth(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := capture(w, r, next)
	rate := cmp.Or(h.rule.Rate, defaultRate)
	size := max(rate/50, 1)
	a.drip(r.Context(), w, size, time.Duration(float64(size)/float64(rate)*float64(time.Second)))
}

// drip sends the body in pieces.
func (a *answer) drip(ctx context.Context, w http.ResponseWriter, size int, every time.Duration) {
	a.header.Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	flush := http.NewResponseController(w).Flush
	_ = flush()
	for a.body.Len() > 0 {
		if pause(ctx, every) != nil {
			abort()
		}
		if _, err := w.Write(a.body.Next(size)); err != nil {
			abort()
		}
		_ = flush()
	}
}

func blackHole(_ *hit, _ http.ResponseWriter, r *http.Request, _ http.Handler) {
	drain(r) // a server only notices that the client leaves when nothing is unread
	<-r.Context().Done()
	abort()
}

func abandoned(_ *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	capture(w, r, next)
	<-r.Context().Done()
	abort()
}
