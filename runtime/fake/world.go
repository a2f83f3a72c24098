package fake

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// World is a whole service: accounts, one clock and one seed. [assumed] Accounts
// share no image, variant, key or count. It is safe for concurrent use.
type World struct {
	config
	edge edge

	// ahead is how far the clock is ahead of the one it goes by, in nanoseconds.
	ahead atomic.Int64

	mu   sync.RWMutex
	byID map[string]*Account
	// byHash leads from the hashes of accounts to their ids. It may lack those
	// that are in the store only, until known is true.
	byHash map[string]string
	known  bool
}

// New returns a service without accounts, or with those of the store it is
// given.
func New(opts ...Option) *World {
	w := &World{
		config: defaults(),
		byID:   map[string]*Account{},
		byHash: map[string]string{},
	}
	for _, o := range opts {
		o.apply(&w.config)
	}
	w.config.complete()
	w.restoreClock()
	w.edge.reset(w.seed)
	return w
}

// restoreClock sets the clock to where the store says it was.
func (w *World) restoreClock() {
	ahead, err := w.store.Ahead()
	if err != nil {
		_ = w.failed(err) // the log knows
	}
	w.ahead.Store(int64(ahead))
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
	if a.broken == nil { // or else the next call tries again
		w.byID[a.id], w.byHash[a.hash] = a, a.id
	}
	return a
}

// hashed returns the account with a hash, nil when there is none.
func (w *World) hashed(hash string) (*Account, error) {
	w.mu.RLock()
	id, ok := w.byHash[hash]
	known := w.known
	w.mu.RUnlock()
	if !ok && !known {
		if err := w.learn(); err != nil {
			return nil, err
		}
		return w.hashed(hash)
	}
	if !ok {
		return nil, nil
	}
	return w.Account(id), nil
}

// learn asks the store which accounts there are.
func (w *World) learn() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	ids, err := w.store.Accounts()
	if err != nil {
		return w.failed(err)
	}
	for _, id := range ids {
		w.byHash[accountHash(id)] = id
	}
	w.known = true
	return nil
}

// UploadTo does what a POST to an upload URL does: it turns the draft the URL
// was made for into a finished image. No credentials are involved. The host of
// the URL does not matter; its path ends in the account's hash and the id.
//
// A URL works once. One that was never handed out, has expired or whose draft
// was deleted is answered with [api.ErrImageNotFound], one that was used with
// [api.ErrResourceExists]. After a failed upload it may be tried again.
func (w *World) UploadTo(ctx context.Context, uploadURL string, file *contract.File) (*api.Image, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a, id, err := w.addressee(uploadURL)
	if err != nil {
		return nil, err
	}
	if a == nil {
		// [assumed] An upload URL that nobody handed out is answered as an unknown image.
		return nil, api.ErrImageNotFound.New()
	}
	image, err := a.finishDraft(ctx, id, file)
	if err == nil && w.finished != nil {
		w.finished(a.id, *image)
	}
	return image, err
}

// addressee returns the account and the image id an upload URL names; the
// account is nil when it names none.
func (w *World) addressee(uploadURL string) (*Account, string, error) {
	u, err := url.Parse(uploadURL)
	if err != nil {
		return nil, "", nil
	}
	// The server may be mounted below a path, so the hash is the first element
	// that is one.
	rest := u.EscapedPath()
	for rest != "" {
		var hash string
		hash, rest, _ = strings.Cut(rest, "/")
		a, err := w.hashed(hash)
		if err != nil {
			return nil, "", err
		}
		if a != nil {
			id, err := url.PathUnescape(rest)
			if err != nil || id == "" {
				return nil, "", nil
			}
			return a, id, nil
		}
	}
	return nil, "", nil
}

// Advance moves the clock forward, by a century at most in all, and returns how
// far it is ahead now. The store remembers.
func (w *World) Advance(d time.Duration) (time.Duration, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	ahead := time.Duration(w.ahead.Load())
	if d < 0 || d > maxAhead-ahead {
		return ahead, fmt.Errorf("fake: the clock goes forward only, and up to %s in all", maxAhead)
	}
	if err := w.store.SetAhead(ahead + d); err != nil {
		return ahead, w.failed(err)
	}
	w.ahead.Store(int64(ahead + d))
	return ahead + d, nil
}

// maxAhead keeps the clock within what a time can be.
const maxAhead = 100 * 365 * 24 * time.Hour
