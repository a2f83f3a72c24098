package fake

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/origin"
	"github.com/cfimages/cfimages/runtime/sign"
)

var _ origin.Service = (*World)(nil)

// Now is the time of the world's clock, see [World.Advance].
func (w *World) Now() time.Time { return w.clock().Add(time.Duration(w.ahead.Load())) }

// AccountByHash returns what delivery sees of the account with this hash.
func (w *World) AccountByHash(hash string) (origin.Account, bool) {
	a, err := w.hashed(hash)
	return delivered{a}, a != nil && err == nil
}

// Delivery serves the images of a service under their delivery URLs, and all other
// requests by rest.
type Delivery func(images origin.Service, rest http.Handler) http.Handler

// WithDelivery lets servers of the world deliver its images, too, see
// [World.Beside]. Package deliver has the option that makes one; it is not here
// because of the image codecs it brings along.
func WithDelivery(d Delivery) Option {
	return option(func(c *config) { c.delivery = d })
}

// Beside serves what [WithDelivery] said beside the handler of everything else.
func (w *World) Beside(rest http.Handler) http.Handler {
	if w.delivery == nil {
		return rest
	}
	return w.delivery(w, rest)
}

// delivered is an account as delivery sees it.
type delivered struct{ a *Account }

func (d delivered) Settings() origin.Settings {
	d.a.mu.RLock()
	defer d.a.mu.RUnlock()
	return d.a.settings
}

// SigningKeys returns the values of the account's keys. [documented] A URL that was
// signed with a key that was deleted, or with the old value of one, is worth
// nothing.
func (d delivered) SigningKeys() []sign.Key {
	d.a.mu.RLock()
	defer d.a.mu.RUnlock()
	keys := make([]sign.Key, len(d.a.keys))
	for i, k := range d.a.keys {
		keys[i] = sign.Key(k.Value)
	}
	return keys
}

func (d delivered) Variant(name string) (api.Variant, bool) {
	d.a.mu.RLock()
	defer d.a.mu.RUnlock()
	v, err := d.a.variants.get(name)
	return cloneVariant(v), err == nil
}

// Image returns a finished image. [documented] A draft cannot be delivered.
//
// [documented] An edit or a deletion purges the caches of delivery. [assumed]
// Delivery is never late.
func (d delivered) Image(ctx context.Context, id string) (origin.Image, error) {
	r, _, err := d.a.look(ctx, id, d.a.existing)
	switch {
	case ctx.Err() != nil:
		return origin.Image{}, ctx.Err()
	case errors.Is(err, api.ErrInternal):
		return origin.Image{}, err
	case err != nil || r.Draft():
		return origin.Image{}, origin.ErrNotFound
	}
	open := func() (io.ReadCloser, error) { return r.Content().Open() }
	return origin.Image{Private: r.Private(), Sum: r.Content().Sum(), Open: open}, nil
}
