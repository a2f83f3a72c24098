package fake

import (
	"encoding/hex"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// edge is what stands before the service and puts headers of its own on every
// answer.
type edge struct {
	mu     sync.Mutex
	source source
	date   atomic.Pointer[date]
}

// date is a second as a header has it. Nobody changes it.
type date struct {
	second int64 // of Unix time
	header []string
}

// at returns a time as a header. A second is written once.
func (e *edge) at(now time.Time) []string {
	second := now.Unix()
	if d := e.date.Load(); d != nil && d.second == second {
		return d.header
	}
	d := &date{second, []string{now.UTC().Format(http.TimeFormat)}}
	e.date.Store(d)
	return d.header
}

// reset begins anew, with the same rays to come if there is a seed.
func (e *edge) reset(seed *uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.source = newSource(seed, "edge")
}

// ray returns what identifies a request.
//
// [observed] A CF-Ray is 16 hexadecimal digits and the code of a data center. XXX
// is none.
func (e *edge) ray() string {
	var b [8]byte
	e.mu.Lock()
	_, _ = e.source.rand.Read(b[:]) // never fails
	e.mu.Unlock()
	return string(append(hex.AppendEncode(make([]byte, 0, 20), b[:]), "-XXX"...))
}

// Edge returns a handler that puts on the answers of another one what the real
// service's edge does: the date, by the world's clock, and a CF-Ray. With a seed,
// a fixed clock and the same requests one after the other, every answer is the
// same to the byte.
func (w *World) Edge(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		header := rw.Header()
		header["Date"] = w.edge.at(w.Now())
		header["Cf-Ray"] = []string{w.edge.ray()}
		next.ServeHTTP(rw, w.plain(r))
	})
}
