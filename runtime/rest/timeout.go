package rest

import (
	"context"
	"fmt"
	"io"
	"time"
)

// timeoutError says that a call or an attempt took too long. It is
// [context.DeadlineExceeded] to [errors.Is].
type timeoutError struct {
	what  string
	limit time.Duration
}

func (e *timeoutError) Error() string { return fmt.Sprintf("%s took longer than %s", e.what, e.limit) }

// Timeout makes the error one of package net's.
func (e *timeoutError) Timeout() bool { return true }

// Temporary makes the error one of package net's.
func (e *timeoutError) Temporary() bool { return true }

func (e *timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// limit is a time limit that can be lifted: that of a download ends with the
// answer's header, and its context lives on until the stream is closed. The zero
// limit does nothing.
type limit struct {
	timer  *time.Timer
	cancel context.CancelFunc
	ctx    context.Context
	err    *timeoutError
}

// limited returns a context that ends after d, and its limit. With no d it is ctx
// itself.
func limited(ctx context.Context, d time.Duration, what string) (context.Context, limit) {
	if d <= 0 {
		return ctx, limit{}
	}
	err := &timeoutError{what, d}
	inner, cancel := context.WithCancelCause(ctx)
	l := limit{ctx: inner, cancel: func() { cancel(nil) }, err: err}
	l.timer = time.AfterFunc(d, func() { cancel(err) })
	at := time.Now().Add(d)
	if sooner, ok := ctx.Deadline(); ok && sooner.Before(at) {
		at = sooner
	}
	return deadline{inner, at}, l
}

// deadline is a context that tells when it will end.
type deadline struct {
	context.Context
	at time.Time
}

func (d deadline) Deadline() (time.Time, bool) { return d.at, true }

// end frees the limit's context.
func (l limit) end() {
	if l.cancel != nil {
		l.timer.Stop()
		l.cancel()
	}
}

// lift ends the limit and leaves its context.
func (l limit) lift() {
	if l.timer != nil {
		l.timer.Stop()
	}
}

// hold returns a body that ends the limit when it is closed.
func (l limit) hold(body io.ReadCloser) io.ReadCloser {
	if l.cancel == nil {
		return body
	}
	return &held{body, l}
}

type held struct {
	io.ReadCloser
	limit limit
}

func (b *held) Close() error {
	defer b.limit.end()
	return b.ReadCloser.Close()
}

// expired returns the limit's own error if it is why its context has ended.
func (l limit) expired() error {
	if l.ctx != nil && context.Cause(l.ctx) == error(l.err) {
		return l.err
	}
	return nil
}
