package rest

import (
	"context"
	"net/http"

	"github.com/cfimages/cfimages/runtime/contract"
)

// walk is one way through a list whose pages have keys.
type walk[K, P, T any] struct {
	op    *contract.Operation
	fetch func(context.Context, K) (P, error)
	items func(P) []T
	// follow says what comes after a page.
	follow func(p P, key K) step[K]
	pages  int // the most that are fetched
	ahead  bool
}

// step is what comes after a page: the page next, nothing if it was the last one,
// or an error. The items of a repeated page are not yielded.
type step[K any] struct {
	next     K
	last     bool
	err      error
	repeated bool
}

// run yields all items, and the error that ends them. It returns when no goroutine
// of it is left.
func (w walk[K, P, T]) run(ctx context.Context, key K, yield func(*T, error) bool) {
	if err := w.all(ctx, key, yield); err != nil {
		yield(nil, err)
	}
}

// all returns nil at the end of the list and when the loop stops.
func (w walk[K, P, T]) all(ctx context.Context, key K, yield func(*T, error) bool) error {
	var pending *fetching[P]
	defer func() { pending.abandon() }() // also of a loop whose body panics
	for n := range w.pages {
		p, err := w.take(ctx, key, pending)
		pending = nil
		if err != nil {
			return err
		}
		s := w.follow(p, key)
		if w.ahead && s.err == nil && !s.last && n+1 < w.pages {
			pending = w.begin(ctx, s.next)
		}
		if !s.repeated && !yieldAll(w.items(p), yield) {
			return nil
		}
		switch {
		case s.err != nil:
			return w.wrong(s.err)
		case s.last:
			return nil
		}
		key = s.next
	}
	return w.wrong(ErrTooManyPages)
}

// wrong is an error in what the server answered.
func (w walk[K, P, T]) wrong(err error) error {
	return &contract.Error{Operation: w.op.Name, Status: http.StatusOK, Err: err}
}

// take returns the page that is being fetched, or fetches it.
func (w walk[K, P, T]) take(ctx context.Context, key K, pending *fetching[P]) (P, error) {
	if pending != nil {
		return pending.wait()
	}
	return w.get(ctx, key)
}

func (w walk[K, P, T]) get(ctx context.Context, key K) (P, error) {
	if err := ctx.Err(); err != nil {
		var none P
		return none, &contract.Error{Operation: w.op.Name, Err: err}
	}
	return w.fetch(ctx, key)
}

// fetching is a page that is being fetched.
type fetching[P any] struct {
	cancel context.CancelFunc
	done   chan struct{}
	page   P
	err    error
	panic  any // what the fetch panicked with
}

func (w walk[K, P, T]) begin(ctx context.Context, key K) *fetching[P] {
	ctx, cancel := context.WithCancel(ctx)
	f := &fetching[P]{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		defer func() { f.panic = recover() }() // to whoever ranges, as without ahead
		f.page, f.err = w.get(ctx, key)
	}()
	return f
}

func (f *fetching[P]) wait() (P, error) {
	<-f.done
	f.cancel()
	if f.panic != nil {
		panic(f.panic)
	}
	return f.page, f.err
}

// abandon ends the fetch, if there is one, and waits for its end.
func (f *fetching[P]) abandon() {
	if f != nil {
		f.cancel()
		<-f.done
	}
}

func yieldAll[T any](list []T, yield func(*T, error) bool) bool {
	for i := range list {
		if !yield(&list[i], nil) {
			return false
		}
	}
	return true
}
