package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/mock"
)

// sticky is a mock that deletes nothing.
func sticky(t *testing.T) string {
	t.Helper()
	m := mock.New()
	inner := m.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	m.SetAddress(server.URL)
	return m.URL()
}

// TestProcessesAreSafe checks that what a run leaves and costs is known of all
// its processes.
func TestProcessesAreSafe(t *testing.T) {
	t.Parallel()
	good := mock.Start(t).URL()
	for _, tt := range []struct {
		name, url string
		args      []string
		want      int
		says      string
		residue   int
		ledgers   bool
	}{
		{"nothing left", good, []string{"--clause", "V1C-*"}, 0, " 0 failed", 0, false},
		{"over budget", good, []string{"--max-requests", "60"}, 3, "the budget of 30 requests is used up", 0, false},
		{"left over", sticky(t), []string{"--clause", "V1C-00[1567]"}, 4, "may be left over", 5, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			report, ledger := filepath.Join(dir, "r.json"), filepath.Join(dir, "ledger")
			args := append([]string{"conformance", "run", "--procs", "2", "--url", tt.url, "--account", "a", "--token", "t-secret",
				"--feature", "auth=off", "--json", report, "--ledger", ledger}, tt.args...)
			var out buffer
			if got := run(t.Context(), args, &out, &out); got != tt.want || !strings.Contains(out.String(), tt.says) {
				t.Errorf("exit status %d, want %d with %q; printed\n%s", got, tt.want, tt.says, out.String())
			}
			text, err := os.ReadFile(report)
			if err != nil {
				t.Fatal(err)
			}
			var r struct {
				Residue []string
				Cost    struct{ Requests, Images int }
			}
			if err := json.Unmarshal(text, &r); err != nil || r.Cost.Requests < 20 || r.Cost.Images == 0 || len(r.Residue) < tt.residue || tt.residue == 0 && len(r.Residue) > 0 {
				t.Errorf("%+v (%v)", r, err)
			}
			files, err := filepath.Glob(filepath.Join(ledger, "*"))
			if err != nil || (len(files) > 0) != tt.ledgers {
				t.Errorf("the ledgers %q are left (%v)", files, err)
			}
			for _, name := range append(files, report) {
				if text, err := os.ReadFile(name); err != nil || strings.Contains(string(text), "t-secret") {
					t.Errorf("%s shows the token (%v)", name, err)
				}
			}
		})
	}
}

// TestSweepGoesWhereTheRunWent checks that a sweep reads the variables that a
// run reads, and does not turn to the real service instead.
func TestSweepGoesWhereTheRunWent(t *testing.T) {
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "a")
	t.Setenv("CLOUDFLARE_API_TOKEN", "t")
	for _, name := range []string{"CLOUDFLARE_BASE_URL", "CFIMAGES_CONFORMANCE_URL"} {
		t.Setenv(name, "ftp://"+strings.ToLower(name))
		var out buffer
		if got := run(t.Context(), []string{"conformance", "sweep", "--ledger", t.TempDir()}, &out, &out); got != 2 || !strings.Contains(out.String(), strings.ToLower(name)) {
			t.Errorf("%s: exit status %d, printed\n%s", name, got, out.String())
		}
	}
}
