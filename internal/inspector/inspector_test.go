package inspector_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/internal/inspector"
)

func page() http.Handler {
	return inspector.New(inspector.Config{
		API: "/client/v4", Admin: "/_mock", Open: true,
		Now:      func() time.Time { return time.Unix(1893456000, 0).UTC() },
		Accounts: func() []inspector.Account { return []inspector.Account{{ID: "a", Token: "t", Hash: "h"}} },
	})
}

func ask(method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	page().ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

// TestFiles gets the page and what it is made of, and nothing else.
func TestFiles(t *testing.T) {
	t.Parallel()
	types := map[string]string{"/": "text/html; charset=utf-8", "/_inspector/session": "application/json"}
	entries, err := fs.ReadDir(os.DirFS("page"), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasSuffix(name, ".js"):
			types["/_inspector/"+name] = "text/javascript; charset=utf-8"
		case strings.HasSuffix(name, ".css"):
			types["/_inspector/"+name] = "text/css; charset=utf-8"
		case strings.HasSuffix(name, ".svg"):
			types["/_inspector/"+name] = "image/svg+xml"
		}
	}
	if len(types) < 10 {
		t.Fatalf("only %d files", len(types))
	}
	for path, want := range types {
		w := ask(http.MethodGet, path)
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || got != want {
			t.Errorf("%s: %d %s, want %s", path, w.Code, got, want)
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy is %s", path, policy)
		}
	}
	for _, path := range []string{"/_inspector/", "/_inspector/index.html", "/_inspector/none.js", "/_inspector/../go.mod", "/_inspector/page/main.js", "/other"} {
		if w := ask(http.MethodGet, path); w.Code != http.StatusNotFound && w.Code/100 != 3 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/", "/_inspector/session", "/_inspector/main.js"} {
		if w := ask(http.MethodPost, path); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
}

// TestSession has the accounts, which nobody may keep.
func TestSession(t *testing.T) {
	t.Parallel()
	w := ask(http.MethodGet, "/_inspector/session")
	var told struct {
		Accounts []inspector.Account
		Open     bool
		Now      time.Time
	}
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	if len(told.Accounts) != 1 || told.Accounts[0] != (inspector.Account{ID: "a", Token: "t", Hash: "h"}) || !told.Open || told.Now.Unix() != 1893456000 {
		t.Errorf("got %+v", told)
	}
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("got %v", w.Header())
	}
}

// TestNoAccounts answers with a list, however few there are.
func TestNoAccounts(t *testing.T) {
	t.Parallel()
	h := inspector.New(inspector.Config{Accounts: func() []inspector.Account { return nil }, Now: time.Now})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_inspector/session", nil))
	if !strings.Contains(w.Body.String(), `"accounts":[]`) {
		t.Errorf("got %s", w.Body)
	}
}

var inline = regexp.MustCompile(`(?i)<script[^>]*>[^<]|<style|\son[a-z]+=|\sstyle=|https?://`)

// TestPageHasNothingInline keeps to the policy: no script and no style within the
// page, nothing from elsewhere, and no account.
func TestPageHasNothingInline(t *testing.T) {
	t.Parallel()
	html := ask(http.MethodGet, "/").Body.String()
	if found := inline.FindString(html); found != "" {
		t.Errorf("the page has %q", found)
	}
	if !strings.Contains(html, `data-api="/client/v4"`) || !strings.Contains(html, `data-admin="/_mock"`) {
		t.Error("the page does not know where the mock is")
	}
}

func TestOwns(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/": true, "/_inspector/main.js": true, "/_inspector": false, "/_mock/clock": false, "/client/v4/accounts": false, "/ZWd9g1K7eljCn_KDTu_MWA/a/public": false,
	} {
		if got := inspector.Owns(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
}
