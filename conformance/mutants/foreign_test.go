package mutants_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/fake"
)

const (
	foreignImages   = 500
	foreignVariants = 50
	foreignDrafts   = 5
)

var logins = []conformance.Login{
	{AccountID: "7d1f0c93b85e4a26a4c2e9d06b3f8517", Token: "token-of-the-first-account"},
	{AccountID: "1e2d3c4b5a69788796a5b4c3d2e1f001", Token: "token-of-the-second-account"},
}

// inUse is an account that holds what others have put there.
type inUse struct {
	mock   *mock.Mock
	ahead  atomic.Int64
	images []string
	drafts []string
	names  map[string]bool
	// before is the state at the start.
	before map[string]string
	mu     sync.Mutex
	// touched are requests of the suite that named what is not its own.
	touched []string
}

// occupied fills an account.
func occupied(t *testing.T) *inUse {
	t.Helper()
	a := &inUse{names: map[string]bool{"public": true, "default": true, "theirkey": true}}
	now := func() time.Time { return time.Now().Add(time.Duration(a.ahead.Load())) }
	a.mock = mock.New(fake.WithClock(now), fake.WithPrivateFetch())
	m := a.mock.Account(logins[0].AccountID)
	for i := range foreignImages {
		in := api.ImageUpload{File: api.Bytes("theirs.svg", fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg"><!-- %d --></svg>`, i))}
		switch i % 4 {
		case 0:
			in.ID = fmt.Sprintf("theirs/%d.svg", i)
		case 1:
			in.RequireSignedURLs = true
		case 2:
			in.Creator, in.Metadata = new("somebody"), api.Meta{"n": i, "status": "active", "run": "theirs"}
		}
		img, err := m.UploadImage(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		a.images, a.names[img.ID] = append(a.images, img.ID), true
	}
	for i := range foreignVariants - 1 { // and public
		v := api.VariantCreate{ID: fmt.Sprintf("theirs%d", i), Options: api.VariantOptions{
			Fit: api.VariantFitPad, Width: int64(i + 1), Height: 9, Metadata: api.VariantMetadataKeep,
		}}
		if _, err := m.CreateVariant(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		a.names[v.ID] = true
	}
	for range foreignDrafts {
		d, err := m.CreateDirectUpload(t.Context(), api.DirectUpload{Creator: new("somebody"), Expiry: now().Add(5 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		a.drafts, a.names[d.ID] = append(a.drafts, d.ID), true
	}
	if _, err := m.PutSigningKey(t.Context(), "theirkey"); err != nil {
		t.Fatal(err)
	}
	a.before = a.state(t)
	return a
}

// state returns a hash of each thing the account holds, by its name.
func (a *inUse) state(t *testing.T) map[string]string {
	t.Helper()
	ctx, m, state := t.Context(), a.mock.Account(logins[0].AccountID), map[string]string{}
	put := func(name string, v any, err error) {
		text, _ := json.Marshal(v)
		state[name] = fmt.Sprintf("%x %v", sha256.Sum256(text), err)
	}
	for _, id := range append(slices.Clone(a.images), a.drafts...) {
		img, err := m.GetImage(ctx, id)
		put("image "+id, a.known(img), err)
	}
	for _, id := range a.images {
		blob, err := m.GetImageBlob(ctx, id)
		var data []byte
		if err == nil {
			data, err = io.ReadAll(blob)
		}
		put("blob of "+id, data, err)
	}
	var theirs []*api.Image
	for token := ""; ; {
		list, err := m.ListImages(ctx, api.ListImagesParams{PerPage: 1000, ContinuationToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, img := range list.Images {
			if a.names[img.ID] {
				theirs = append(theirs, a.known(&img))
			}
		}
		if list.ContinuationToken == nil {
			break
		}
		token = *list.ContinuationToken
	}
	put("list", theirs, nil)
	variants, err := m.ListVariants(ctx)
	for id, v := range variants {
		if a.names[id] {
			put("variant "+id, v, err)
		}
	}
	keys, err := m.ListSigningKeys(ctx)
	for _, k := range keys {
		if a.names[k.Name] {
			put("key "+k.Name, k, err)
		}
	}
	return state
}

// known leaves out of an image the URLs of variants that were not there before.
func (a *inUse) known(img *api.Image) *api.Image {
	if img == nil {
		return nil
	}
	own := *img
	own.Variants = slices.DeleteFunc(slices.Clone(img.Variants), func(u string) bool { return !a.names[u[strings.LastIndex(u, "/")+1:]] })
	return &own
}

var (
	idInForm = regexp.MustCompile(`name="id"(?:\r\n[^\r\n]+)*\r\n\r\n([^\r]*)\r\n`)
	idInJSON = regexp.MustCompile(`^\s*\{.*"id":"([^"]*)"`)
)

// watched notes requests that name what the account held before, or that are
// for everything it holds.
func (a *inUse) watched(next http.Handler, all bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var names []string
		for _, part := range strings.Split(r.URL.EscapedPath(), "/") {
			name, _ := url.PathUnescape(part)
			names = append(names, name)
		}
		for _, re := range []*regexp.Regexp{idInForm, idInJSON} {
			for _, found := range re.FindAllSubmatch(body[:min(len(body), 8<<10)], -1) {
				names = append(names, string(found[1]))
			}
		}
		last := names[len(names)-1]
		for _, name := range names {
			// The profile all deletes public and default on purpose, and makes
			// public anew.
			if a.names[name] && !(all && (name == "public" || name == "default")) {
				a.note(r, name)
			}
		}
		if r.Method == http.MethodDelete && !all && slices.Contains([]string{"v1", "v2", "keys", "variants"}, last) {
			a.note(r, "everything")
		}
		next.ServeHTTP(w, r)
	})
}

func (a *inUse) note(r *http.Request, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.touched = append(a.touched, fmt.Sprintf("%s %s by %s names %s", r.Method, r.URL, r.UserAgent(), name))
}

// target is the account as the suite may use it with a profile.
func (a *inUse) target(p conformance.Profile, wrap func(http.Handler) http.Handler) conformance.Target {
	admit := func(_ context.Context, who server.Credentials, binds []string) error {
		for _, l := range logins {
			if who.Token == l.Token && l.AccountID == binds[0] {
				return nil
			}
			if who.Token == l.Token {
				return api.ErrForbidden
			}
		}
		return api.ErrUnauthenticated
	}
	has := map[conformance.Feature]conformance.Switch{}
	for _, f := range conformance.Features() {
		has[f] = conformance.On
	}
	return conformance.Target{
		Handler:   a.watched(wrap(a.mock.Handler(server.WithAuth(admit))), p == conformance.ProfileAll),
		AccountID: logins[0].AccountID, Token: logins[0].Token, Second: &logins[1],
		Profile: p, Features: has, Timeout: 2 * time.Minute,
		Advance: func(d time.Duration) { a.ahead.Add(int64(d)) },
	}
}

func right(h http.Handler) http.Handler { return h }

// check runs clauses and demands that nothing of others was named. It returns
// what of theirs has changed.
func (a *inUse) check(t *testing.T, target conformance.Target, clauses ...string) (changed []string) {
	t.Helper()
	a.touched = nil
	a.ahead.Store(0)
	_, err := conformance.Execute(t.Context(), target, conformance.WithClauses(clauses...), conformance.WithSeed(1))
	if err != nil {
		t.Error(err)
	}
	for _, text := range a.touched {
		t.Error(text)
	}
	a.ahead.Store(0)
	after := a.state(t)
	for name, hash := range a.before {
		if after[name] != hash {
			changed = append(changed, name)
		}
	}
	return changed
}

// TestForeignObjects runs every profile on an account that others use.
func TestForeignObjects(t *testing.T) {
	a := occupied(t)
	for _, p := range conformance.Profiles() {
		t.Run(string(p), func(t *testing.T) {
			for _, name := range a.check(t, a.target(p, right)) {
				t.Errorf("%s has changed", name)
			}
		})
	}
}

// damaging are the mutants that change by themselves what others have, whoever
// sends which request about things of its own. What the suite's requests name
// is watched with them, too.
var damaging = map[string]string{
	"M149": "an edit of any variant is made to all of them",
	"M330": "a PUT of any key rotates all of them",
	"M331": "a DELETE of any key rotates the others",
	"M607": "a DELETE of any variant empties the metadata of all images",
	"M646": "a DELETE of the whole collection, which is refused and only the profile all sends, empties it",
}

// TestForeignObjectsOfMutants runs the killers of mutants on such an account:
// of each damaging one and of every twelfth, or with CFIMAGES_FOREIGN=all those
// of every mutant, and every clause on some.
func TestForeignObjectsOfMutants(t *testing.T) {
	long := os.Getenv("CFIMAGES_FOREIGN") == "all"
	a := occupied(t)
	for i, m := range mutants.All() {
		if !long && i%12 != 0 && damaging[m.ID] == "" {
			continue
		}
		if slices.Contains(m.Killers, "V1C-040") {
			continue // which fills the account, and so is never asked of one that others use
		}
		t.Run(m.ID, func(t *testing.T) {
			changed := a.check(t, a.spoilt(t, m.ID), m.Killers...)
			if long && i%25 == 0 {
				changed = append(changed, a.check(t, a.spoilt(t, m.ID))...)
			}
			if len(changed) == 0 {
				return
			}
			a = occupied(t)
			if damaging[m.ID] == "" {
				t.Errorf("where %s: %d things have changed, such as %s", m.Text, len(changed), changed[0])
			}
		})
	}
}

// spoilt is the account behind a mutant.
func (a *inUse) spoilt(t *testing.T, id string) conformance.Target {
	t.Helper()
	return a.target(conformance.ProfileAll, func(next http.Handler) http.Handler {
		h, err := mutants.Wrap(next, id, logins...)
		if err != nil {
			t.Fatal(err)
		}
		return h
	})
}
