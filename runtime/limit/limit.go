// Package limit makes limiters for the option WithLimiter of clients. It is a
// package of its own because clients need no more than the standard library.
package limit

import (
	"time"

	"golang.org/x/time/rate"
)

// What the service allows a user: all tokens, keys and sessions in its dashboard
// together. Beyond that it refuses everything for the next five minutes.
// [documented]
const (
	Requests = 1200
	Window   = 5 * time.Minute
)

// burst is how many requests go at once after a pause. Per address, the service
// allows 200 in a second. [documented]
const burst = 100

// Documented returns a limiter that keeps within what the service documents. It
// counts for itself: all clients of one user should share one.
func Documented() *rate.Limiter { return Within(Requests, Window, burst) }

// Within returns a limiter that lets no more than n requests go in any window of
// the given length, and no more than burst of them at once: after a burst, the
// others are spread evenly. burst is at least 1 and at most half of n.
func Within(n int, window time.Duration, burst int) *rate.Limiter {
	burst = max(min(burst, n/2), 1)
	spread := max(n-burst, 1) // what comes back within a window in which a burst is spent
	return rate.NewLimiter(rate.Limit(float64(spread)/window.Seconds()), burst)
}
