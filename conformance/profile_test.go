package conformance_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
)

// counted serves a handler and counts its requests by method.
type counted struct {
	http.Handler
	mu   sync.Mutex
	sent map[string]int
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.sent[r.Method]++
	c.mu.Unlock()
	c.Handler.ServeHTTP(w, r)
}

func (c *counted) total() int {
	n := 0
	for _, sent := range c.sent {
		n += sent
	}
	return n
}

// TestProfiles checks which safety classes each profile has, and what it costs.
func TestProfiles(t *testing.T) {
	t.Parallel()
	for profile, want := range map[conformance.Profile]struct {
		classes  string
		requests int
	}{
		conformance.ProfileSmoke:    {"RW", 40},
		conformance.ProfileReadOnly: {"R", 200},
		conformance.ProfileSafe:     {"NRW", 5300},
		conformance.ProfileAccount:  {"ANRW", 6200},
		conformance.ProfileHeavy:    {"NQRW", 9000},
		conformance.ProfileAll:      {"ANQRWX", 11500},
	} {
		c := &clock{}
		target := everything(c)
		counter := &counted{Handler: mock.New(options(c)...).Handler(guarded()), sent: map[string]int{}}
		target.Handler, target.Profile = counter, profile
		result := conformance.Run(t, target)
		classes := map[string]bool{}
		for _, o := range result.Outcomes {
			if o.State == conformance.Passed {
				classes[string(o.Clause.Safety)] = true
			}
		}
		got := strings.Join(slices.Sorted(maps.Keys(classes)), "")
		t.Logf("%s: classes %s, %d clauses, %v, %d requests", profile, got, result.Count(conformance.Passed), counter.sent, counter.total())
		if got != want.classes || counter.total() > want.requests {
			t.Errorf("%s: the classes are %s and %d requests were sent, want %s and at most %d", profile, got, counter.total(), want.classes, want.requests)
		}
		if profile == conformance.ProfileReadOnly && len(counter.sent) != 1 {
			t.Errorf("readonly sends %v", counter.sent)
		}
	}
}

// remote gives a handler's answers under any address.
type remote struct{ handler http.Handler }

func (r remote) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	r.handler.ServeHTTP(rec, in)
	return rec.Result(), nil
}

// TestGuard checks that an account in use is not changed as a whole without
// its id said twice.
func TestGuard(t *testing.T) {
	t.Parallel()
	image := func(s api.Service) error {
		_, err := s.UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))})
		return err
	}
	variant := func(s api.Service) error {
		_, err := s.CreateVariant(t.Context(), api.VariantCreate{ID: "mine", Options: api.VariantOptions{
			Fit: api.VariantFitPad, Width: 1, Height: 1, Metadata: api.VariantMetadataKeep,
		}})
		return err
	}
	key := func(s api.Service) error {
		_, err := s.PutSigningKey(t.Context(), "mine")
		return err
	}
	none := func(api.Service) error { return nil }
	for _, tt := range []struct {
		name    string
		fill    func(api.Service) error
		profile conformance.Profile
		confirm string
		base    string
		want    string
	}{
		{"empty", none, conformance.ProfileAccount, "", "http://images.invalid", ""},
		{"an image", image, conformance.ProfileAccount, "", "http://images.invalid", "the account holds images"},
		{"a variant", variant, conformance.ProfileAll, "", "http://images.invalid", "the account holds variants"},
		{"a key", key, conformance.ProfileAccount, "", "http://images.invalid", "the account holds signing keys"},
		{"said twice", image, conformance.ProfileAccount, accountA, "http://images.invalid", ""},
		{"another id", image, conformance.ProfileSafe, accountB, "http://images.invalid", "is not that of the account"},
		{"safe", image, conformance.ProfileSafe, "", "http://images.invalid", ""},
		{"this machine", image, conformance.ProfileAll, "", "http://127.0.0.2:99", ""},
		{"this machine by name", image, conformance.ProfileAll, "", "http://localhost", ""},
	} {
		m := mock.New()
		if err := tt.fill(m.Account(accountA)); err != nil {
			t.Fatal(err)
		}
		counter := &counted{Handler: m.Handler(guarded()), sent: map[string]int{}}
		target := conformance.Target{
			BaseURL: tt.base + "/client/v4", HTTPClient: &http.Client{Transport: remote{counter}},
			AccountID: accountA, Token: tokenA, Profile: tt.profile, Confirm: tt.confirm,
		}
		_, err := conformance.Execute(t.Context(), target, conformance.WithClauses("V1G-002", "VRC-001"))
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, conformance.ErrUsage) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: the error is %v, want %q", tt.name, err, tt.want)
		}
		if tt.want != "" && counter.total() != counter.sent["GET"] {
			t.Errorf("%s: %v were sent", tt.name, counter.sent)
		}
	}
}

// TestGuardCannotTell checks that an account which cannot be looked at counts
// as one in use.
func TestGuardCannotTell(t *testing.T) {
	t.Parallel()
	for what, answer := range map[string]http.HandlerFunc{
		"404":  http.NotFound,
		"text": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) },
		"{}":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) },
	} {
		target := conformance.Target{
			BaseURL: "https://images.invalid", HTTPClient: &http.Client{Transport: remote{answer}},
			AccountID: accountA, Token: tokenA, Profile: conformance.ProfileAll,
		}
		if _, err := conformance.Execute(t.Context(), target); !errors.Is(err, conformance.ErrUsage) || !strings.Contains(err.Error(), "cannot be told") {
			t.Errorf("%s: the error is %v", what, err)
		}
	}
}
