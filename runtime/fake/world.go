package fake

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/form"
)

// World is a whole service: accounts that know nothing of each other, one
// clock and one seed. It is safe for concurrent use.
type World struct {
	config

	mu     sync.RWMutex
	byID   map[string]*Account
	byHash map[string]*Account
}

// New returns a service without accounts.
func New(opts ...Option) *World {
	w := &World{
		config: defaults(),
		byID:   map[string]*Account{},
		byHash: map[string]*Account{},
	}
	for _, o := range opts {
		o.apply(&w.config)
	}
	w.config.complete()
	return w
}

// Account returns the account with this id. An account comes into being when
// it is first asked for.
func (w *World) Account(id string) *Account {
	w.mu.RLock()
	a := w.byID[id]
	w.mu.RUnlock()
	if a != nil {
		return a
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if a := w.byID[id]; a != nil {
		return a
	}
	a = newAccount(w, strings.Clone(id))
	w.byID[a.id], w.byHash[a.hash] = a, a
	return a
}

// UploadTo does what a POST to an upload URL does: it turns the draft the URL
// was made for into a finished image. No credentials are involved. The host of
// the URL does not matter; its path ends in the account's hash and the id.
//
// A URL works once. One that was never handed out, has expired or whose draft
// was deleted is answered with [api.ErrImageNotFound], one that was used with
// [api.ErrResourceExists]. After a failed upload it may be tried again.
func (w *World) UploadTo(ctx context.Context, uploadURL string, file *form.File) (*api.Image, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a, id := w.addressee(uploadURL)
	if a == nil {
		// [assumed] An upload URL nobody handed out is answered as an unknown image.
		return nil, api.ErrImageNotFound.New()
	}
	return a.finishDraft(ctx, id, file)
}

// addressee returns the account and the image id an upload URL names; the
// account is nil when it names none.
func (w *World) addressee(uploadURL string) (*Account, string) {
	u, err := url.Parse(uploadURL)
	if err != nil {
		return nil, ""
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	// The server may be mounted below a path, so the hash is the first element
	// that is one.
	rest := u.EscapedPath()
	for rest != "" {
		var hash string
		hash, rest, _ = strings.Cut(rest, "/")
		if a := w.byHash[hash]; a != nil {
			id, err := url.PathUnescape(rest)
			if err != nil || id == "" {
				return nil, ""
			}
			return a, id
		}
	}
	return nil, ""
}

// Reset returns every account to the state it had when it was made, with the
// same ids to come if the world has a seed. Accounts in use stay valid.
func (w *World) Reset() {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, a := range w.byID {
		a.Reset()
	}
}
