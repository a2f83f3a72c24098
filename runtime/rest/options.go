package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Option changes how a client is made.
type Option interface{ apply(*Core) }

type option func(*Core)

func (o option) apply(c *Core) { o(c) }

// WithToken authenticates with an API token, and not with what earlier options of
// other ways to authenticate have given.
func WithToken(token string) Option {
	return option(func(c *Core) { c.authenticate(credential{"Authorization", "Bearer " + token, token}) })
}

// WithHeaders authenticates with headers of the API's own, given as names and
// values in turn.
func WithHeaders(pairs ...string) Option {
	return option(func(c *Core) {
		for i := 0; i+1 < len(pairs); i += 2 {
			c.authenticate(credential{pairs[i], pairs[i+1], pairs[i+1]})
		}
	})
}

// authenticate sends a header with every request, instead of an earlier one of
// its name and of those of other ways to authenticate: a client that is derived
// with a token must not go on sending the key.
func (c *Core) authenticate(added credential) {
	sent, hidden := []credential{added}, slices.Clip(c.hidden())
	for _, known := range c.credentials() {
		if known.header != added.header && c.together(known, added) {
			sent = append(sent, known)
		} else {
			hidden = append(hidden, known)
		}
	}
	c.credentials = func() []credential { return sent }
	c.hidden = func() []credential { return hidden }
}

// together reports whether the API takes two credentials at once. Of headers that
// it does not know nothing is known.
func (c *Core) together(a, b credential) bool {
	apart := false
	for _, requirement := range c.contract.Security {
		hasA, hasB := requires(requirement, a), requires(requirement, b)
		if hasA && hasB {
			return true
		}
		apart = apart || hasA || hasB
	}
	return !apart
}

func requires(requirement contract.Requirement, known credential) bool {
	return slices.ContainsFunc(requirement, func(s contract.Scheme) bool { return s.Header == known.header })
}

// WithBaseURL sends requests to another address. The default is the service's
// own.
func WithBaseURL(base string) Option { return option(func(c *Core) { c.base = base }) }

// WithHTTPClient uses an HTTP client of the caller's. The default is
// [http.DefaultClient]. Redirects are not followed, whatever its policy is: one
// is answered as an error, and credentials stay where they were sent.
func WithHTTPClient(client *http.Client) Option {
	return option(func(c *Core) { c.given, c.http = client, nil })
}

// WithUserAgent names the calling program. The default is "cfimages-go".
func WithUserAgent(agent string) Option {
	return option(func(c *Core) { c.header["User-Agent"] = []string{agent} })
}

// WithRetries sets how often a failed request is sent again: only operations
// that are idempotent by their HTTP method, only after a lost connection or an
// answer of 408, 429, 502, 503 or 504. The default is 2; 0 turns it off. A deletion
// that is sent again is answered that there is nothing to delete when the first
// request had arrived.
func WithRetries(n int) Option { return option(func(c *Core) { c.retries = max(n, 0) }) }

// WithMaxWait caps the wait before a request is sent again. A Retry-After
// above it ends the retries. The default is one minute.
func WithMaxWait(d time.Duration) Option { return option(func(c *Core) { c.maxWait = max(d, 0) }) }

// WithTimeout limits how long a call may take, with all its attempts and the
// waits between them, until its answer is read; for a download, until its first
// byte. Without it, and by default, only the context limits a call.
func WithTimeout(d time.Duration) Option { return option(func(c *Core) { c.timeout = max(d, 0) }) }

// WithAttemptTimeout limits in the same way how long one attempt may take. An
// attempt that is too slow may be made again, as if the connection had been lost.
// There is no limit by default.
func WithAttemptTimeout(d time.Duration) Option {
	return option(func(c *Core) { c.attemptTimeout = max(d, 0) })
}

// WithLimiter waits for the limiter before every attempt, retries included. A
// [*golang.org/x/time/rate.Limiter] is one; package limit makes one that keeps to
// the documented rate. There is none by default.
func WithLimiter(l Limiter) Option { return option(func(c *Core) { c.limiter = l }) }

// WithHook lets a hook watch all calls, after those that were given before; nil
// is none.
func WithHook(h Hook) Option {
	return option(func(c *Core) {
		if h != nil {
			c.hooks = append(c.hooks, h)
		}
	})
}

// WithMiddleware puts middleware around the transport of the HTTP client. What is
// given first is outermost; nil is none. It sees every attempt as it is sent,
// credentials included. A client that is derived with another middleware or HTTP
// client calls wrap again.
func WithMiddleware(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return option(func(c *Core) {
		if wrap != nil {
			c.wrappers, c.http = append(c.wrappers, wrap), nil
		}
	})
}

// WithHeader sends a header with every request, instead of an earlier one of its
// name. Credentials have options of their own, and what describes the body and
// the connection is not the caller's to choose: an error.
func WithHeader(name, value string) Option {
	return option(func(c *Core) {
		name = http.CanonicalHeaderKey(name)
		if !isToken(name) || slices.Contains(ownHeaders, name) || c.authenticates(name) {
			c.err = fmt.Errorf("the header %q cannot be set", name)
			return
		}
		c.header[name] = []string{value}
	})
}

// ownHeaders are those that a request gets from its body, its address and its
// connection, or that carry credentials in any API.
var ownHeaders = []string{
	"Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Cookie", "Expect",
	"Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// authenticates reports whether credentials of the API travel in a header.
func (c *Core) authenticates(name string) bool {
	for _, requirement := range c.contract.Security {
		for _, scheme := range requirement {
			if http.CanonicalHeaderKey(scheme.Header) == name {
				return true
			}
		}
	}
	return false
}

// isToken reports whether a header can have the name (RFC 9110, section 5.6.2).
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// WithPrefetch fetches the next page of a list while the loop works on the one
// before. Two pages are in memory then instead of one, and a loop that stops early
// may have asked for a page in vain. It is off by default.
func WithPrefetch(on bool) Option { return option(func(c *Core) { c.prefetch = on }) }

// WithoutChecks sends forms and bodies that the service would refuse for sure, to
// see what it says. By default they fail before a byte is sent. A proxy passes them
// on with it, whatever its own clock says about an expiry. A filter that has no
// spelling still fails.
func WithoutChecks() Option { return option(func(c *Core) { c.unchecked = true }) }
