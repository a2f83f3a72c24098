package fake

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"sync"

	"github.com/cfimages/cfimages/gen/api"
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
	source   source
	store    store
	keys     []api.SigningKey
	variants variants
	settings origin.Settings
}

var _ api.Service = (*Account)(nil)

func newAccount(w *World, id string) *Account {
	a := &Account{world: w, id: id, hash: accountHash(id)}
	a.Reset()
	return a
}

// accountHash returns what stands for the account in delivery and upload URLs.
//
// [documented] Samples have 22 characters of the URL-safe base64 alphabet and
// are not the account's id. That they can be derived from it is [assumed].
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
func (a *Account) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.source = newSource(a.world.seed, a.id)
	a.store = newStore()
	a.variants = newVariants()
	a.settings = origin.Settings{FlexibleVariants: a.world.flexible, BrowserTTL: a.world.browserTTL}
	// [documented] Every account starts with a key named default.
	a.keys = []api.SigningKey{{Name: defaultKey, Value: a.source.keyValue()}}
}

// freeID returns a new id. The lock is held.
func (a *Account) freeID() string {
	now := a.world.clock()
	for {
		if id := a.source.imageID(); a.store.get(id, now) == nil {
			return id
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
// [observed] The metadata's member is absent when there is none. A creator
// that is not set is null or absent. [documented] A draft says so and has no
// filename, but upload time and variants are present already; a finished image
// does not carry the draft member.
func (v view) image(r *record) api.Image {
	img := api.Image{
		ID:                r.id,
		Filename:          r.filename,
		Meta:              slices.Clone(r.meta),
		RequireSignedURLs: r.private,
		Uploaded:          r.uploaded,
		Variants:          v.links.variants(r.id, v.names),
		Draft:             r.draft(),
	}
	if r.creator != "" {
		img.Creator = new(r.creator)
	}
	return img
}

func (v view) images(records []*record) []api.Image {
	out := make([]api.Image, len(records))
	for i, r := range records {
		out[i] = v.image(r)
	}
	return out
}
