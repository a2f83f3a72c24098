package admin

import (
	"bytes"
	"io"
	"net/http"
	"strings"
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

// overhear keeps the beginning of a request's body while it is read, if it is text.
func overhear(r *http.Request) *heard {
	h := &heard{}
	if r.Body != nil && r.Body != http.NoBody && legible(r.Header) {
		r.Body = &listened{r.Body, h}
	}
	return h
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
