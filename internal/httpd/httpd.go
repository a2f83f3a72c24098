// Package httpd holds the limits of the HTTP servers of this module: what a
// handler cannot see, and so cannot limit by itself.
package httpd

import (
	"net/http"
	"time"
)

// Limits of a server. Who sends or reads slower than they allow is cut off.
const (
	// HeaderTime is how long the head of a request may take.
	HeaderTime = 10 * time.Second
	// RequestTime is how long a whole request may take, its body included. A
	// file of 10 MiB needs 90 kB a second.
	RequestTime = 2 * time.Minute
	// AnswerTime is how long a request may take from its head to the end of its
	// answer. It leaves as much for the answer as RequestTime for the request.
	AnswerTime = 2 * RequestTime
	// IdleTime is how long a connection may wait for its next request.
	IdleTime = 2 * time.Minute
	// HeaderBytes is the largest head. The handlers answer less with an envelope.
	HeaderBytes = 256 << 10
)

// New returns a server with the limits.
func New(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: HeaderTime,
		ReadTimeout:       RequestTime,
		WriteTimeout:      AnswerTime,
		IdleTimeout:       IdleTime,
		MaxHeaderBytes:    HeaderBytes,
	}
}
