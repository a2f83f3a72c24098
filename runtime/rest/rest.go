// Package rest is the client's side of the wire: it writes requests, opens
// envelopes, turns every kind of failure into a [*contract.Error] and repeats
// what may be repeated. Generated clients are thin layers over it.
package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Core is one API at one address with one set of credentials. It is safe for
// concurrent use.
type Core struct {
	contract *contract.Contract
	binds    []string
	base     string
	http     *http.Client
	header   http.Header // without credentials
	// credentials are behind a function so that no way of printing a client, or
	// a copy of one, reaches them.
	credentials func() []credential
	retries     int
	maxWait     time.Duration
}

// credential is a header that authenticates. The secret is the part of its value
// that must never appear in an error.
type credential struct{ header, value, secret string }

// New returns a core for the API c. binds are the values of the parameters
// that are given once, in the order of the contract.
func New(c *contract.Contract, binds []string, opts ...Option) (*Core, error) {
	core := &Core{
		contract:    c,
		binds:       binds,
		base:        c.BaseURL,
		header:      http.Header{},
		retries:     2,
		maxWait:     time.Minute,
		credentials: func() []credential { return nil },
	}
	core.header.Set("User-Agent", "cfimages-go")
	for _, o := range opts {
		o.apply(core)
	}
	for _, b := range binds {
		if why := unsendable(b); why != "" {
			return nil, errors.New("a bound parameter " + why)
		}
	}
	if err := checkBase(core.base); err != nil {
		return nil, err
	}
	if err := core.checkHeaders(); err != nil {
		return nil, err
	}
	core.base = strings.TrimRight(core.base, "/")
	core.http = withoutRedirects(core.http)
	return core, nil
}

// checkBase refuses what a path cannot be added to, and never repeats what may
// be a secret.
func checkBase(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return errors.New("the base URL cannot be parsed")
	case u.User != nil:
		return errors.New("the base URL must not contain a user name or a password")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("base URL %q is not an absolute http or https URL", base)
	case strings.ContainsAny(base, "?#"):
		return errors.New("the base URL must not contain a query or a fragment")
	default:
		return nil
	}
}

// checkHeaders refuses what no request could carry, and never repeats what may
// be a secret.
func (c *Core) checkHeaders() error {
	for _, known := range c.credentials() {
		if known.secret == "" {
			return errors.New("a credential is empty")
		}
		if !sendable(known.value) {
			return errors.New("a credential has a character that no header can carry")
		}
	}
	if !sendable(c.header.Get("User-Agent")) {
		return errors.New("the user agent has a character that no header can carry")
	}
	return nil
}

// sendable reports whether a header can have the value (RFC 9110, section 5.5).
func sendable(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// withoutRedirects returns a copy of c that answers redirects instead of
// following them: net/http sends headers of an API's own to whatever host a
// redirect names.
func withoutRedirects(c *http.Client) *http.Client {
	if c == nil {
		c = http.DefaultClient
	}
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// String names the address; it never shows credentials.
func (c *Core) String() string { return "client of " + c.base }

// GoString is String, so that %#v shows no credentials either.
func (c *Core) GoString() string { return c.String() }

// Format is String for every verb.
func (c *Core) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// Option changes how a client is made.
type Option interface{ apply(*Core) }

type option func(*Core)

func (o option) apply(c *Core) { o(c) }

// WithToken authenticates with an API token.
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

// authenticate sends a header with every request.
func (c *Core) authenticate(added credential) {
	all := append(slices.Clip(c.credentials()), added)
	c.credentials = func() []credential { return all }
}

// WithBaseURL sends requests to another address. The default is the service's
// own.
func WithBaseURL(base string) Option { return option(func(c *Core) { c.base = base }) }

// WithHTTPClient uses an HTTP client of the caller's. The default is
// [http.DefaultClient]. Redirects are not followed, whatever its policy is: one
// is answered as an error, and credentials stay where they were sent.
func WithHTTPClient(client *http.Client) Option { return option(func(c *Core) { c.http = client }) }

// WithUserAgent names the calling program. The default is "cfimages-go".
func WithUserAgent(agent string) Option {
	return option(func(c *Core) { c.header.Set("User-Agent", agent) })
}

// WithRetries sets how often a failed request is sent again: only operations
// that are idempotent by their HTTP method, only after a lost connection or an
// answer of 408, 429, 502, 503 or 504. The default is 2; 0 turns it off.
func WithRetries(n int) Option { return option(func(c *Core) { c.retries = max(n, 0) }) }

// WithMaxWait caps the wait before a request is sent again. A Retry-After
// above it ends the retries. The default is one minute.
func WithMaxWait(d time.Duration) Option { return option(func(c *Core) { c.maxWait = max(d, 0) }) }
