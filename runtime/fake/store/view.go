package store

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"
)

// View copies what leads to the records; they never change themselves.
func (m *Memory) View() (View, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := &memoryView{ahead: m.ahead, accounts: map[string]viewed{}}
	for id, a := range m.accounts {
		v.accounts[id] = viewed{a.state, a.records()}
	}
	return v, nil
}

// records returns all images by position, and then all drafts by id.
func (a *memoryAccount) records() []*Stored {
	all := make([]*Stored, 0, len(a.images)+len(a.drafts))
	all = slices.AppendSeq(all, a.line.upward(0))
	return append(all, slices.SortedFunc(maps.Values(a.drafts), func(x, y *Stored) int {
		return cmp.Compare(x.ID(), y.ID())
	})...)
}

type memoryView struct {
	ahead    time.Duration
	accounts map[string]viewed
}

type viewed struct {
	state   State
	records []*Stored
}

func (v *memoryView) Ahead() time.Duration { return v.ahead }

func (v *memoryView) Accounts() []string { return slices.Sorted(maps.Keys(v.accounts)) }

func (v *memoryView) State(id string) (State, error) { return v.accounts[id].state, nil }

func (v *memoryView) Records(id string) iter.Seq2[*Stored, error] {
	return func(yield func(*Stored, error) bool) {
		for _, s := range v.accounts[id].records {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// Retain does nothing: records hold their files.
func (*memoryView) Retain() (release func()) { return func() {} }

func (*memoryView) Close() error { return nil }

// Replace builds the new state beside the old one.
func (m *Memory) Replace(fill func(Filler) error) error {
	f := &memoryFiller{accounts: map[string]*memoryAccount{}}
	if err := fill(f); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ahead, m.accounts = f.ahead, f.accounts
	return nil
}

type memoryFiller struct {
	ahead    time.Duration
	accounts map[string]*memoryAccount
	last     *memoryAccount
}

func (f *memoryFiller) Ahead(d time.Duration) error {
	f.ahead = d
	return nil
}

func (f *memoryFiller) Account(id string, s State) error {
	if f.accounts[id] != nil {
		return ErrDuplicate
	}
	f.last = newMemoryAccount(s)
	f.accounts[id] = f.last
	return nil
}

func (f *memoryFiller) Put(s *Stored) error {
	a := f.last
	if known, _ := a.Get(s.ID()); known != nil {
		return ErrDuplicate
	}
	if n := len(a.line.entries); !s.Draft() && n > 0 && a.line.entries[n-1].position >= s.position {
		return ErrDuplicate
	}
	a.put(s)
	return nil
}
