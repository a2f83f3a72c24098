package conformance

import (
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

// entry names something a clause may have made. An image whose id the target
// chooses is an entry without an id until the id is told: its mark finds it.
type entry struct {
	kind kind
	id   string
	// account is that of another account than the target's, as addresses have it.
	account string
	// told says that the target chose the name. It is deleted only if what is
	// there under the name is the run's: a target that is wrong may have told
	// the name of somebody else's image.
	told bool
	// creator and meta are marks: the creator, or the member "run" of the
	// metadata, that the request gave to an image without an id.
	creator, meta string
}

func (e entry) isMark() bool { return e.id == "" }

func (e entry) same(o entry) bool {
	return e.kind == o.kind && e.id == o.id && e.account == o.account && e.creator == o.creator && e.meta == o.meta
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

// String names the entry in reports.
func (e entry) String() string {
	text := string(e.kind) + " " + e.id
	switch {
	case e.creator != "":
		text = "images of the creator " + e.creator
	case e.meta != "":
		text = "images whose metadata has the run " + e.meta
	}
	if e.account != "" {
		text += " in the account " + e.account
	}
	return text
}

// record is an entry with what is known of it.
type record struct {
	entry
	// entered: the book has it.
	entered bool
	// verified: what is there bore the mark of the run when it was read.
	verified bool
	// open counts requests that named it and were not answered clearly.
	open int
	// accepted: a request that named it succeeded.
	accepted bool
	// refused: every request that named it was.
	refused bool
	// deleted: a deletion of it succeeded.
	deleted bool
	// gone: it was proven not to be there.
	gone bool
}

// ledger holds what a clause may have made. A name the clause chooses is
// written down before the request that uses it, one the target chooses as soon
// as it is told. Nothing else is ever deleted.
type ledger struct {
	book *book
	mu   sync.Mutex
	list []*record
	// uploads are drafts by their upload URL.
	uploads map[string]entry
}

func newLedger(b *book) *ledger { return &ledger{book: b, uploads: map[string]entry{}} }

func (l *ledger) write(k kind, id string) { l.add(entry{kind: k, id: id}) }

// add writes an entry down, unless it is there already.
func (l *ledger) add(e entry) *record {
	if e.id == "" && e.creator == "" && e.meta == "" {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.list, func(o *record) bool { return o.same(e) })
	if i >= 0 {
		l.list[i].deleted = false
		return l.list[i]
	}
	rec := &record{entry: e}
	l.list = append(l.list, rec)
	l.book.enter(rec)
	return rec
}

// find returns the record of a name, or nil.
func (l *ledger) find(k kind, id, account string) *record {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, rec := range l.list {
		if rec.kind == k && rec.id == id && rec.account == account {
			return rec
		}
	}
	return nil
}

// told returns a name that the target chose, whichever account it is in; nil if
// it told none such.
func (l *ledger) told(k kind, id string) *record {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, rec := range l.list {
		if rec.kind == k && rec.id == id && rec.told {
			return rec
		}
	}
	return nil
}

// begin notes that a request is about to name the entries.
func (l *ledger) begin(entries []entry) []*record {
	var list []*record
	for _, e := range entries {
		rec := l.add(e)
		if rec == nil {
			continue
		}
		l.mu.Lock()
		if rec.refused {
			// Another attempt is written down anew, before it is made.
			rec.refused = false
			l.book.enter(rec)
		}
		rec.open++
		rec.deleted = false
		l.mu.Unlock()
		list = append(list, rec)
	}
	return list
}

// end notes how a request that named the records was answered. An answer that
// leaves it open whether something was made leaves the records open, too.
func (l *ledger) end(list []*record, status int, told bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, rec := range list {
		switch {
		case status/100 == 2 && (told || !rec.isMark()):
			rec.open--
			rec.accepted = true
		case status/100 == 4 && status != http.StatusTooManyRequests:
			rec.open--
			if rec.open == 0 && !rec.accepted {
				rec.refused = true
				l.book.note(rec, stateRefused)
			}
		}
	}
}

// verify notes that what is there under a told name is the run's.
func (l *ledger) verify(rec *record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec.verified = true
}

func (l *ledger) isVerified(rec *record) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return rec.verified
}

// drop notes that a deletion succeeded.
func (l *ledger) drop(rec *record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rec.deleted = true
}

// take returns the records, newest first, and empties the ledger.
func (l *ledger) take() []*record {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	slices.Reverse(list)
	return list
}

// account splits an address below the target into that of its account and the
// path below. Addresses elsewhere, such as upload URLs, have neither. The
// account is empty for the target's own.
func (r *run) account(address string) (account, path string) {
	rest, ok := strings.CutPrefix(address, r.target.BaseURL+"/accounts/")
	if !ok {
		return "", ""
	}
	rest, _, _ = strings.Cut(rest, "?")
	account, path, _ = strings.Cut(rest, "/")
	if account == url.PathEscape(r.target.AccountID) {
		account = ""
	}
	return account, "/" + path
}

// hasMark reports whether a text bears the mark of a run.
func hasMark(text, run string) bool { return strings.Contains(strings.ToLower(text), run) }

// ownsImage reports whether an image bears the mark of a run: in its id, its
// creator or its metadata. A draft that nobody has posted to and that has
// neither creator nor metadata holds nothing to lose.
func ownsImage(got *reply, run string) bool {
	var e struct{ Result image }
	if got.status != http.StatusOK || json.Unmarshal(got.body, &e) != nil {
		return false
	}
	i := e.Result
	blank := i.creator() == "" && (len(i.Meta) == 0 || string(i.Meta) == "null" || string(i.Meta) == "{}")
	return i.isDraft() && blank || hasMark(i.ID+" "+i.creator()+" "+string(i.Meta), run)
}

// tell notes the upload URL of a draft.
func (l *ledger) tell(uploadURL string, e entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if uploadURL != "" {
		l.uploads[uploadURL] = e
	}
}

// draft returns the draft that an address is the upload URL of.
func (l *ledger) draft(uploadURL string) entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.uploads[uploadURL]
}
