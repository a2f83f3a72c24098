// Package limit has limiters for servers. It is a package of its own because of
// what it imports.
package limit

import (
	"context"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/cfimages/cfimages/runtime/serve"
)

// The limit of the real API for one user. [documented]
const (
	Requests = 1200
	Window   = 5 * time.Minute
)

// sweepEvery is how many accounts are added before idle ones are forgotten.
const sweepEvery = 1024

// PerAccount allows each account so many requests in a window, spread evenly: a
// bucket of that size is refilled all the time. Zeros mean [Requests] and
// [Window]. An account is known by the values of the contract's bound parameters.
func PerAccount(requests int, window time.Duration) serve.Limiter {
	if requests <= 0 {
		requests = Requests
	}
	if window <= 0 {
		window = Window
	}
	l := &limiter{requests: requests, window: window, buckets: map[string]*rate.Limiter{}, sweepAt: sweepEvery}
	return l.take
}

type limiter struct {
	requests int
	window   time.Duration

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
	sweepAt int
}

// take takes a request out of an account's bucket, unless it is empty.
func (l *limiter) take(_ context.Context, _ serve.Credentials, binds []string) serve.Quota {
	now := time.Now()
	b := l.bucket(strings.Join(binds, "\x00"), now)
	ok := b.AllowN(now, 1)
	tokens := b.TokensAt(now)
	q := serve.Quota{
		Refused: !ok, Policy: "default", Limit: l.requests, Window: l.window,
		Remaining: max(int(tokens), 0), Reset: l.duration(float64(l.requests) - tokens),
	}
	if !ok {
		q.Reset = l.duration(1 - tokens)
	}
	return q
}

// duration is how long it takes to refill so many tokens.
func (l *limiter) duration(tokens float64) time.Duration {
	return time.Duration(max(tokens, 0) / float64(l.requests) * float64(l.window))
}

func (l *limiter) bucket(account string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.buckets[account]; b != nil {
		return b
	}
	if len(l.buckets) >= l.sweepAt {
		l.sweep(now)
	}
	b := rate.NewLimiter(rate.Limit(float64(l.requests)/l.window.Seconds()), l.requests)
	l.buckets[account] = b
	return b
}

// sweep forgets accounts whose bucket is full: a new one is the same. It runs when
// the accounts have doubled, which makes its cost per account constant.
func (l *limiter) sweep(now time.Time) {
	for account, b := range l.buckets {
		if b.TokensAt(now) >= float64(l.requests) {
			delete(l.buckets, account)
		}
	}
	l.sweepAt = max(sweepEvery, 2*len(l.buckets))
}
