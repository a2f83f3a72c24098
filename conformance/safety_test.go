package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
)

// handled is a target with a handler.
func handled(h http.Handler) conformance.Target {
	return conformance.Target{Handler: h, AccountID: accountA, Token: tokenA}
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// theirs is an image of somebody else on the first account.
func theirs(t *testing.T, m *mock.Mock, creator *string) string {
	t.Helper()
	img, err := m.Account(accountA).UploadImage(t.Context(), api.ImageUpload{
		File: api.Bytes("a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)), Creator: creator,
	})
	if err != nil {
		t.Fatal(err)
	}
	return img.ID
}

// TestResidue runs clauses that hold on a server that deletes nothing, and
// sweeps when it does again.
func TestResidue(t *testing.T) {
	t.Parallel()
	var healed atomic.Bool
	inner, dir := mock.New().Handler(guarded()), t.TempDir()
	target := handled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete && !healed.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("V1C-001", "V1C-016"), conformance.WithLedger(dir))
	if err != nil || !result.Conforms() || conformance.ExitCode(result, err) != conformance.ExitResidue {
		t.Fatalf("the exit code is %d: %v", conformance.ExitCode(result, err), err)
	}
	if len(result.Residue) != 6 || !strings.Contains(result.Residue[0], "answered with 500, and it is still there") {
		t.Errorf("left over is %q", result.Residue)
	}
	var report, page, xml bytes.Buffer
	if err := errors.Join(result.WriteJSON(&report), result.WriteMarkdown(&page), result.WriteJUnit(&xml)); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{report.String(): `"residue": [`, page.String(): "## Left over", xml.String(): "residue 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("a report lacks %q:\n%s", want, text)
		}
	}
	swept, err := conformance.Sweep(t.Context(), target, dir, conformance.WithDryRun())
	if err != nil || len(swept.Deleted) != 6 || len(swept.Left) != 6 || swept.Ledgers != 1 {
		t.Errorf("a dry run found %+v (%v)", swept, err)
	}
	if swept, err = conformance.Sweep(t.Context(), target, dir); err != nil || swept.Clean() || len(filesIn(t, dir)) != 1 {
		t.Errorf("a server that deletes nothing was swept: %+v (%v)", swept, err)
	}
	healed.Store(true)
	if swept, err = conformance.Sweep(t.Context(), target, dir); err != nil || !swept.Clean() || len(swept.Deleted) != 6 || len(filesIn(t, dir)) != 0 {
		t.Errorf("the sweep found %+v (%v), and %q stay", swept, err, filesIn(t, dir))
	}
	var out bytes.Buffer
	swept.Write(&out, false)
	if !strings.Contains(out.String(), "1 ledgers with 8 entries: 6 deleted, 0 left over") {
		t.Errorf("it prints\n%s", out.String())
	}
}

// TestFailedAndResidue checks that a clause that fails counts more.
func TestFailedAndResidue(t *testing.T) {
	t.Parallel()
	inner := mock.New().Handler(guarded())
	target := handled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("V1D-001"))
	if conformance.ExitCode(result, err) != conformance.ExitFailed || len(result.Residue) != 2 {
		t.Errorf("the exit code is %d, and left over is %q (%v)", conformance.ExitCode(result, err), result.Residue, err)
	}
}

// TestLedgerIsRemoved checks that a run of which nothing is left leaves no
// ledger either, whatever it checked.
func TestLedgerIsRemoved(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	target := handled(mock.New().Handler(guarded()))
	target.Profile = conformance.ProfileAccount
	result := conformance.Run(t, target, conformance.WithLedger(dir))
	if names := filesIn(t, dir); len(names) != 0 || result.Cost.Requests < 1000 || result.Cost.Images == 0 {
		t.Errorf("%q stay after %+v", names, result.Cost)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

// TestUnwritableLedgerStops checks that nothing is made that cannot be written
// down.
func TestUnwritableLedgerStops(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	counter := &counted{Handler: mock.New().Handler(guarded()), sent: map[string]int{}}
	result, err := conformance.Execute(t.Context(), handled(counter), conformance.WithLedger(filepath.Join(file, "below")))
	if !errors.Is(err, conformance.ErrStopped) || conformance.ExitCode(result, err) != conformance.ExitUnreachable || result.Conforms() {
		t.Errorf("the error is %v", err)
	}
	if counter.sent[http.MethodPost] != 0 {
		t.Errorf("%v were sent", counter.sent)
	}
}

// TestOverBudget checks that a run ends at its budget without a verdict, and
// that nothing is left.
func TestOverBudget(t *testing.T) {
	t.Parallel()
	m, dir := mock.New(), t.TempDir()
	result, err := conformance.Execute(t.Context(), handled(m.Handler(guarded())),
		conformance.WithLimits(conformance.Limits{MaxRequests: 200}), conformance.WithLedger(dir))
	if !errors.Is(err, conformance.ErrStopped) || conformance.ExitCode(result, err) != conformance.ExitUnreachable {
		t.Fatalf("the error is %v", err)
	}
	if result.Conforms() || len(result.Failed()) != 0 || result.Count(conformance.NotRun) < 150 || result.Count(conformance.Passed) == 0 {
		t.Errorf("%s", result.Summary())
	}
	if !strings.Contains(result.Stopped, "the budget of 200 requests is used up") || result.Cost.Requests < 200 {
		t.Errorf("stopped: %q after %+v", result.Stopped, result.Cost)
	}
	page, err := m.Account(accountA).ListImages(t.Context(), api.ListImagesParams{})
	if err != nil || len(page.Images) != 0 || len(filesIn(t, dir)) != 0 || len(result.Residue) != 0 {
		t.Errorf("%d images are left, %q and %q (%v)", len(page.Images), filesIn(t, dir), result.Residue, err)
	}
}

// TestTargetGoesAway checks that a target that goes away during the run is not
// taken for one that fails every clause.
func TestTargetGoesAway(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]http.HandlerFunc{
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"503":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"401":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
	} {
		var n atomic.Int64
		inner := mock.New().Handler(guarded())
		target := handled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) > 300 {
				away(w, r)
				return
			}
			inner.ServeHTTP(w, r)
		}))
		target.Name = name
		result, err := conformance.Execute(t.Context(), target)
		if !errors.Is(err, conformance.ErrUnreachable) || conformance.ExitCode(result, err) != conformance.ExitUnreachable {
			t.Errorf("%s: the error is %v", name, err)
			continue
		}
		if len(result.Failed()) > 8 || result.Count(conformance.NotRun) < 100 || result.Conforms() || result.Stopped == "" {
			t.Errorf("%s: %s", name, result.Summary())
		}
	}
}

// TestTokenRefused checks that a wrong token ends the run before it begins.
func TestTokenRefused(t *testing.T) {
	t.Parallel()
	target := handled(mock.New().Handler(guarded()))
	target.Token = "wrong-token"
	result, err := conformance.Execute(t.Context(), target)
	if !errors.Is(err, conformance.ErrRefused) || conformance.ExitCode(result, err) != conformance.ExitUnreachable || strings.Contains(err.Error(), target.Token) {
		t.Errorf("%v", err)
	}
}

// TestToldForeignID checks that a target which answers an upload with the id of
// somebody else's image does not get that image edited or deleted.
func TestToldForeignID(t *testing.T) {
	t.Parallel()
	m := mock.New()
	foreign := theirs(t, m, new("somebody"))
	inner := m.Handler(guarded())
	target := handled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/images/v1") {
			inner.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		inner.ServeHTTP(rec, r)
		var e map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &e); err != nil {
			t.Error(err)
		}
		if made, ok := e["result"].(map[string]any); ok {
			made["id"] = foreign
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(rec.Code)
		if err := json.NewEncoder(w).Encode(e); err != nil {
			t.Error(err)
		}
	}))
	before, err := m.Account(accountA).GetImage(t.Context(), foreign)
	if err != nil {
		t.Fatal(err)
	}
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("V1D-*", "V1E-*", "V1C-001"))
	if err != nil {
		t.Fatal(err)
	}
	after, err := m.Account(accountA).GetImage(t.Context(), foreign)
	if err != nil || before.Uploaded != after.Uploaded || string(before.Meta) != string(after.Meta) {
		t.Errorf("the image of somebody else is %+v (%v)", after, err)
	}
	if o, _ := result.Outcome("V1D-001"); !strings.Contains(o.Message, "what is there bears no mark of this run") {
		t.Errorf("V1D-001 is %s: %s", o.State, o.Message)
	}
	if len(result.Residue) == 0 || !strings.Contains(result.Residue[0], "left alone") {
		t.Errorf("left over is %q", result.Residue)
	}
	page, err := m.Account(accountA).ListImages(t.Context(), api.ListImagesParams{})
	if err != nil || len(page.Images) != 1 {
		t.Errorf("%d images are left (%v)", len(page.Images), err)
	}
}

// TestLostAnswer checks that an image whose answer was lost is found by its
// mark, and deleted by the run itself.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	m := mock.New()
	inner := m.Handler(guarded())
	target := handled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			inner.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		inner.ServeHTTP(w, r)
	}))
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("V1C-001", "V1C-007", "V1C-014", "DUC-003"))
	if err != nil || result.Count(conformance.Failed) != 4 || len(result.Residue) != 0 {
		t.Errorf("%v, left over is %q, and %s", err, result.Residue, result.Summary())
	}
	page, err := m.Account(accountA).ListImages(t.Context(), api.ListImagesParams{})
	if err != nil || len(page.Images) != 0 {
		t.Errorf("%d images are left (%v)", len(page.Images), err)
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	target := conformance.Target{BaseURL: "http://127.0.0.1:1/client/v4", AccountID: accountA, Token: tokenA, Profile: conformance.ProfileAccount}
	limits := conformance.WithLimits(conformance.Limits{Rate: 2, MaxRequests: 50})
	sheet, err := conformance.Plan(t.Context(), target, conformance.WithSeed(3), limits, conformance.WithClauses("V1[CD]-*", "KYU-*"))
	if err != nil {
		t.Fatal(err)
	}
	rehearsed := handled(mock.New().Handler(guarded()))
	rehearsed.Profile = conformance.ProfileAccount
	result := conformance.Run(t, rehearsed, conformance.WithSeed(3), conformance.WithClauses("V1[CD]-*", "KYU-*"))
	if len(sheet.Rows) != len(conformance.Profiles()) {
		t.Errorf("%d rows", len(sheet.Rows))
	}
	for _, row := range sheet.Rows {
		if row.Chosen != (row.Profile == conformance.ProfileAccount) {
			t.Errorf("%+v", row)
		}
		if row.Chosen && (row.Cost != result.Cost || row.Clauses != result.Count(conformance.Passed) || row.Least.Seconds() != float64(row.Requests)/2) {
			t.Errorf("%+v were foreseen, and %+v sent", row, result.Cost)
		}
	}
	var out bytes.Buffer
	if err := sheet.Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"account (this run)", "minutes", "at most 2 requests a second, 50 requests", "may stop this run before its end"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the sheet lacks %q:\n%s", want, out.String())
		}
	}
	if _, err := conformance.Plan(t.Context(), target, conformance.WithClauses("XYZ-*")); !errors.Is(err, conformance.ErrUsage) {
		t.Errorf("a wrong clause gives %v", err)
	}
}

// TestDefaultRunComesToItsEnd checks that the run somebody gets without asking
// for anything fits in the budget he gets without asking.
func TestDefaultRunComesToItsEnd(t *testing.T) {
	t.Parallel()
	budget := conformance.DefaultLimits(conformance.Target{BaseURL: "https://api.cloudflare.com/client/v4"}).MaxRequests
	result := conformance.Run(t, handled(mock.New().Handler(guarded())))
	if sent := result.Cost.Requests; sent < 1000 || sent > budget {
		t.Errorf("a run sends %d requests, and the budget is %d", sent, budget)
	}
}
