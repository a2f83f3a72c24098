package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// presence is what reading an entry tells.
type presence int

const (
	unknown presence = iota
	absent
	present
)

// cleaner reads and deletes what ledgers name, by their names only.
type cleaner struct {
	run    *run
	client *http.Client
	// id is that of the run whose ledger it is.
	id string
	// why is what the last reading was answered, if it told nothing, and
	// forbidden whether it was not allowed.
	why       string
	forbidden bool
}

func (r *run) cleaner(what, id string) *cleaner {
	t := r.newTrace(what)
	t.cleanup = true
	return &cleaner{run: r, client: r.client(t), id: id}
}

// ask sends a request about an account, with the target's own token. No
// answer is the status 0.
func (c *cleaner) ask(ctx context.Context, account string, q request) *reply {
	if account != "" {
		q.url = c.run.target.BaseURL + "/accounts/" + account + q.path
	}
	for n := 0; ; n++ {
		got, err := c.run.send(ctx, c.client, q)
		if err != nil {
			return &reply{}
		}
		if n == 2 || got.status != http.StatusServiceUnavailable && got.status != http.StatusTooManyRequests {
			return got
		}
		if pause(ctx, 200*time.Millisecond) != nil {
			return &reply{}
		}
	}
}

// look reads an entry, and tells whether what is there is the run's.
func (c *cleaner) look(ctx context.Context, e entry) (at presence, own bool) {
	if e.kind == kindKey {
		return c.lookForKey(ctx, e), c.chose(e.id)
	}
	got := c.ask(ctx, e.account, get(e.path()))
	switch {
	case got.status == http.StatusOK && e.kind == kindImage:
		return present, ownsImage(got, c.id) || !e.told && c.chose(e.id)
	case got.status/100 == 2:
		return present, c.chose(e.id)
	case e.kind == kindVariant && got.status == http.StatusBadRequest:
		// It may be there under a name that cannot be asked for.
		return c.lookForVariant(ctx, e), c.chose(e.id)
	default:
		return c.missing(e, got.status), false
	}
}

// chose reports whether a name is one that the run chose.
func (c *cleaner) chose(id string) bool {
	return hasMark(id, c.id) || c.id == c.run.id && c.run.coined(id)
}

// missing tells what a status other than success says about an entry.
func (c *cleaner) missing(e entry, status int) presence {
	c.forbidden = false
	switch status {
	case http.StatusNotFound, http.StatusGone, http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusRequestURITooLong:
		// A name that cannot be is not there either.
		return absent
	case http.StatusUnauthorized, http.StatusForbidden:
		c.forbidden = true
		if e.account != "" {
			// The token can make nothing in an account it may not use.
			return absent
		}
	}
	c.why = fmt.Sprintf("reading it was answered with %d", status)
	if status == 0 {
		c.why = "reading it had no answer"
	}
	return unknown
}

// lookForKey reads the list of keys: a single one cannot be read.
func (c *cleaner) lookForKey(ctx context.Context, e entry) presence {
	got := c.ask(ctx, e.account, get(keysPath))
	if got.status != http.StatusOK {
		return c.missing(e, got.status)
	}
	keys, ok := keyList(got.body)
	if !ok {
		c.why = "the answer is no list of keys"
		return unknown
	}
	for _, k := range keys {
		c.run.hide(k.Value)
		if k.Name == e.id {
			return present
		}
	}
	return absent
}

// lookForVariant reads the list of variants.
func (c *cleaner) lookForVariant(ctx context.Context, e entry) presence {
	got := c.ask(ctx, e.account, get(variantsPath))
	if got.status != http.StatusOK {
		return c.missing(e, got.status)
	}
	var list struct {
		Result struct{ Variants map[string]json.RawMessage }
	}
	if json.Unmarshal(got.body, &list) != nil || list.Result.Variants == nil {
		c.why = "the answer is no list of variants"
		return unknown
	}
	if list.Result.Variants[e.id] != nil {
		return present
	}
	return absent
}

// keyList reads the keys in an answer.
func keyList(body []byte) ([]signingKey, bool) {
	var e struct{ Result struct{ Keys []signingKey } }
	err := json.Unmarshal(body, &e)
	return e.Result.Keys, err == nil && e.Result.Keys != nil
}

// erase deletes an entry, and proves by reading that it is gone. It returns
// why it is not, or an empty text.
func (c *cleaner) erase(ctx context.Context, e entry) string {
	at, own := c.look(ctx, e)
	switch {
	case at == absent:
		return ""
	case at == unknown:
		return c.why
	case !own:
		return "it bears no mark of the run and was left alone"
	}
	status := c.ask(ctx, e.account, del(e.path())).status
	if c.vanishes(ctx, e) {
		return ""
	}
	return fmt.Sprintf("deleting it was answered with %d, and it is still there", status)
}

// vanishes waits until an entry is not there, for the target's window.
func (c *cleaner) vanishes(ctx context.Context, e entry) bool {
	end := time.Now().Add(c.run.target.Window)
	for {
		if at, _ := c.look(ctx, e); at == absent {
			return true
		}
		if !time.Now().Before(end) || pause(ctx, c.run.poll()) != nil {
			return false
		}
	}
}

const maxFound = 20 // pages of images that bear a mark

// find lists the images that bear a mark of the run, exactly and by the answer
// itself. Nothing else that a list holds is ever looked at.
func (c *cleaner) find(ctx context.Context, mark entry) (found []entry, why string) {
	query := []string{"per_page", "100", "creator", mark.creator}
	if mark.meta != "" {
		query = []string{"per_page", "100", "meta.run[eq]", mark.meta}
	}
	token := ""
	for range maxFound {
		q := query
		if token != "" {
			q = append(append([]string(nil), query...), "continuation_token", token)
		}
		got := c.ask(ctx, mark.account, get(listPath, q...))
		var e struct{ Result page }
		if got.status != http.StatusOK {
			if c.missing(entry{account: mark.account}, got.status) == absent {
				return found, ""
			}
			return found, fmt.Sprintf("the list was answered with %d", got.status)
		}
		if json.Unmarshal(got.body, &e) != nil {
			return found, "the list is none"
		}
		for _, i := range e.Result.Images {
			if mark.bears(i) && hasMark(mark.creator+mark.meta, c.id) {
				found = append(found, entry{kind: kindImage, id: i.ID, account: mark.account, told: true})
			}
		}
		if token = e.Result.more(); token == "" {
			return found, ""
		}
	}
	return found, "the list does not end"
}

// bears reports whether an image bears a mark.
func (e entry) bears(i image) bool {
	if e.creator != "" {
		return i.creator() == e.creator
	}
	var m struct{ Run string }
	return json.Unmarshal(i.Meta, &m) == nil && m.Run == e.meta
}

// clean deletes what a clause may have made. What cannot be deleted is left to
// the end of the run, which reads every entry once more.
func (r *run) clean(ctx context.Context, l *ledger) {
	c := r.cleaner("cleanup", r.id)
	list := l.take()
	c.recognize(ctx, list)
	doubtful := false
	for _, rec := range list {
		if rec.isMark() || rec.refused || rec.deleted {
			continue
		}
		if rec.told && !rec.verified {
			// A name that is told and not there may not be the one given.
			at, own := c.look(ctx, rec.entry)
			if at != present || !own {
				doubtful = true
				continue
			}
		}
		c.ask(ctx, rec.account, del(rec.path()))
	}
	for _, rec := range list {
		if !rec.isMark() {
			continue
		}
		if doubtful {
			rec.open++
		}
		if rec.open > 0 {
			r.recover(ctx, c, rec)
		}
	}
}

// recognize verifies names that were told by a list of their mark, where that
// takes fewer requests than reading each.
func (c *cleaner) recognize(ctx context.Context, list []*record) {
	told := map[string]*record{}
	for _, rec := range list {
		if rec.told && !rec.verified && !rec.deleted {
			told[rec.account+"/"+rec.id] = rec
		}
	}
	for _, rec := range list {
		if !rec.isMark() || len(told) < 2 {
			continue
		}
		found, _ := c.find(ctx, rec.entry)
		for _, e := range found {
			if own := told[e.account+"/"+e.id]; own != nil {
				own.verified = true
				delete(told, e.account+"/"+e.id)
			}
		}
	}
}

// recover deletes the images whose ids were not told, by their mark.
func (r *run) recover(ctx context.Context, c *cleaner, mark *record) {
	found, _ := c.find(ctx, mark.entry)
	for _, e := range found {
		r.book.enter(&record{entry: e})
		c.ask(ctx, e.account, del(e.path()))
	}
}

// residue reads every entry the run has written down, deletes once more what
// is still there, and returns what is left.
func (r *run) residue(ctx context.Context) []string {
	c := r.cleaner("residue", r.id)
	left, silent := []string{}, 0
	for _, rec := range r.book.all() {
		why := "it was not read, as others before it could not be"
		if silent < maxSilent {
			c.why = ""
			why = c.settle(ctx, rec.entry, rec.open > 0)
			if silent++; c.why == "" || c.forbidden {
				silent = 0
			}
		}
		if why == "" || rec.refused && c.forbidden {
			// What was refused and may not be read was not made either.
			rec.gone = true
			r.book.note(rec, stateGone)
			continue
		}
		left = append(left, fmt.Sprintf("%s: %s", rec.entry, redact(why, r.secrets())))
	}
	return left
}

// settle proves that nothing of an entry is left, and returns why it is not so.
// A mark whose requests were all answered is covered by the ids that were told.
func (c *cleaner) settle(ctx context.Context, e entry, open bool) string {
	if !e.isMark() {
		return c.erase(ctx, e)
	}
	if !open {
		return ""
	}
	found, why := c.find(ctx, e)
	for _, f := range found {
		if left := c.erase(ctx, f); left != "" {
			why = f.String() + ": " + left
		}
	}
	return why
}
