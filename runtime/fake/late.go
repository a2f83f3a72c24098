package fake

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// late is what an account was until changes that reads do not show yet, see
// [WithConsistencyDelay]. It is empty without a delay. It is kept in memory only:
// after a restart, a reset or a restore everything is seen.
type late struct {
	keys     history[[]api.SigningKey]
	variants history[variants]
	images   histories
}

// history is what one thing was before each of its recent changes, the oldest
// first.
type history[T any] []earlier[T]

type earlier[T any] struct {
	value T
	until time.Time
}

// at returns what reads show at a moment, given the present value.
func (h history[T]) at(now time.Time, present T) T {
	for _, e := range h {
		if now.Before(e.until) {
			return e.value
		}
	}
	return present
}

// note adds what was there before a change, and forgets what is not shown
// anymore.
func (h *history[T]) note(before T, now, until time.Time) {
	*h = append(slices.DeleteFunc(*h, func(e earlier[T]) bool { return !now.Before(e.until) }), earlier[T]{before, until})
}

// histories are those of images and drafts, by their ids. Nil is an id that
// nothing had.
type histories struct {
	byID map[string]history[*store.Stored]
	// order has each entry of byID, the oldest first.
	order []dueID
}

type dueID struct {
	id    string
	until time.Time
}

// note adds what had an id before a change.
func (h *histories) note(id string, before *store.Stored, now, until time.Time) {
	for len(h.order) > 0 && !now.Before(h.order[0].until) {
		h.drop(h.order[0].id)
		h.order = h.order[1:]
	}
	if h.byID == nil {
		h.byID = map[string]history[*store.Stored]{}
	}
	h.byID[id] = append(h.byID[id], earlier[*store.Stored]{before, until})
	h.order = append(h.order, dueID{id, until})
}

// drop forgets the oldest entry of an id.
func (h *histories) drop(id string) {
	if list := h.byID[id]; len(list) > 1 {
		h.byID[id] = list[1:]
		return
	}
	delete(h.byID, id)
}

// noteLate remembers what a change of images or drafts hides for a while. The
// lock is held.
func (a *Account) noteLate(c store.Change) {
	if a.world.lag <= 0 {
		return
	}
	now, until := a.dueTimes()
	if c.Remove != nil {
		a.late.images.note(c.Remove.ID(), c.Remove, now, until)
	}
	if c.Add.ID != "" && (c.Remove == nil || c.Remove.ID() != c.Add.ID) {
		a.late.images.note(c.Add.ID, nil, now, until)
	}
}

// dueTimes returns the present and when a change made now is seen.
func (a *Account) dueTimes() (now, until time.Time) {
	now = a.world.Now()
	return now, now.Add(a.world.lag)
}

// seen finds an image or draft as reads show it. The lock is held, for reading at
// least.
func (a *Account) seen(id string) (*store.Stored, error) {
	history, changed := a.late.images.byID[id]
	if !changed {
		return a.existing(id)
	}
	r, err := a.records.Get(id)
	if err != nil {
		return nil, a.failed(err)
	}
	now := a.world.Now()
	if r = history.at(now, r); r == nil || r.Expired(now) {
		return nil, api.ErrImageNotFound.New() // [assumed] What is not shown is answered as unknown.
	}
	return r, nil
}

// gone reports whether a record is shown though the account has it no more. The
// lock is held, for reading at least.
func (a *Account) gone(r *store.Stored) bool {
	if _, changed := a.late.images.byID[r.ID()]; !changed {
		return false
	}
	present, err := a.records.Get(r.ID())
	return err == nil && (present == nil || present.Content() != r.Content())
}

// listed returns the images that a query selects as lists show them. The lock is
// held, for reading at least.
func (a *Account) listed(q store.Query) iter.Seq2[*store.Stored, error] {
	hidden, shown := a.late.images.differences(a.world.Now(), &q)
	if len(hidden) == 0 {
		return a.records.List(q)
	}
	skip := q.Skip
	q.Skip = 0
	return func(yield func(*store.Stored, error) bool) {
		give := func(r *store.Stored) bool {
			if skip > 0 {
				skip--
				return true
			}
			return yield(r, nil)
		}
		for r, err := range a.records.List(q) {
			if err != nil {
				yield(nil, err)
				return
			}
			for len(shown) > 0 && compare(&q, shown[0], r) <= 0 {
				if !give(shown[0]) {
					return
				}
				shown = shown[1:]
			}
			if !hidden[r.ID()] && !give(r) {
				return
			}
		}
		for _, r := range shown {
			if !give(r) {
				return
			}
		}
	}
}

// differences returns the ids whose present images lists do not show, and what
// they show of those instead, in the order of a query.
func (h *histories) differences(now time.Time, q *store.Query) (hidden map[string]bool, shown []*store.Stored) {
	for id, history := range h.byID {
		unseen := &store.Stored{}
		r := history.at(now, unseen)
		if r == unseen {
			continue // its last change is seen
		}
		if hidden == nil {
			hidden = map[string]bool{}
		}
		hidden[id] = true
		if r != nil && !r.Draft() && selects(q, r) {
			shown = append(shown, r)
		}
	}
	slices.SortFunc(shown, func(x, y *store.Stored) int { return compare(q, x, y) })
	return hidden, shown
}

// compare orders images as a query does.
func compare(q *store.Query, x, y *store.Stored) int {
	if q.Up {
		return cmp.Compare(x.Position(), y.Position())
	}
	return cmp.Compare(y.Position(), x.Position())
}

// selects reports whether a query wants an image that its store does not hold.
func selects(q *store.Query, r *store.Stored) bool {
	switch {
	case q.Creator != nil && *q.Creator != r.Creator(),
		q.Up && r.Position() <= q.After,
		!q.Up && q.After > 0 && r.Position() >= q.After:
		return false
	case q.Match == nil:
		return true
	default:
		meta := r.Meta()
		return meta != nil && q.Match(meta)
	}
}
