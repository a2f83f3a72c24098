package fake

import (
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/cfimages/cfimages/runtime/fake/store"
)

// Snapshot is the state of a [World] at one moment: images with their content,
// drafts, variants, keys, the clock and, if the world has a seed, the ids to
// come. It never changes. Records are shared, not copied.
type Snapshot struct {
	ahead    time.Duration
	accounts []accountSnapshot
}

type accountSnapshot struct {
	id      string
	state   store.State
	records []*store.Stored
}

// Snapshot remembers the present state. In memory it does not fail.
func (w *World) Snapshot() (*Snapshot, error) {
	v, err := w.lookAt()
	if err != nil {
		return nil, err
	}
	defer func() { _ = v.Close() }()
	s := &Snapshot{ahead: v.Ahead()}
	for _, id := range v.Accounts() {
		a := accountSnapshot{id: id}
		if a.state, err = v.State(id); err != nil {
			return nil, w.failed(err)
		}
		for r, err := range v.Records(id) {
			if err != nil {
				return nil, w.failed(err)
			}
			a.records = append(a.records, r)
		}
		s.accounts = append(s.accounts, a)
	}
	runtime.AddCleanup(s, func(release func()) { release() }, v.Retain())
	return s, nil
}

// lookAt returns the present state of all accounts.
func (w *World) lookAt() (store.View, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.byID {
		a.mu.RLock()
		defer a.mu.RUnlock()
	}
	v, err := w.store.View()
	if err != nil {
		return nil, w.failed(err)
	}
	return v, nil
}

// Restore returns to the state of a snapshot, which may be used any number of
// times. Accounts that came later are as if new. Accounts in use stay valid. Where
// it fails, nothing has changed.
func (w *World) Restore(s *Snapshot) error {
	return w.replace(s.fill)
}

func (s *Snapshot) fill(f store.Filler) error {
	if err := f.Ahead(s.ahead); err != nil {
		return err
	}
	for _, a := range s.accounts {
		if err := f.Account(a.id, a.state); err != nil {
			return err
		}
		for _, r := range a.records {
			if err := f.Put(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// Reset returns every account to the state it had when it was made, with the
// same ids to come if the world has a seed. Accounts in use stay valid. The clock
// goes on.
func (w *World) Reset() error {
	err := w.replace(func(f store.Filler) error { return f.Ahead(time.Duration(w.ahead.Load())) })
	if err == nil {
		w.edge.reset(w.seed)
	}
	return err
}

// replace makes what fill gives the state of all accounts. Calls wait for it.
func (w *World) replace(fill func(store.Filler) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.byID {
		a.mu.Lock()
		defer a.mu.Unlock()
	}
	err := w.store.Replace(func(f store.Filler) error {
		seen := &census{Filler: f, accounts: map[string]bool{}}
		if err := fill(seen); err != nil {
			return err
		}
		return w.addFresh(seen)
	})
	if err != nil {
		return err
	}
	w.restoreClock()
	clear(w.byHash)
	w.known = false
	for _, a := range w.byID {
		a.load()
		w.byHash[a.hash] = a.id
	}
	return nil
}

// addFresh gives the accounts in use that are not among those seen the state of
// a new one.
func (w *World) addFresh(seen *census) error {
	for _, id := range slices.Sorted(maps.Keys(w.byID)) {
		if seen.accounts[id] {
			continue
		}
		state, _ := w.fresh(id)
		if err := seen.Account(id, state); err != nil {
			return err
		}
	}
	return nil
}

// census notes which accounts it passes on.
type census struct {
	store.Filler
	accounts map[string]bool
}

func (c *census) Account(id string, s store.State) error {
	c.accounts[id] = true
	return c.Filler.Account(id, s)
}
