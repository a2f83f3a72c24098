package admin

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
)

// heard is the beginning of a body.
type heard struct{ bytes.Buffer }

func (h *heard) hear(p []byte) { h.Write(p[:min(len(p), maxBody-h.Len())]) }

// legible reports whether a body is text worth keeping.
func legible(header http.Header) bool {
	t := header.Get("Content-Type")
	return header.Get("Content-Encoding") == "" &&
		(strings.HasPrefix(t, "application/json") || strings.HasPrefix(t, "text/"))
}

// overhear keeps the beginning of a request's body while it is read, if it is
// text; otherwise it returns nil.
func overhear(r *http.Request) *heard {
	if r.Body == nil || r.Body == http.NoBody || !legible(r.Header) {
		return nil
	}
	h := &heard{}
	r.Body = &listened{r.Body, h}
	return h
}

// text is what was heard, empty for nil.
func (h *heard) text() string {
	if h == nil {
		return ""
	}
	return h.String()
}

type listened struct {
	io.ReadCloser
	heard *heard
}

func (l *listened) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	l.heard.hear(p[:n])
	return n, err
}

// recorder is a ResponseWriter that keeps the status and the beginning of a text.
type recorder struct {
	http.ResponseWriter
	status int
	text   bool
	heard  heard
}

// recorders saves a recorder and its buffer for each request. No handler writes
// after it returned.
var recorders = sync.Pool{New: func() any { return new(recorder) }}

// release gives a recorder back.
func (r *recorder) release() {
	r.ResponseWriter, r.status, r.text = nil, 0, false
	r.heard.Reset()
	recorders.Put(r)
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status/100 != 1 {
		r.status, r.text = status, legible(r.Header())
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	if r.text {
		r.heard.hear(p)
	}
	return r.ResponseWriter.Write(p)
}

// Flush sends what is written.
func (r *recorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
