package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

// Cost is what a run has sent.
type Cost struct {
	Requests int64
	// Writes are the requests that are not GET.
	Writes int64
	// Images is the most images and drafts the run held at the same time.
	Images int64
	// Bytes were sent in the bodies of requests.
	Bytes int64
}

// gate is what every request of a run passes: it paces them, counts them and
// stops the run when its budget is used up or nobody answers any more.
type gate struct {
	limits  Limits
	limiter *rate.Limiter
	mu      sync.Mutex
	cost    Cost
	// used is the part of the cost that counts against the budget.
	used Cost
	// held is how many images and drafts there are now.
	held int64
	// cause is why the run was stopped.
	cause error
	breaker
}

func newGate(l Limits) *gate { return &gate{limits: l} }

// wait waits until n requests may be sent.
func (g *gate) wait(ctx context.Context, n int) error {
	if g.limiter == nil {
		return nil
	}
	return g.limiter.WaitN(ctx, n)
}

// admit counts a request, unless the run was stopped or its budget is used up.
// Those that delete what the run made are always let through.
func (g *gate) admit(req *http.Request, cleanup bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	more := Cost{Requests: 1, Bytes: max(req.ContentLength, 0)}
	if req.Method != http.MethodGet {
		more.Writes = 1
	}
	if makesImage(req) {
		more.Images = 1
	}
	if !cleanup {
		if err := g.exceeded(more); err != nil {
			return err
		}
	}
	g.cost.add(more)
	if !cleanup {
		g.used.add(more)
	}
	return nil
}

// add adds all but the images, of which the most counts.
func (c *Cost) add(more Cost) {
	c.Requests += more.Requests
	c.Writes += more.Writes
	c.Bytes += more.Bytes
}

// makesImage reports whether a request makes an image or a draft if it
// succeeds.
func makesImage(req *http.Request) bool {
	return req.Method == http.MethodPost && (strings.HasSuffix(req.URL.Path, imagesPath) || strings.HasSuffix(req.URL.Path, directPath))
}

// exceeded reports why one more request may not be sent. The lock is held.
func (g *gate) exceeded(more Cost) error {
	if g.cause != nil {
		return g.cause
	}
	for _, b := range []struct {
		what            string
		used, more, max int64
	}{
		{"requests", g.used.Requests, more.Requests, g.limits.MaxRequests},
		{"writes", g.used.Writes, more.Writes, g.limits.MaxWrites},
		{"images at the same time", g.held, more.Images, g.limits.MaxImages},
		{"bytes", g.used.Bytes, more.Bytes, g.limits.MaxBytes},
	} {
		if b.max > 0 && b.more > 0 && b.used+b.more > b.max {
			g.cause = fmt.Errorf("%w: the budget of %d %s is used up", ErrStopped, b.max, b.what)
			return g.cause
		}
	}
	return nil
}

// made counts the images and drafts there are after an answer.
func (g *gate) made(req *http.Request, status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, below, _ := strings.Cut(req.URL.EscapedPath(), imagesPath)
	k, _ := nameIn(imagesPath + below)
	switch {
	case status/100 != 2:
	case makesImage(req):
		g.held++
		g.cost.Images = max(g.cost.Images, g.held)
	case req.Method == http.MethodDelete && k == kindImage:
		g.held = max(g.held-1, 0)
	}
}

// stop ends the run. The first cause counts.
func (g *gate) stop(cause error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cause == nil {
		g.cause = cause
	}
}

// stopped returns why the run was stopped, or nil.
func (g *gate) stopped() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.cause
}

func (g *gate) spent() Cost {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.cost
}
