package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// WithWait waits until the target answers, for so long at most, before the
// first clause.
func WithWait(d time.Duration) Option { return option(func(r *run) { r.await = d }) }

// WithLedger keeps the ledger of the run in a directory, so that what a run
// that is killed has made can be deleted by [Sweep].
func WithLedger(dir string) Option { return option(func(r *run) { r.ledgerDir = dir }) }

func (r *run) newBook() *book {
	return &book{
		dir:  r.ledgerDir,
		sync: !r.target.local(),
		head: ledgerLine{Version: ledgerVersion, Run: r.id, Target: r.target.BaseURL, Account: r.target.AccountID},
	}
}

// finish proves that nothing is left, and returns what is.
func (r *run) finish() []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), r.finishTime())
	defer cancel()
	left := r.residue(ctx)
	if err := r.book.close(); err != nil {
		left = append(left, err.Error())
	}
	return left
}

const maxLastWord = 30 * time.Second // of a run that was stopped from outside

// finishTime is how long the last reading may take.
func (r *run) finishTime() time.Duration {
	if r.ctx.Err() != nil || r.gate.stopped() != nil && r.limits.Rate == 0 {
		return maxLastWord
	}
	d := 10*time.Minute + r.target.Window
	if r.limits.Rate > 0 {
		d += time.Duration(4 * float64(len(r.book.all())) / r.limits.Rate * float64(time.Second))
	}
	return d
}

// probe asks whether somebody answers at the target's address, and as the API.
func (r *run) probe() error {
	end := time.Now().Add(r.await)
	for {
		got, err := r.ask()
		if err == nil {
			return r.understood(got)
		}
		if !time.Now().Before(end) || pause(r.ctx, 250*time.Millisecond) != nil {
			return fmt.Errorf("%w: %s", ErrUnreachable, redact(err.Error(), r.secrets()))
		}
	}
}

func (r *run) ask() (*reply, error) {
	ctx, cancel := context.WithTimeout(r.ctx, min(10*time.Second, r.target.Timeout))
	defer cancel()
	return r.send(ctx, r.client(r.newTrace("probe")), get(listPath, "per_page", "1"))
}

// understood reports what makes the first answer none of the API to somebody
// who may use the account.
func (r *run) understood(got *reply) error {
	kind, _, _ := mime.ParseMediaType(got.header.Get("Content-Type"))
	switch {
	case got.status == http.StatusUnauthorized, got.status == http.StatusForbidden:
		return fmt.Errorf("%w: the token was refused for the account, with status %d", ErrRefused, got.status)
	case kind == "text/html":
		return fmt.Errorf("%w: %s does not speak this API, its answer is a page of HTML with status %d", ErrRefused, r.target.BaseURL, got.status)
	case got.status == http.StatusNotFound && !strings.HasSuffix(r.target.BaseURL, apiPath) && r.isBelow(apiPath):
		return fmt.Errorf("%w: the API is at %s%s, not at %[2]s", ErrRefused, r.target.BaseURL, apiPath)
	}
	return nil
}

// apiPath is where the real service has its API.
const apiPath = "/client/v4"

// isBelow reports whether a list that is not at the target's address is further
// down.
func (r *run) isBelow(path string) bool {
	ctx, cancel := context.WithTimeout(r.ctx, r.target.Timeout)
	defer cancel()
	q := get("", "per_page", "1")
	q.url = r.target.BaseURL + path + "/accounts/" + url.PathEscape(r.target.AccountID) + listPath
	got, err := r.send(ctx, r.client(r.newTrace("probe")), q)
	return err == nil && got.status == http.StatusOK
}

// survey lists the variants and keys there are before a run that makes some,
// none of which it will touch.
func (r *run) survey() error {
	r.foreign = map[entry]bool{}
	if !r.target.Profile.allows(Account) {
		return nil
	}
	client := r.client(r.newTrace("survey"))
	var v struct {
		Result struct{ Variants map[string]json.RawMessage }
	}
	got, err := r.send(r.ctx, client, get(variantsPath))
	if err != nil {
		return fmt.Errorf("%w: %s", ErrUnreachable, redact(err.Error(), r.secrets()))
	}
	if json.Unmarshal(got.body, &v) == nil {
		for id := range v.Result.Variants {
			r.foreign[entry{kind: kindVariant, id: id}] = true
		}
	}
	if !r.target.Has(FeatureKeys) {
		return nil
	}
	if got, err = r.send(r.ctx, client, get(keysPath)); err != nil {
		return fmt.Errorf("%w: %s", ErrUnreachable, redact(err.Error(), r.secrets()))
	}
	keys, _ := keyList(got.body)
	for _, k := range keys {
		r.hide(k.Value)
		r.foreign[entry{kind: kindKey, id: k.Name}] = true
	}
	return nil
}
