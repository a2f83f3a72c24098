package conformance

import (
	"context"
	"net/http"
	"slices"
	"sync"
)

// kind is what an entry of a ledger names.
type kind string

const (
	kindImage   kind = "image"
	kindVariant kind = "variant"
	kindKey     kind = "key"
)

type entry struct {
	kind kind
	id   string
}

// path returns where the entry is deleted.
func (e entry) path() string {
	switch e.kind {
	case kindVariant:
		return variantPath(e.id)
	case kindKey:
		return keyPath(e.id)
	default:
		return imagePath(e.id)
	}
}

// ledger holds the names of what a clause may have made. A chosen name is
// written down before the request that uses it, a generated one as soon as it
// is known. Nothing that is not in a ledger is ever deleted.
type ledger struct {
	mu   sync.Mutex
	list []entry
}

func (l *ledger) write(k kind, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := (entry{k, id}); id != "" && !slices.Contains(l.list, e) {
		l.list = append(l.list, e)
	}
}

// strike forgets what the clause has seen deleted.
func (l *ledger) strike(k kind, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = slices.DeleteFunc(l.list, func(e entry) bool { return e == entry{k, id} })
}

// take empties the ledger, newest entry first.
func (l *ledger) take() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	slices.Reverse(list)
	return list
}

// clean deletes what the ledger holds. What is not there any more is fine; it
// returns what could not be deleted.
func (r *run) clean(ctx context.Context, l *ledger) (left []entry) {
	client := r.client(&trace{base: r.base, agent: r.agent("cleanup")})
	for _, e := range l.take() {
		reply, err := r.send(ctx, client, del(e.path()))
		if err == nil && (reply.status/100 == 2 || reply.status == http.StatusNotFound) {
			continue
		}
		// A name that was rightly refused cannot be deleted either.
		reply, err = r.send(ctx, client, get(e.path()))
		if err != nil || reply.status/100 != 4 {
			left = append(left, e)
		}
	}
	return left
}
