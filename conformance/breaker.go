package conformance

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const (
	maxSilent = 3 // clauses in a row whose last request had no answer
	maxSick   = 5 // answers in a row that say the service is away
)

// breaker notices that a target is not there any more, so that a run does not
// go on to report every clause as failed.
type breaker struct {
	silent, sick int
	// welcome: the token was accepted once.
	welcome bool
}

// heard notes an answer to a request with the target's own token.
func (g *gate) heard(status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		g.sick++
	case status == http.StatusUnauthorized && g.welcome:
		g.sick++
	default:
		g.sick = 0
		g.welcome = g.welcome || status/100 == 2
	}
}

// over notes the end of a clause, and reports whether the target seems to be
// away.
func (g *gate) over(last *exchange) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if last != nil && last.err != nil {
		g.silent++
	} else if last != nil {
		g.silent = 0
	}
	return g.silent >= maxSilent || g.sick >= maxSick
}

// calm forgets what was noted.
func (g *gate) calm() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.silent, g.sick = 0, 0
}

// watchTarget ends the run when the target does not answer any more. A target
// that is wrong about single operations still answers another, and is asked on.
func (r *run) watchTarget(last *exchange) {
	if r.gate.stopped() != nil || r.ctx.Err() != nil || !r.gate.over(last) {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, min(10*time.Second, r.target.Timeout))
	defer cancel()
	got, err := r.send(ctx, r.client(r.newTrace("probe")), get(listPath, "per_page", "1"))
	switch {
	case err != nil:
		r.gate.stop(fmt.Errorf("%w: there is no answer any more: %s", ErrUnreachable, redact(err.Error(), r.secrets())))
	case got.status == http.StatusUnauthorized, got.status/100 == 5 && got.status != http.StatusInternalServerError && got.status != http.StatusNotImplemented:
		r.gate.stop(fmt.Errorf("%w: it answers nothing but %d any more", ErrUnreachable, got.status))
	default:
		r.gate.calm()
	}
}
