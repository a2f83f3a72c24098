package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// turn waits until the limiter lets the next attempt go.
func (c *Core) turn(ctx context.Context) error {
	if c.limiter == nil {
		return nil
	}
	if err := c.limiter.Wait(ctx); err != nil {
		return fmt.Errorf("waiting for the limiter: %w", err)
	}
	return nil
}

// again decides whether an attempt n, counted from 0, that failed with err is
// followed by another one, and how long to wait before.
func (x *exchange) again(ctx context.Context, n int, err error) (wait time.Duration, ok bool) {
	c := x.core
	e, answered := errors.AsType[*contract.Error](err)
	if !answered || n >= c.retries || !x.repeatable() || ctx.Err() != nil || !transient(e) || e.RetryAfter > c.maxWait {
		return 0, false
	}
	if wait = e.RetryAfter; wait == 0 {
		wait = c.backoff(n)
	}
	if deadline, limited := ctx.Deadline(); limited && time.Until(deadline) < wait {
		return 0, false
	}
	return wait, true
}

// repeatable reports whether the request may be sent twice, and can be.
func (x *exchange) repeatable() bool {
	return x.op.Idempotent() && (x.body == nil || x.body.Replayable)
}

// sleep pauses before the next attempt. When the context ends first, it returns
// the last attempt's error, joined with the context's.
func sleep(ctx context.Context, d time.Duration, last error) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		e, _ := errors.AsType[*contract.Error](last)
		return because(last, errors.Join(e.Err, ctx.Err()))
	}
}

// interrupted is why an answer ended before it was whole.
type interrupted struct{ cause error }

func (e *interrupted) Error() string { return "reading the answer: " + e.cause.Error() }
func (e *interrupted) Unwrap() error { return e.cause }

// transient reports whether another attempt may fare better. Status 0 is a lost
// connection, which it may, unless the server is not the one it should be.
func transient(e *contract.Error) bool {
	if _, forged := errors.AsType[*tls.CertificateVerificationError](e.Err); forged {
		return false
	}
	switch e.Status {
	case 0, http.StatusRequestTimeout, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	_, cut := errors.AsType[*interrupted](e.Err)
	_, late := errors.AsType[*timeoutError](e.Err)
	return cut || late
}

// backoff is the wait before attempt n+1, from nothing to half a second, doubled
// by every attempt. Full jitter: clients that failed together do not come back
// together.
func (c *Core) backoff(n int) time.Duration {
	const doublings = 20 // enough to be above any sensible cap, and no overflow
	return rand.N(min(c.maxWait, time.Second/2<<min(n, doublings)) + 1)
}
