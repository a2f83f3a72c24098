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
	"sync/atomic"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Core is one API at one address with one set of credentials. It is safe for
// concurrent use.
type Core struct {
	contract *contract.Contract
	binds    []string
	base     string
	server   string // the base's host, for hooks
	given    *http.Client
	http     *http.Client // given, with the middleware and without redirects; nil until made
	wrappers []func(http.RoundTripper) http.RoundTripper
	header   http.Header // without credentials
	// credentials are behind a function so that no way of printing a client, or
	// a copy of one, reaches them.
	credentials func() []credential
	// hidden are not sent, and must not be shown either.
	hidden         func() []credential
	retries        int
	maxWait        time.Duration
	timeout        time.Duration // of a call; 0 is none
	attemptTimeout time.Duration // of an attempt; 0 is none
	limiter        Limiter
	hooks          []Hook
	unchecked      bool
	prefetch       bool
	// seen is the latest rate limit, which derived clients share.
	seen *atomic.Pointer[contract.RateLimit]
	// err is why an option cannot be used; every call answers it.
	err error
}

// credential is a header that authenticates. The secret is the part of its value
// that must never appear in an error.
type credential struct{ header, value, secret string }

// New returns a core for the API c. binds are the values of the parameters
// that are given once, in the order of the contract.
func New(c *contract.Contract, binds []string, opts ...Option) (*Core, error) {
	core := newCore(c, binds)
	core.configure(opts)
	if core.err != nil {
		return nil, core.err
	}
	return core, nil
}

func newCore(c *contract.Contract, binds []string) *Core {
	return &Core{
		contract:    c,
		binds:       binds,
		base:        c.BaseURL,
		header:      http.Header{"User-Agent": {"cfimages-go"}},
		retries:     2,
		maxWait:     time.Minute,
		credentials: func() []credential { return nil },
		hidden:      func() []credential { return nil },
		seen:        new(atomic.Pointer[contract.RateLimit]),
	}
}

// With returns a core that differs by the options and shares everything else,
// connections included. It does not fail: an option that [New] would refuse makes
// every call of the new core fail.
func (c *Core) With(opts ...Option) *Core {
	derived := *c
	derived.header = c.header.Clone()
	derived.wrappers = slices.Clip(c.wrappers)
	derived.hooks = slices.Clip(c.hooks)
	derived.configure(opts)
	return &derived
}

// configure applies the options and checks the outcome.
func (c *Core) configure(opts []Option) {
	c.apply(opts)
	if c.err == nil {
		c.err = c.check()
	}
	if c.err != nil {
		return
	}
	c.base = strings.TrimRight(c.base, "/")
	_, rest, _ := strings.Cut(c.base, "://")
	c.server, _, _ = strings.Cut(rest, "/")
	if c.http == nil {
		c.http = c.transport()
	}
}

// apply applies the options; nil is none.
func (c *Core) apply(opts []Option) {
	for _, o := range opts {
		if o != nil {
			o.apply(c)
		}
	}
}

func (c *Core) check() error {
	for _, b := range c.binds {
		if why := unsendable(b); why != "" {
			return errors.New("a bound parameter " + why)
		}
	}
	if err := checkBase(c.base); err != nil {
		return err
	}
	return c.checkHeaders()
}

// transport returns a copy of the given client with the middleware around its
// transport. The copy answers redirects instead of following them: net/http sends
// headers of an API's own to whatever host a redirect names.
func (c *Core) transport() *http.Client {
	own := *http.DefaultClient
	if c.given != nil {
		own = *c.given
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if len(c.wrappers) > 0 && own.Transport == nil {
		own.Transport = http.DefaultTransport
	}
	for _, wrap := range slices.Backward(c.wrappers) {
		own.Transport = wrap(own.Transport)
	}
	return &own
}

// RateLimit returns what the latest answer to this core, or to one it shares its
// connections with, said about the caller's quota; false when none said anything.
func (c *Core) RateLimit() (contract.RateLimit, bool) {
	if last := c.seen.Load(); last != nil {
		return *last, true
	}
	return contract.RateLimit{}, false
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
	for name, values := range c.header {
		if slices.ContainsFunc(values, func(v string) bool { return !sendable(v) }) {
			return fmt.Errorf("the header %s has a character that no header can carry", name)
		}
	}
	return nil
}

// sendable reports whether a header can have the value (RFC 9110, section 5.5).
func sendable(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// String names the address; it never shows credentials.
func (c *Core) String() string { return "client of " + c.base }

// GoString is String, so that %#v shows no credentials either.
func (c *Core) GoString() string { return c.String() }

// Format is String for every verb.
func (c *Core) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }
