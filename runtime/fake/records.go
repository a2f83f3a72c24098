package fake

import (
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// leastSweep is the number of drafts below which none is looked at.
const leastSweep = 1024

// load reads the account's state, or makes that of a new account. The lock is
// held, or nobody else knows the account. What fails is remembered in broken.
func (a *Account) load() {
	a.broken = nil
	a.sweepAt = leastSweep
	state, err := a.open()
	switch {
	case err != nil:
		a.broken = a.failed(err)
	case state.Keys == nil:
		a.broken = a.clear()
	default:
		a.broken = a.failed(a.adopt(state))
	}
}

func (a *Account) open() (state store.State, err error) {
	if a.records, err = a.world.store.Open(a.id); err != nil {
		return state, err
	}
	return a.records.State()
}

// adopt takes over a state that was stored.
func (a *Account) adopt(s store.State) error {
	a.keys, a.variants, a.late = s.Keys, makeVariants(s.Variants), late{}
	a.settings = a.world.setting(s.Settings)
	a.newest.position, a.newest.uploaded = s.Position, s.Uploaded
	a.source = newSource(a.world.seed, a.id)
	if s.Source == nil || a.world.seed == nil {
		return nil
	}
	return a.source.restore(s.Source)
}

// clear makes the state of a new account. The lock is held.
func (a *Account) clear() error {
	fresh, source := a.world.fresh(a.id)
	change := store.Change{Clear: true, Keys: fresh.Keys, Variants: fresh.Variants, Source: fresh.Source}
	if _, err := a.records.Apply(change); err != nil {
		return a.failed(err)
	}
	if err := a.adopt(fresh); err != nil {
		return a.failed(err)
	}
	a.source, a.sweepAt = source, leastSweep
	return nil
}

// fresh returns the state of a new account.
//
// [documented] Every account starts with a key named default.
func (w *World) fresh(id string) (store.State, source) {
	s := newSource(w.seed, id)
	state := store.State{
		Keys:     []api.SigningKey{{Name: defaultKey, Value: s.keyValue()}},
		Variants: builtinVariants(),
	}
	if w.seed != nil {
		state.Source = s.state()
	}
	return state, s
}

// failed turns an error of the store into the API's internal error, with the
// cause in its chain, and tells the log.
func (a *Account) failed(err error) error {
	if err == nil {
		return nil
	}
	return a.world.failed(err, "account", a.id)
}

func (w *World) failed(err error, args ...any) error {
	w.log.Error("the store of the fake failed", append(args, "error", err)...)
	e := api.ErrInternal.New()
	e.Err = err
	return e
}

// apply makes a change. The lock is held.
func (a *Account) apply(c store.Change) (*store.Stored, error) {
	if a.world.seed != nil && a.source.drawn {
		c.Source = a.source.state()
	}
	r, err := a.records.Apply(c)
	if err != nil {
		return nil, a.failed(err)
	}
	a.source.drawn = false
	a.noteLate(c)
	return r, nil
}

// get returns the image or draft with this id, nil when there is none. A draft
// that has expired is the second result: whoever takes its id removes it. The
// lock is held, for reading at least.
//
// [assumed] An expired draft is gone, and its id is free again.
func (a *Account) get(id string, now time.Time) (r, expired *store.Stored, err error) {
	r, err = a.records.Get(id)
	if err != nil {
		return nil, nil, a.failed(err)
	}
	if r != nil && r.Expired(now) {
		return nil, r, nil
	}
	return r, nil, nil
}

// existing finds an image or draft. The lock is held, for reading at least.
func (a *Account) existing(id string) (*store.Stored, error) {
	r, _, err := a.get(id, a.world.Now())
	if r == nil && err == nil {
		err = api.ErrImageNotFound.New() // [observed] An unknown image has an error of its own.
	}
	return r, err
}

// addDraft stores a draft, in the place of an expired one perhaps. The lock is
// held.
func (a *Account) addDraft(r store.Record, expired *store.Stored, now time.Time) (*store.Stored, error) {
	if a.records.Drafts() >= a.sweepAt {
		if err := a.sweep(now); err != nil {
			return nil, err
		}
		if expired != nil {
			expired = nil // swept, too
		}
	}
	r.Uploaded = stamp(now)
	return a.apply(store.Change{Remove: expired, Add: r})
}

// sweep forgets expired drafts. It runs when the drafts have doubled, which
// makes its cost per draft constant.
func (a *Account) sweep(now time.Time) error {
	if err := a.records.Sweep(now); err != nil {
		return a.failed(err)
	}
	a.sweepAt = max(leastSweep, 2*a.records.Drafts())
	return nil
}

// addImage stores a finished image, which becomes the newest, in the place of a
// draft perhaps. The lock is held.
//
// [documented] Lists are ordered by upload time. [assumed] The time of
// the newest never decreases, and where it stands still the order of the uploads
// decides.
func (a *Account) addImage(r store.Record, draft *store.Stored, now time.Time) (*store.Stored, error) {
	newest := a.newest
	newest.position++
	if t := stamp(now); t.After(newest.uploaded) {
		newest.uploaded = t
	}
	r.Position, r.Uploaded, r.Expires = newest.position, newest.uploaded, time.Time{}
	s, err := a.apply(store.Change{Remove: draft, Add: r})
	if err == nil {
		a.newest = newest
	}
	return s, err
}

// stamp returns an upload time.
//
// [documented] Upload times are in UTC, with milliseconds.
func stamp(now time.Time) time.Time { return now.UTC().Truncate(time.Millisecond) }
