package store

import (
	"iter"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memory is a store in memory.
type Memory struct {
	mu       sync.Mutex
	ahead    time.Duration
	accounts map[string]*memoryAccount
}

var _ Store = (*Memory)(nil)

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{accounts: map[string]*memoryAccount{}} }

// Open returns the records of an account.
func (m *Memory) Open(accountID string) (Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.accounts[accountID]
	if a == nil {
		a = newMemoryAccount(State{})
		m.accounts[accountID] = a
	}
	return a, nil
}

// Accounts returns the ids of the accounts.
func (m *Memory) Accounts() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.accounts)), nil
}

// Keep makes a file of data.
func (*Memory) Keep(mediaType string, data []byte) (Content, error) {
	return &memoryContent{mediaType: mediaType, data: data}, nil
}

// Release does nothing: a file that nobody holds is collected.
func (*Memory) Release(Content) {}

// Ahead returns what was set last.
func (m *Memory) Ahead() (time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ahead, nil
}

// SetAhead remembers how far the clock is ahead.
func (m *Memory) SetAhead(d time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ahead = d
	return nil
}

// Close does nothing.
func (*Memory) Close() error { return nil }

// memoryAccount is an account in memory.
type memoryAccount struct {
	state  State
	images map[string]*Stored
	drafts map[string]*Stored
	bytes  int64 // of the files of images
	line   timeline
	// byCreator has a line for each creator of an image, those without one
	// included.
	byCreator map[string]*creatorLine
}

// creatorLine is the images of one creator. They share the text of its name.
type creatorLine struct {
	timeline
	name string
}

func newMemoryAccount(s State) *memoryAccount {
	return &memoryAccount{
		state:     s,
		images:    map[string]*Stored{},
		drafts:    map[string]*Stored{},
		byCreator: map[string]*creatorLine{},
	}
}

func (a *memoryAccount) State() (State, error) { return a.state, nil }

func (a *memoryAccount) Get(id string) (*Stored, error) {
	if s := a.images[id]; s != nil {
		return s, nil
	}
	return a.drafts[id], nil
}

func (a *memoryAccount) Images() int64 { return int64(len(a.images)) }

func (a *memoryAccount) Drafts() int64 { return int64(len(a.drafts)) }

func (a *memoryAccount) Bytes() (int64, error) { return a.bytes, nil }

func (a *memoryAccount) List(q Query) iter.Seq2[*Stored, error] {
	from := &a.line
	if q.Creator != nil {
		from = &timeline{}
		if l := a.byCreator[*q.Creator]; l != nil {
			from = &l.timeline
		}
	}
	line := from.downward(q.After)
	if q.Up {
		line = from.upward(q.After)
	}
	return func(yield func(*Stored, error) bool) {
		skip := q.Skip
		for s := range line {
			switch {
			case !s.selected(&q):
			case skip > 0:
				skip--
			case !yield(s, nil):
				return
			}
		}
	}
}

func (a *memoryAccount) Apply(c Change) (*Stored, error) {
	if c.Clear {
		*a = *newMemoryAccount(State{Keys: a.state.Keys, Variants: a.state.Variants})
	}
	if c.Remove != nil {
		a.remove(c.Remove, &c.Add)
	}
	if c.Keys != nil {
		a.state.Keys = c.Keys
	}
	if c.Variants != nil {
		a.state.Variants = c.Variants
	}
	if c.Settings != nil {
		a.state.Settings = c.Settings
	}
	if c.Source != nil {
		a.state.Source = c.Source
	}
	if c.Add.ID == "" {
		return nil, nil
	}
	return a.add(&c.Add), nil
}

// add stores a record.
func (a *memoryAccount) add(r *Record) *Stored {
	l := a.byCreator[r.Creator]
	if l != nil {
		r.Creator = l.name
	}
	s := Pack(r)
	a.put(s)
	return s
}

func (a *memoryAccount) put(s *Stored) {
	if s.Draft() {
		a.drafts[s.ID()] = s
		return
	}
	a.images[s.ID()] = s
	a.bytes += s.Content().Size()
	a.line.put(s)
	l := a.byCreator[s.creator]
	if l == nil {
		l = &creatorLine{name: s.creator}
		a.byCreator[s.creator] = l
	}
	l.put(s)
	if s.position > a.state.Position {
		a.state.Position, a.state.Uploaded = s.position, s.Uploaded()
	}
}

// remove forgets a record. What is to be added in its place in the order takes
// over its entries.
func (a *memoryAccount) remove(s *Stored, next *Record) {
	if s.Draft() {
		delete(a.drafts, s.ID())
		return
	}
	delete(a.images, s.ID())
	a.bytes -= s.Content().Size()
	edited := next.Position == s.position
	if !edited {
		a.line.remove(s.position)
	}
	if edited && next.Creator == s.creator {
		return
	}
	l := a.byCreator[s.creator]
	if l.remove(s.position); l.live == 0 {
		delete(a.byCreator, s.creator)
	}
}

func (a *memoryAccount) Sweep(now time.Time) error {
	maps.DeleteFunc(a.drafts, func(_ string, s *Stored) bool { return s.Expired(now) })
	return nil
}
