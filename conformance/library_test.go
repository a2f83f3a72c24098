package conformance_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/contract"
)

// good is a target that conforms.
func good() conformance.Target {
	return conformance.Target{Handler: mock.New().Handler(guarded()), AccountID: accountA, Token: tokenA}
}

// spoilt is a handler with the defect of a mutant.
func spoilt(t *testing.T, next http.Handler, id string) http.Handler {
	t.Helper()
	h, err := mutants.Wrap(next, id, conformance.Login{AccountID: accountA, Token: tokenA}, conformance.Login{AccountID: accountB, Token: tokenB})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestClauses(t *testing.T) {
	list := conformance.Clauses()
	if len(list) != 319 {
		t.Errorf("there are %d clauses, and were 319", len(list))
	}
	for _, c := range list {
		if !strings.HasPrefix(c.ID, c.Group+"-") || c.Text == "" || !strings.HasSuffix(c.Text, ".") {
			t.Errorf("%s has the group %q and the text %q", c.ID, c.Group, c.Text)
		}
		if !slices.Contains([]conformance.Level{conformance.Must, conformance.Should, conformance.Info}, c.Level) {
			t.Errorf("%s has the level %q", c.ID, c.Level)
		}
		if !slices.Contains([]string{"documented", "sdk", "observed", "assumed"}, c.Evidence) || c.Source == "" {
			t.Errorf("%s has the source %q", c.ID, c.Source)
		}
		if !strings.Contains("RNWAQX", string(c.Safety)) || len(c.Safety) != 1 {
			t.Errorf("%s has the safety class %q", c.ID, c.Safety)
		}
		if !c.Implemented {
			t.Errorf("%s is not implemented", c.ID)
		}
	}
}

// TestNothingChecked covers the ways in which a run could look like a success
// and is none.
func TestNothingChecked(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	hung := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer hung.Close()
	with := func(change func(*conformance.Target)) conformance.Target {
		target := good()
		change(&target)
		return target
	}
	for _, c := range []struct {
		name    string
		target  conformance.Target
		pattern string
		want    error
		exit    int
	}{
		{"no address", with(func(g *conformance.Target) { g.Handler = nil }), "*", conformance.ErrUsage, 2},
		{"no account", with(func(g *conformance.Target) { g.AccountID = "" }), "*", conformance.ErrUsage, 2},
		{"no token", with(func(g *conformance.Target) { g.Token = "" }), "*", conformance.ErrUsage, 2},
		{"relative address", with(func(g *conformance.Target) { g.BaseURL = "localhost:80/x" }), "*", conformance.ErrUsage, 2},
		{"address with a query", with(func(g *conformance.Target) { g.BaseURL = "http://a.invalid/?b" }), "*", conformance.ErrUsage, 2},
		{"unknown feature", with(func(g *conformance.Target) { g.Features = map[conformance.Feature]conformance.Switch{"rangs": "off"} }), "*", conformance.ErrUsage, 2},
		{"unknown profile", with(func(g *conformance.Target) { g.Profile = "everything" }), "*", conformance.ErrUsage, 2},
		{"one account twice", with(func(g *conformance.Target) { g.Second = &conformance.Login{AccountID: accountA, Token: "t"} }), "*", conformance.ErrUsage, 2},
		{"unknown clause", good(), "V1L-999", conformance.ErrUsage, 2},
		{"malformed pattern", good(), "V1L-[", conformance.ErrUsage, 2},
		{"needs unmet", good(), "KYU-*", conformance.ErrNothingSelected, 2},
		{"unknown switch", with(func(g *conformance.Target) { g.Features = map[conformance.Feature]conformance.Switch{"ranges": "no"} }), "*", conformance.ErrUsage, 2},
		{"feature missing", with(func(g *conformance.Target) { g.Features = map[conformance.Feature]conformance.Switch{"ranges": "off"} }), "V2L-06*", conformance.ErrNothingSelected, 2},
		{"dead target", with(func(g *conformance.Target) { g.Handler, g.BaseURL = nil, closed.URL }), "*", conformance.ErrUnreachable, 3},
		{"panicking target", with(func(g *conformance.Target) {
			g.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no") })
		}), "*", conformance.ErrUnreachable, 3},
		{"address without the path of the API", with(func(g *conformance.Target) { g.BaseURL = "http://mock.invalid" }), "*", conformance.ErrRefused, 3},
		{"hung target", with(func(g *conformance.Target) {
			g.Handler, g.BaseURL, g.Timeout = nil, hung.URL, 50*time.Millisecond
		}), "*", conformance.ErrUnreachable, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, err := conformance.Execute(t.Context(), c.target, conformance.WithClauses(c.pattern))
			if !errors.Is(err, c.want) || result != nil {
				t.Errorf("Execute returned %v and %v, want %v", result, err, c.want)
			}
			if got := conformance.ExitCode(result, err); got != c.exit {
				t.Errorf("the exit code is %d, want %d", got, c.exit)
			}
			if err != nil && strings.Contains(err.Error(), tokenA) {
				t.Errorf("the error shows the token: %s", err)
			}
		})
	}
}

// recorder is a test that only remembers what it is told.
type recorder struct {
	testing.TB
	errors, logs []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return context.Background() }
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, strings.TrimSpace(fmt.Sprintf(format, args...)))
}
func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

func TestRunFailsTheTest(t *testing.T) {
	r := &recorder{}
	if conformance.Run(r, good(), conformance.WithClauses("KYU-*")); len(r.errors) != 1 {
		t.Errorf("a run that checks nothing should be one error, not %q", r.errors)
	}
	r = &recorder{}
	wrong := good()
	inner := wrong.Handler
	wrong.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/images/v2") && r.URL.RawQuery == "per_page=1" {
			inner.ServeHTTP(w, r) // or the run would not begin
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html>hello " + tokenA))
	})
	result := conformance.Run(r, wrong)
	if len(r.errors) < 60 || result.Conforms() || conformance.ExitCode(result, nil) != 1 {
		t.Errorf("an HTML page should fail nearly everything, not %d clauses", len(r.errors))
	}
	for _, text := range append(r.errors, r.logs...) {
		if strings.Contains(text, tokenA) {
			t.Errorf("the token is shown:\n%s", text)
		}
	}
	r = &recorder{}
	if conformance.Run(r, good(), conformance.WithClauses("V1L-*", "ENV-*")); len(r.errors) != 0 || len(r.logs) != 1 {
		t.Errorf("a success should be one line, not %q and %q", r.errors, r.logs)
	}
}

// TestFailureMessage holds a report against what it must tell.
func TestFailureMessage(t *testing.T) {
	target := good()
	inner, meta := target.Handler, regexp.MustCompile(`"meta":\{[^}]*\}`)
	target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		inner.ServeHTTP(rec, r)
		text := rec.Body.String()
		if r.Method == http.MethodGet {
			text = meta.ReplaceAllString(text, `"meta":{"wrong":true}`)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(rec.Code)
		fmt.Fprint(w, text)
	})
	var out bytes.Buffer
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("V1C-007"), conformance.WithOutput(&out))
	if err != nil {
		t.Fatal(err)
	}
	o, _ := result.Outcome("V1C-007")
	for _, want := range []string{
		"V1C-007 MUST (sdk, sdk)",
		"Metadata is stored and comes back as meta.",
		"before:  POST http://target.invalid/client/v4/accounts/" + accountA + "/images/v1 -> 200",
		"request: curl -sS 'http://target.invalid/client/v4/accounts/" + accountA + "/images/v1/",
		`-H "Authorization: Bearer $TOKEN"`,
		"answer:  200 OK, content-type: application/json",
		`answer:  {"`,
		"the metadata",
		`"wrong": true`,
		`"k": "v"`,
		"check:   conformance/upload.go:",
	} {
		if !strings.Contains(o.Message, want) {
			t.Errorf("the report lacks %q:\n%s", want, o.Message)
		}
	}
	if n := strings.Count(o.Message, "\n") + 1; n > 30 {
		t.Errorf("the report has %d lines", n)
	}
	if !strings.Contains(out.String(), o.Message) || !strings.Contains(out.String(), result.Summary()) {
		t.Errorf("the output lacks the report or the summary:\n%s", out.String())
	}
}

func TestNotRunIsTold(t *testing.T) {
	target := good()
	target.Features = map[conformance.Feature]conformance.Switch{conformance.FeatureRanges: conformance.Off}
	result := conformance.Run(t, target, conformance.WithClauses("V2L-06*", "KYU-001", "ENV-013", "V1C-026", "KYD-004", "V1L-001"))
	for id, want := range map[string]string{
		"V2L-060": "needs the feature ranges",
		"KYU-001": "needs the profile account or all",
		"ENV-013": "needs the profile all",
		"V1C-026": "needs the profile heavy or all",
		"KYD-004": "needs the profile all",
		"V1C-001": "not chosen",
	} {
		if o, ok := result.Outcome(id); !ok || o.State != conformance.NotRun || o.Message != want {
			t.Errorf("%s is %s with %q, want %q", id, o.State, o.Message, want)
		}
	}
	if o, _ := result.Outcome("V1L-001"); o.State != conformance.Passed || result.Count(conformance.Passed) != 1 {
		t.Errorf("V1L-001 is %s and %d passed", o.State, result.Count(conformance.Passed))
	}
}

// TestLeavesNothing checks that a run deletes what it made and nothing else.
func TestLeavesNothing(t *testing.T) {
	m := mock.New()
	first := m.Account(accountA)
	kept := map[string]string{}
	for range 30 {
		img, err := first.UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("kept.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)), Metadata: api.Meta{"status": "active", "n": 5}})
		if err != nil {
			t.Fatal(err)
		}
		kept[img.ID] = img.Filename
	}
	if _, err := first.CreateVariant(t.Context(), api.VariantCreate{ID: "kept", Options: api.VariantOptions{
		Fit: api.VariantFitPad, Width: 1, Height: 1, Metadata: api.VariantMetadataKeep,
	}}); err != nil {
		t.Fatal(err)
	}
	keys, _ := first.PutSigningKey(t.Context(), "kept")
	target := good()
	target.Handler, target.Profile = m.Handler(guarded()), conformance.ProfileAccount
	conformance.Run(t, target)
	for img, err := range m.Client().AllImages(t.Context(), api.ListImagesParams{}) {
		if err != nil {
			t.Fatal(err)
		}
		t.Errorf("the default account has %s", img.ID)
	}
	page, err := first.ListImages(t.Context(), api.ListImagesParams{PerPage: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, img := range page.Images {
		if kept[img.ID] == "" {
			t.Errorf("%s of %v is left over", img.ID, *img.Creator)
		}
		delete(kept, img.ID)
	}
	if len(kept) > 0 {
		t.Errorf("%d images of somebody else are gone", len(kept))
	}
	variants, _ := first.ListVariants(t.Context())
	after, _ := first.ListSigningKeys(t.Context())
	if len(variants) != 2 || !slices.Equal(after, keys) {
		t.Errorf("there are %d variants, and the keys have changed: %t", len(variants), !slices.Equal(after, keys))
	}
}

// TestLeavesNothingOnAnOpenServer checks that what a server should have refused
// is deleted as well.
func TestLeavesNothingOnAnOpenServer(t *testing.T) {
	for _, id := range []string{"M009", "M010", "M011", "M013", "M065"} {
		m := mock.New()
		target := good()
		target.Handler, target.Profile = spoilt(t, m.Handler(), id), conformance.ProfileAccount
		if _, err := conformance.Execute(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		for _, account := range []string{accountA, accountB, "5c0ffee05c0ffee05c0ffee05c0ffee0"} {
			images, _ := m.Account(account).ListImages(t.Context(), api.ListImagesParams{})
			variants, _ := m.Account(account).ListVariants(t.Context())
			keys, _ := m.Account(account).ListSigningKeys(t.Context())
			if len(images.Images) != 0 || len(variants) != 1 || len(keys) != 1 {
				t.Errorf("%s: %s has %d images, %d variants and %d keys", id, account, len(images.Images), len(variants), len(keys))
			}
		}
	}
}

// TestNewOperation checks that an operation which is added to the table is
// covered by the clauses about every operation.
func TestNewOperation(t *testing.T) {
	target := good()
	added := &contract.Operation{
		ID: "getImageExif", Name: "GetImageExif", Method: "GET", Path: "/accounts/{account_id}/images/v1/{image_id}/exif",
		Binds: api.OpGetImage.Binds, PathParams: api.OpGetImage.PathParams, Result: contract.Result{Kind: contract.ResultJSON},
	}
	target.Operations = append(slices.Clone(api.Contract.Operations), added)
	inner := target.Handler
	target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/exif") {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"result":{"camera":"none"},"success":true,"errors":[],"messages":[]}`))
			return
		}
		inner.ServeHTTP(w, r)
	})
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("ENV-*"))
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]conformance.State{
		"ENV-001": conformance.Passed, "ENV-002": conformance.Passed, "ENV-003": conformance.Passed,
		"ENV-005": conformance.Failed, "ENV-007": conformance.Failed, "ENV-008": conformance.Failed,
	} {
		o, _ := result.Outcome(id)
		if o.State != want || want == conformance.Failed && !strings.Contains(o.Message, "/exif") {
			t.Errorf("%s is %s, want %s: %s", id, o.State, want, o.Message)
		}
	}
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	target := good()
	inner := target.Handler
	var n atomic.Int64 // a request that was cut off may still be served beside the next
	target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 40 {
			cancel()
		}
		inner.ServeHTTP(w, r)
	})
	result, err := conformance.Execute(ctx, target)
	if !errors.Is(err, context.Canceled) || result.Conforms() || conformance.ExitCode(result, err) != 1 {
		t.Errorf("a run that was stopped returned %v", err)
	}
	if result.Count(conformance.NotRun) < 100 {
		t.Errorf("only %d clauses were not run", result.Count(conformance.NotRun))
	}
}

// TestHungServer checks that a target which stops answering does not hold up
// the run.
func TestHungServer(t *testing.T) {
	target := good()
	inner := target.Handler
	target.Timeout = 2 * time.Second
	target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/stats") {
			<-r.Context().Done()
			return
		}
		inner.ServeHTTP(w, r)
	})
	begin := time.Now()
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("STA-001", "VRL-002"))
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := result.Outcome("STA-001"); o.State != conformance.Failed || !strings.Contains(o.Message, "STA-001") || time.Since(begin) > 10*time.Second {
		t.Errorf("STA-001 is %s after %s: %s", o.State, time.Since(begin), o.Message)
	}
	if o, _ := result.Outcome("VRL-002"); o.State != conformance.Passed {
		t.Errorf("VRL-002 is %s: %s", o.State, o.Message)
	}
}

func TestParallelRuns(t *testing.T) {
	for range 3 {
		t.Run("run", func(t *testing.T) {
			t.Parallel()
			conformance.Run(t, good(), conformance.WithClauses("V1G-*", "CON-*"))
		})
	}
}
