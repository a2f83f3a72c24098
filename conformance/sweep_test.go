package conformance_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
)

// ledgerOf writes a ledger as a run that was killed leaves it.
func ledgerOf(t *testing.T, dir, target string, lines ...string) string {
	t.Helper()
	text := fmt.Sprintf(`{"ledger":1,"target":%q,"run":"abcdefgh","account":%q,"at":"2026-01-01T00:00:00Z"}`+"\n", target, accountA)
	for _, line := range lines {
		text += `{"run":"abcdefgh",` + line + `,"at":"2026-01-01T00:00:00Z"}` + "\n"
	}
	name := filepath.Join(dir, "abcdefgh-1.jsonl")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const inProcess = "http://target.invalid/client/v4"

// TestSweepTakesItsOwn sweeps an account with things of the run and others that
// look like them.
func TestSweepTakesItsOwn(t *testing.T) {
	t.Parallel()
	m, dir := mock.New(), t.TempDir()
	a := m.Account(accountA)
	own := []string{theirs(t, m, new("cfc-abcdefgh-1")), theirs(t, m, new("cfc-abcdefgh-1")), theirs(t, m, new("cfc-abcdefgh-2"))}
	kept := []string{theirs(t, m, new("cfc-abcdefgh-11")), theirs(t, m, new("somebody")), theirs(t, m, nil)}
	for _, id := range []string{"cfcabcdefghx1", "theirs"} {
		if _, err := a.CreateVariant(t.Context(), api.VariantCreate{ID: id, Options: api.VariantOptions{Fit: api.VariantFitPad, Width: 1, Height: 1, Metadata: api.VariantMetadataKeep}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"cfcabcdefghk", "theirs"} {
		if _, err := a.PutSigningKey(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	name := ledgerOf(t, dir, inProcess,
		`"kind":"image","creator":"cfc-abcdefgh-1"`, `"kind":"image","id":"`+own[2]+`","told":true`,
		`"kind":"image","id":"`+kept[1]+`","told":true`, `"kind":"image","id":"cfc-abcdefgh-never"`,
		`"kind":"variant","id":"cfcabcdefghx1"`, `"kind":"variant","id":"theirs"`, `"kind":"key","id":"cfcabcdefghk"`, `"kind":"key","id":"theirs"`,
		`"kind":"image","id":"x","account":"5c0ffee05c0ffee05c0ffee05c0ffee0"`, `"kind":"image","creator":"somebody"`)
	report, err := conformance.Sweep(t.Context(), handled(m.Handler(guarded())), dir)
	if err != nil || len(report.Deleted) != 5 || report.Entries != 10 {
		t.Errorf("%+v (%v)", report, err)
	}
	for _, id := range own {
		if _, err := a.GetImage(t.Context(), id); !errors.Is(err, api.ErrImageNotFound) {
			t.Errorf("%s is left (%v)", id, err)
		}
	}
	for _, id := range kept {
		if _, err := a.GetImage(t.Context(), id); err != nil {
			t.Errorf("an image of somebody else is gone: %s", err)
		}
	}
	variants, _ := a.ListVariants(t.Context())
	keys, _ := a.ListSigningKeys(t.Context())
	if len(variants) != 2 || variants["theirs"].ID == "" || len(keys) != 2 || !slices.ContainsFunc(keys, func(k api.SigningKey) bool { return k.Name == "theirs" }) {
		t.Errorf("%d variants and %d keys are left", len(variants), len(keys))
	}
	for _, want := range []string{"image " + kept[1], "variant theirs", "key theirs", "creator somebody"} {
		if !slices.ContainsFunc(report.Left, func(l string) bool { return strings.Contains(l, want) && strings.Contains(l, "no mark of the run") }) {
			t.Errorf("left over lacks %q: %q", want, report.Left)
		}
	}
	if _, err := os.Stat(name); err != nil || len(report.Left) != 4 {
		t.Errorf("%q (%v)", report.Left, err)
	}
}

// TestSweepByMetadata finds an image without a creator.
func TestSweepByMetadata(t *testing.T) {
	t.Parallel()
	m, dir := mock.New(), t.TempDir()
	for _, run := range []string{"cfc-abcdefgh-1", "cfc-abcdefgh-12"} {
		if _, err := m.Account(accountA).UploadImage(t.Context(), api.ImageUpload{
			File: api.Bytes("a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)), Metadata: api.Meta{"run": run},
		}); err != nil {
			t.Fatal(err)
		}
	}
	ledgerOf(t, dir, inProcess, `"kind":"image","meta":"cfc-abcdefgh-1"`)
	report, err := conformance.Sweep(t.Context(), handled(m.Handler(guarded())), dir)
	page, listErr := m.Account(accountA).ListImages(t.Context(), api.ListImagesParams{})
	if err != nil || listErr != nil || !report.Clean() || len(page.Images) != 1 || len(filesIn(t, dir)) != 0 {
		t.Errorf("%+v, %d images are left (%v, %v)", report, len(page.Images), err, listErr)
	}
}

// TestSweepOfNothing covers ledgers that are not about the target, or none.
func TestSweepOfNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dead := conformance.Target{BaseURL: "http://127.0.0.1:1/client/v4", AccountID: accountA, Token: tokenA}
	for name, where := range map[string]string{"no directory": filepath.Join(dir, "none"), "other target": dir} {
		ledgerOf(t, dir, inProcess, `"kind":"image","id":"cfc-abcdefgh-1"`)
		report, err := conformance.Sweep(t.Context(), dead, where)
		others := map[string]int{"other target": 1}[name]
		if err != nil || report.Ledgers != 0 || report.Others != others || !report.Clean() || len(filesIn(t, dir)) != 1 {
			t.Errorf("%s: %+v (%v)", name, report, err)
		}
	}
	ledgerOf(t, dir, dead.BaseURL, `"kind":"image","id":"cfc-abcdefgh-1"`)
	if _, err := conformance.Sweep(t.Context(), dead, dir); !errors.Is(err, conformance.ErrUnreachable) {
		t.Errorf("a dead target: %v", err)
	}
	if _, err := conformance.Sweep(t.Context(), conformance.Target{}, dir); !errors.Is(err, conformance.ErrUsage) {
		t.Errorf("no target: %v", err)
	}
	name := ledgerOf(t, dir, inProcess, `"kind":"thing"`)
	report, err := conformance.Sweep(t.Context(), handled(mock.New().Handler(guarded())), dir)
	if err != nil || len(report.Left) != 1 || !strings.Contains(report.Left[0], name+":2:") {
		t.Errorf("an unreadable ledger: %+v (%v)", report, err)
	}
}

// TestSweepCannotTell checks that what cannot be read does not count as gone,
// unless it was refused.
func TestSweepCannotTell(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inner := mock.New().Handler(guarded())
	target := handled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/images/v2") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	ledgerOf(t, dir, inProcess, `"kind":"image","id":"cfc-abcdefgh-1"`, `"kind":"key","id":"cfcabcdefgh2","state":"refused"`)
	report, err := conformance.Sweep(t.Context(), target, dir)
	if err != nil || len(report.Left) != 1 || !strings.Contains(report.Left[0], "image cfc-abcdefgh-1: reading it was answered with 403") {
		t.Errorf("%+v (%v)", report, err)
	}
}
