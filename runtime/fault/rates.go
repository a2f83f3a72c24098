package fault

import (
	"crypto/sha256"
	"net"
	"net/http"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Limits are rate limits of the API. Zeros are those of the real service.
//
// [documented] They are 1,200 requests in five minutes for a user, after which
// everything is blocked for five minutes, and 200 a second for an address. The
// answers of the API tell in Ratelimit and Ratelimit-Policy what is left, and
// those of status 429 in Retry-After when to come back. That a window begins with
// the first request in it is assumed, and so is that a token is a user.
type Limits struct {
	Requests int           // of a token in a Window, 1,200
	Window   time.Duration // 5 minutes
	Block    time.Duration // 5 minutes
	// PerSecond are the requests of an address in a second, 200.
	PerSecond int
}

// rate is a number of requests in some time.
type rate struct {
	requests int
	window   time.Duration
}

var apiRate = rate{1200, 5 * time.Minute}

// LimitRates applies rate limits to requests of the API, by the set's clock. Upload
// URLs and delivered images have none. Nil lifts them.
func (s *Set) LimitRates(l *Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limiter = nil
	if l != nil {
		s.limiter = newLimiter(*l)
	}
	s.settle()
}

// limiter counts requests. The set's lock guards it.
type limiter struct {
	Limits
	tokens    counters[[sha256.Size]byte]
	addresses counters[string]
}

func newLimiter(l Limits) *limiter {
	if l.Requests <= 0 {
		l.Requests = apiRate.requests
	}
	if l.Window <= 0 {
		l.Window = apiRate.window
	}
	if l.Block <= 0 {
		l.Block = apiRate.window
	}
	if l.PerSecond <= 0 {
		l.PerSecond = 200
	}
	return &limiter{Limits: l}
}

// counter is a window in which requests are counted.
type counter struct {
	until   time.Time // the window's end, or that of the block
	used    int
	blocked bool
}

// counters are those of many callers.
type counters[K comparable] struct {
	of      map[K]*counter
	sweepAt int
}

const leastSweep = 1024

// get returns a caller's counter, in a window that is open at now. Counters whose
// window is over are forgotten when their number has doubled.
func (c *counters[K]) get(key K, now time.Time, window time.Duration) *counter {
	if e := c.of[key]; e != nil && now.Before(e.until) {
		return e
	}
	if len(c.of) >= c.sweepAt {
		for k, e := range c.of {
			if !now.Before(e.until) {
				delete(c.of, k)
			}
		}
		c.sweepAt = max(leastSweep, 2*len(c.of))
	}
	if c.of == nil {
		c.of = map[K]*counter{}
	}
	c.of[key] = &counter{until: now.Add(window)}
	return c.of[key]
}

// take counts a request. The error is nil where it may pass; left is what the
// answer tells then.
func (l *limiter) take(c *contract.Contract, token [sha256.Size]byte, address string, now time.Time) (left *contract.RateLimit, err *contract.Error) {
	second := l.addresses.get(address, now, time.Second)
	if second.used >= l.PerSecond {
		return nil, tooMany(c, "burst", rate{l.PerSecond, time.Second}, second.until.Sub(now))
	}
	second.used++
	user := l.tokens.get(token, now, l.Window)
	if !user.blocked && user.used >= l.Requests {
		user.blocked, user.until = true, now.Add(l.Block)
	}
	if user.blocked {
		return nil, tooMany(c, "default", rate{l.Requests, l.Window}, user.until.Sub(now))
	}
	user.used++
	return &contract.RateLimit{
		Policy: "default", Remaining: int64(l.Requests - user.used), Reset: user.until.Sub(now),
		Quota: int64(l.Requests), Window: l.Window,
	}, nil
}

// admit applies the rate limits. It reports whether the request may go on; if not
// it is answered.
func (s *Set) admit(w http.ResponseWriter, r *http.Request) bool {
	if !s.locator().Covers(r) {
		return true
	}
	now, token, address := s.now(), caller(s.contract, r), addressOf(r)
	s.mu.Lock()
	l, fast := s.limiter, s.fast
	if l == nil {
		s.mu.Unlock()
		return true
	}
	left, err := l.take(s.contract, token, address, now)
	s.mu.Unlock()
	if err == nil {
		quota(w.Header(), left)
		return true
	}
	drain(r)
	w.Header().Set(Header, "rate-limit")
	(&hit{set: s, now: now, fast: fast}).answer(w, err)
	return false
}

// caller stands for the credentials of a request, which are not kept.
func caller(c *contract.Contract, r *http.Request) [sha256.Size]byte {
	h := sha256.New()
	for _, requirement := range c.Security {
		for _, scheme := range requirement {
			_, _ = h.Write([]byte(r.Header.Get(scheme.Header)))
			_, _ = h.Write([]byte{0})
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
