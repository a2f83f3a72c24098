package fake

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// Option changes how a [World] behaves.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

// config is what the options set.
type config struct {
	clock        func() time.Time
	seed         *uint64
	uploadURL    string
	deliveryURL  string
	urls         func(ctx context.Context) (upload, delivery string)
	delivery     Delivery
	allowance    int64
	fetch        Fetcher
	privateFetch bool
	maxKeys      int
	keepLastKey  bool
	stableIDs    bool
	maxVariants  int
	keepPublic   bool
	noV1List     bool
	noRanges     bool
	hideMeta     bool
	plainErrors  bool
	lag          time.Duration
	noPlan       bool
	flexible     bool
	browserTTL   time.Duration
	store        store.Store
	log          *slog.Logger
	finished     func(account string, image api.Image)
}

// What an account has unless an option says otherwise.
const (
	// [documented] Upload URLs are at upload.imagedelivery.net.
	defaultUploadURL = "https://upload.imagedelivery.net"
	// [documented] Delivery URLs are at imagedelivery.net.
	defaultDeliveryURL = "https://imagedelivery.net"
	// [documented] Storage is sold by the hundred thousand images.
	defaultAllowance = 100_000
	// [documented] An account has up to 100 variants.
	defaultMaxVariants = 100
)

func defaults() config {
	return config{
		clock:       time.Now,
		uploadURL:   defaultUploadURL,
		deliveryURL: defaultDeliveryURL,
		allowance:   defaultAllowance,
		maxVariants: defaultMaxVariants,
		log:         slog.New(slog.DiscardHandler),
	}
}

// newStore makes the store of a world that is given none.
var newStore = func() store.Store { return store.NewMemory() }

// complete fills in what depends on other options.
func (c *config) complete() {
	if c.fetch == nil {
		c.fetch = newFetcher(c.privateFetch)
	}
	if c.store == nil {
		c.store = newStore()
	}
}

// bases returns the addresses that URLs are made of, without a trailing slash.
func (c *config) bases(ctx context.Context) (upload, delivery string) {
	if c.urls != nil {
		upload, delivery = c.urls(ctx)
	}
	if upload == "" {
		upload = c.uploadURL
	}
	if delivery == "" {
		delivery = c.deliveryURL
	}
	return strings.TrimRight(upload, "/"), strings.TrimRight(delivery, "/")
}

// WithClock sets the clock that upload times and expiries go by. The default
// is [time.Now].
func WithClock(clock func() time.Time) Option {
	return option(func(c *config) { c.clock = clock })
}

// WithSeed makes the generated ids and key values of each account a function
// of the seed, the account's id and the order of its calls. By default they
// are random.
func WithSeed(seed uint64) Option {
	return option(func(c *config) { c.seed = &seed })
}

// fix sets the addresses that are not empty, whatever [WithURLs] said before.
func (c *config) fix(upload, delivery string) {
	before := c.urls
	c.uploadURL, c.deliveryURL = cmp.Or(upload, c.uploadURL), cmp.Or(delivery, c.deliveryURL)
	if before == nil {
		return
	}
	c.urls = func(ctx context.Context) (string, string) {
		u, d := before(ctx)
		return cmp.Or(upload, u), cmp.Or(delivery, d)
	}
}

// WithStore keeps the state in a store other than memory. The world uses it
// alone; the caller closes it afterwards. What the store fails to do is answered
// with [api.ErrInternal].
func WithStore(s store.Store) Option {
	return option(func(c *config) { c.store = s })
}

// WithLogger tells a log why calls were answered with [api.ErrInternal]. The
// default is none.
func WithLogger(log *slog.Logger) Option {
	return option(func(c *config) { c.log = log })
}

// WithUploadURL sets the address that upload URLs begin with. The default is
// that of the real service.
func WithUploadURL(base string) Option {
	return option(func(c *config) { c.fix(base, "") })
}

// WithDeliveryURL sets the address that an image's variant URLs begin with.
// The default is that of the real service. [documented] On a domain of one's own the path
// of a delivery URL begins with "/cdn-cgi/imagedelivery", which is part of base
// then.
func WithDeliveryURL(base string) Option {
	return option(func(c *config) { c.fix("", base) })
}

// WithURLs asks for the two addresses at every call instead, which lets a
// server answer with the address it was called by. Where urls returns an empty
// text, the fixed address is used. Of this option, [WithUploadURL] and
// [WithDeliveryURL] the later wins.
func WithURLs(urls func(ctx context.Context) (upload, delivery string)) Option {
	return option(func(c *config) { c.urls = urls })
}

// WithAllowance sets how many images an account may store. The default is
// 100,000.
func WithAllowance(images int64) Option {
	return option(func(c *config) { c.allowance = images })
}

// Fetcher gets the image that an upload by URL names. The name becomes the
// image's filename; the content type is informative, since content is always
// sniffed. The caller reads body to its limit and closes it. An error that is
// not the API's own is answered as [api.ErrFetchFailed] with its text.
type Fetcher func(ctx context.Context, rawURL string) (name, contentType string, body io.ReadCloser, err error)

// WithFetcher replaces how uploads by URL get their image. The default fetches
// over HTTP within 10 seconds, follows 5 redirects and refuses addresses that
// are not public.
func WithFetcher(fetch Fetcher) Option {
	return option(func(c *config) { c.fetch = fetch })
}

// WithPrivateFetch lets the default fetcher reach private, loopback and other
// addresses that are not public, as tests need whose images come from a local
// server.
func WithPrivateFetch() Option {
	return option(func(c *config) { c.privateFetch = true })
}

// WithMaxKeys refuses a signing key beyond the n-th with
// [api.ErrLimitReached]. No limit is documented. Two were observed. The default, 0, is no limit.
func WithMaxKeys(n int) Option {
	return option(func(c *config) { c.maxKeys = n })
}

// WithLastKeyRefused refuses the deletion of the last signing key. One client
// reports that. By default a new key named default takes its place, as
// documented.
func WithLastKeyRefused() Option {
	return option(func(c *config) { c.keepLastKey = true })
}

// WithStableIDs leaves an image its id when an edit changes whether it requires
// signed URLs. [sdk] An emulator keeps the id of an image that is made private. By default it gets a new
// one, as documented and observed.
func WithStableIDs() Option {
	return option(func(c *config) { c.stableIDs = true })
}

// WithVariantLimit sets how many variants an account may have, the built-in one
// included. The default is 100.
func WithVariantLimit(n int) Option {
	return option(func(c *config) { c.maxVariants = n })
}

// WithFlexibleVariants lets delivery URLs name options in place of a variant, as
// in w=400,fit=cover. [documented] Flexible variants are off by default.
func WithFlexibleVariants() Option {
	return option(func(c *config) { c.flexible = true })
}

// WithBrowserTTL sets how long browsers may keep delivered images of variants
// that say nothing else. [documented] Browsers keep images for 2 days by default.
func WithBrowserTTL(d time.Duration) Option {
	return option(func(c *config) { c.browserTTL = d })
}
