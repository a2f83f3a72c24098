package serve

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// Option changes how a handler is made.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	base        string
	auth        Auth
	log         *slog.Logger
	middleware  []func(http.Handler) http.Handler
	limits      Limits
	form        form.Options
	strictQuery bool
	negotiate   bool
	head        bool
	cors        *cors
	limiter     Limiter
	gzip        int // the least size that is compressed; 0 for none
}

func defaults() config {
	c := config{log: slog.New(slog.DiscardHandler)}
	c.setLimits(Limits{})
	return c
}

// WithBasePath serves the API below a path such as "/client/v4". The default
// is the root.
func WithBasePath(path string) Option {
	return option(func(c *config) {
		base := url.URL{Path: "/" + strings.Trim(path, "/")}
		c.base = strings.TrimRight(base.EscapedPath(), "/")
	})
}

// WithAuth decides who may use which account. It is asked for every request
// that carries the credentials the contract demands; its error is answered as
// it is. The default, also for nil, lets everybody in. [Logins] makes one.
func WithAuth(auth Auth) Option { return option(func(c *config) { c.auth = auth }) }

// WithLogger reports panics and unexpected errors; credentials are never part of
// them. The default, also for nil, discards them.
func WithLogger(log *slog.Logger) Option {
	return option(func(c *config) {
		if c.log = log; log == nil {
			c.log = slog.New(slog.DiscardHandler)
		}
	})
}

// WithMiddleware puts handlers around the API, the first outermost. They see
// every request, and once it is served its Pattern. Their panics are answered,
// too. The default is none, also for nil; the option adds to those given before.
func WithMiddleware(around ...func(http.Handler) http.Handler) Option {
	return option(func(c *config) {
		for _, put := range around {
			if put != nil {
				c.middleware = append(c.middleware, put)
			}
		}
	})
}

// Limits bound what a request may hold beside its files, whose limits are in the
// specification. A zero means the default.
type Limits struct {
	// JSON is the largest JSON body, in bytes; 1 MiB by default.
	JSON int64
	// Text is the largest text part of a form whose own limit is not larger, in
	// bytes; 64 KiB by default.
	Text int64
	// Parts is how many parts a form may have; 1000 by default.
	Parts int
	// PartHeader is the largest header of a part, in bytes; 8 KiB by default and
	// 32 KiB at most.
	PartHeader int
	// Header is the largest head of a request, in bytes, as far as a handler sees
	// it; 64 KiB by default. [http.Server.MaxHeaderBytes] is another limit, which
	// is answered without an envelope.
	Header int64
}

// WithLimits sets limits.
func WithLimits(l Limits) Option { return option(func(c *config) { c.setLimits(l) }) }

func (c *config) setLimits(l Limits) {
	if l.JSON <= 0 {
		l.JSON = contract.MaxJSON
	}
	if l.Header <= 0 {
		l.Header = 64 << 10
	}
	c.limits = l
	c.form.MaxText, c.form.MaxParts, c.form.MaxHeader = l.Text, l.Parts, l.PartHeader
}

// WithSpool keeps every file until its form is complete, in memory up to so many
// bytes and in a temporary file beyond, so that the parts of a form may come in
// any order. By default a file of more than 32 KiB is handed on while it arrives
// if texts came before it, and then all of them must.
func WithSpool(memory int64) Option {
	return option(func(c *config) { c.form.Spool = max(memory, 1) })
}

// WithLenient takes forms that the service refuses, and says so in a header
// Warning: an object in parts such as "metadata.key", a file under another name,
// and a form without parts. By default they are refused.
func WithLenient() Option { return option(func(c *config) { c.form.Lenient = true }) }

// WithStrictQuery refuses query parameters that the operation does not have. By
// default they are ignored.
func WithStrictQuery() Option { return option(func(c *config) { c.strictQuery = true }) }

// WithNegotiation answers 406 where the header Accept excludes the type of the
// answer. By default the header is not looked at, but for failures: a client that
// prefers text/plain gets them as text.
func WithNegotiation() Option { return option(func(c *config) { c.negotiate = true }) }

// WithHEAD answers HEAD as GET without a body. By default HEAD is not a method of
// the API.
func WithHEAD() Option { return option(func(c *config) { c.head = true }) }

// WithCORS lets scripts of other origins, such as "https://example.com", use the
// API; "*" lets all. It also answers OPTIONS. By default none may.
func WithCORS(origins ...string) Option {
	return option(func(c *config) { c.cors = &cors{origins: origins} })
}

// WithLimiter asks a limiter about every request that is authenticated, and
// writes what it says into the headers Ratelimit and Ratelimit-Policy. The
// default is none; package limit makes one.
func WithLimiter(l Limiter) Option { return option(func(c *config) { c.limiter = l }) }

// WithGzip compresses JSON results of at least so many bytes for clients that
// accept it. By default none are.
func WithGzip(least int) Option { return option(func(c *config) { c.gzip = max(least, 1) }) }
