package fake

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/origin"
	"github.com/cfimages/cfimages/runtime/sign"
)

var _ origin.Service = (*World)(nil)

// Now is the time of the world's clock.
func (w *World) Now() time.Time { return w.clock() }

// AccountByHash returns what delivery sees of the account with this hash.
func (w *World) AccountByHash(hash string) (origin.Account, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	a := w.byHash[hash]
	return delivered{a}, a != nil
}

// delivered is an account as delivery sees it.
type delivered struct{ a *Account }

func (d delivered) Settings() origin.Settings {
	return origin.Settings{FlexibleVariants: d.a.world.flexible, BrowserTTL: d.a.world.browserTTL}
}

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
func (d delivered) Image(ctx context.Context, id string) (origin.Image, error) {
	r, _, err := d.a.look(ctx, id)
	switch {
	case ctx.Err() != nil:
		return origin.Image{}, ctx.Err()
	case err != nil || r.draft():
		return origin.Image{}, origin.ErrNotFound
	}
	open := func() (io.ReadCloser, error) { return blob{bytes.NewReader(r.content.data)}, nil }
	return origin.Image{Private: r.private, Sum: r.content.hash(), Open: open}, nil
}
