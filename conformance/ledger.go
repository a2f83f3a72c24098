package conformance

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// kind is what an entry of a ledger names.
type kind string

const (
	kindImage   kind = "image"
	kindVariant kind = "variant"
	kindKey     kind = "key"
)

// entry names something a clause may have made.
type entry struct {
	kind kind
	id   string
	// account is the address of the account it is in, empty for the target's.
	account string
	// told says that the target chose the name. It is deleted only if what is
	// there under the name is the run's: a target that is wrong may have told
	// the name of somebody else's image.
	told bool
}

// path returns where the entry is, below its account.
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

// ledger holds the names of what a clause may have made. A name the clause
// chooses is written down before the request that uses it, one the target
// chooses as soon as it is told. Nothing else is ever deleted.
type ledger struct {
	mu   sync.Mutex
	list []entry
}

func (l *ledger) write(k kind, id string) { l.add(entry{kind: k, id: id}) }

func (l *ledger) add(e entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	same := func(o entry) bool { return o.kind == e.kind && o.id == e.id && o.account == e.account }
	if e.id != "" && !slices.ContainsFunc(l.list, same) {
		l.list = append(l.list, e)
	}
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

// account splits an address below the target into that of its account and the
// path below. Addresses elsewhere, such as upload URLs, have neither.
func (r *run) account(address string) (account, path string) {
	rest, ok := strings.CutPrefix(address, r.target.BaseURL+"/accounts/")
	if !ok {
		return "", ""
	}
	rest, _, _ = strings.Cut(rest, "?")
	id, path, _ := strings.Cut(rest, "/")
	account = r.target.BaseURL + "/accounts/" + id
	if account == r.target.BaseURL+"/accounts/"+url.PathEscape(r.target.AccountID) {
		account = ""
	}
	return account, "/" + path
}

// foresee writes down what a request is going to make under a name of its own.
func (t *spec) foresee(q request) {
	account, path := t.account(t.address(q))
	switch {
	case q.method == http.MethodPut && strings.HasPrefix(path, keysPath+"/"):
		name, _ := url.PathUnescape(strings.TrimPrefix(path, keysPath+"/"))
		t.ledger.add(entry{kind: kindKey, id: name, account: account})
	case q.method == http.MethodPost && path == variantsPath:
		var v struct{ ID string }
		if json.Unmarshal(q.body, &v) == nil {
			t.ledger.add(entry{kind: kindVariant, id: v.ID, account: account})
		}
	}
}

// note writes down the image or draft that an answer tells of.
func (t *spec) note(q request, r *reply) {
	if q.method == http.MethodGet || q.method == http.MethodDelete || r.status/100 != 2 {
		return
	}
	account, _ := t.account(t.address(q))
	var e struct{ Result struct{ ID string } }
	if json.Unmarshal(r.body, &e) == nil {
		t.ledger.add(entry{kind: kindImage, id: e.Result.ID, account: account, told: true})
	}
}

// clean deletes what the ledger holds. What is not there any more is fine; it
// returns what could not be deleted, or bears no mark of the run and is left
// alone.
func (r *run) clean(ctx context.Context, l *ledger) (left []entry) {
	client := r.client(&trace{base: r.base, agent: r.agent("cleanup")})
	ask := func(method string, e entry) *reply {
		q := request{method: method, path: e.path()}
		if e.account != "" {
			q.url = e.account + e.path()
		}
		got, err := r.send(ctx, client, q)
		if err != nil {
			return &reply{}
		}
		return got
	}
	for _, e := range l.take() {
		if e.told {
			got := ask(http.MethodGet, e)
			if got.status/100 == 4 {
				continue
			}
			if !r.owns(got) {
				left = append(left, e)
				continue
			}
		}
		if status := ask(http.MethodDelete, e).status; status/100 == 2 || status == http.StatusNotFound {
			continue
		}
		// A name that was rightly refused cannot be deleted either.
		if ask(http.MethodGet, e).status/100 != 4 {
			left = append(left, e)
		}
	}
	return left
}

// owns reports whether an image bears the mark of the run: in its id, its
// creator or its metadata. A draft nobody has posted to holds nothing to lose.
func (r *run) owns(got *reply) bool {
	var e struct{ Result image }
	if got.status != http.StatusOK || json.Unmarshal(got.body, &e) != nil {
		return false
	}
	i := e.Result
	return i.isDraft() || strings.Contains(strings.ToLower(i.ID+" "+i.creator()+" "+string(i.Meta)), r.id)
}
