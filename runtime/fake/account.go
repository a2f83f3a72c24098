package fake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
	"github.com/cfimages/cfimages/runtime/origin"
)

// Account is one account of a [World]. It implements [api.Service] and is safe
// for concurrent use. What it returns belongs to the caller.
type Account struct {
	api.Unimplemented

	world *World
	id    string
	hash  string

	mu       sync.RWMutex
	broken   error // why nothing can be done, see load
	records  store.Account
	source   source
	keys     []api.SigningKey // replaced, never changed
	variants variants
	late     late
	settings origin.Settings
	// newest are the position and time of the newest upload.
	newest struct {
		position uint64
		uploaded time.Time
	}
	// sweepAt is the number of drafts at which expired ones are looked for.
	sweepAt int64
}

var _ api.Service = (*Account)(nil)

func newAccount(w *World, id string) *Account {
	a := &Account{world: w, id: id, hash: accountHash(id)}
	a.load()
	return a
}

// accountHash returns what stands for the account in delivery and upload URLs.
//
// [documented] The hash of an account has 22 characters of the URL-safe base64 alphabet and
// is not the account's id. [assumed] The hash can be derived from the id.
func accountHash(id string) string {
	sum := sha256.Sum256([]byte("account " + id))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// ID returns the account's id.
func (a *Account) ID() string { return a.id }

// Hash returns the 22 characters that stand for the account in delivery and
// upload URLs.
func (a *Account) Hash() string { return a.hash }

// Reset returns the account to the state it had when it was made.
func (a *Account) Reset() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.broken != nil {
		return a.broken
	}
	return a.clear()
}

// read begins a call that changes nothing. Without an error the lock is held for
// reading.
func (a *Account) read(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.mu.RLock()
	if a.broken != nil {
		a.mu.RUnlock()
		return a.broken
	}
	return nil
}

// write begins a call that may change something. Without an error the lock is
// held.
func (a *Account) write(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.mu.Lock()
	if a.broken != nil {
		a.mu.Unlock()
		return a.broken
	}
	return nil
}

// freeID returns a new id. The lock is held.
func (a *Account) freeID() (string, error) {
	for {
		id := a.source.imageID()
		if r, err := a.records.Get(id); r == nil || err != nil {
			return id, a.failed(err)
		}
	}
}

// view turns records into what a caller sees. It holds what images share, taken
// at one moment.
type view struct {
	links links
	names []string // of the variants; never changed
}

// view returns the account's present view. The lock is held, for reading at
// least.
func (a *Account) view(ctx context.Context) view {
	_, delivery := a.world.bases(ctx)
	return view{links{base: delivery, hash: a.hash}, a.variants.names}
}

// image renders a record.
//
// [observed] The metadata's member is absent when there is none. [documented] A
// creator that is not set is null or absent. [documented] A draft says so and has
// no filename, but upload time and variants are present already; a finished image
// does not carry the draft member.
func (v view) image(r *store.Stored) api.Image {
	img := api.Image{
		ID:                r.ID(),
		Filename:          r.Filename(),
		Meta:              bytes.Clone(r.Meta()),
		RequireSignedURLs: r.Private(),
		Uploaded:          r.Uploaded(),
		Variants:          v.links.variants(r.ID(), v.names),
		Draft:             r.Draft(),
	}
	if creator := r.Creator(); creator != "" {
		img.Creator = new(creator)
	}
	return img
}

func (v view) images(records []*store.Stored) []api.Image {
	out := make([]api.Image, len(records))
	for i, r := range records {
		out[i] = v.image(r)
	}
	return out
}
