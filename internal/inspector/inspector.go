// Package inspector is a web page to look into a mock with: its images as they are
// delivered, uploads, variants, keys, requests, faults and the clock. The page
// talks to the mock as any client does, to its API and to its admin API, and has
// nothing of its own but a list of accounts. It loads nothing from elsewhere.
package inspector

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// Files is the path below which the parts of the page are.
const Files = "/_inspector/"

// Config tells the page where it is.
type Config struct {
	// API is the path of the API, such as "/client/v4".
	API string
	// Admin is the path of the admin API, such as "/_mock".
	Admin string
	// Accounts returns the accounts that the page may show, the first of which is
	// selected, with a token for each. It is asked at every request.
	Accounts func() []Account
	// Open tells that any token may use any account, so that the page may ask for
	// the name of another one.
	Open bool
	// Now is the mock's clock.
	Now func() time.Time
	// Journal and Faults tell which parts of the admin API are there; the sections
	// that show them are hidden otherwise.
	Journal, Faults bool
}

// Account is an account the page may show.
type Account struct {
	ID string `json:"id"`
	// Token is sent to the API, and is never part of an address.
	Token string `json:"token"`
	// Hash stands for the account in delivery URLs.
	Hash string `json:"hash"`
	// FlexibleVariants and BrowserTTL, in seconds, are the account's settings,
	// which the API changes but does not tell.
	FlexibleVariants bool  `json:"flexible_variants"`
	BrowserTTL       int64 `json:"browser_ttl"`
}

//go:embed page
var embedded embed.FS

// policy lets the page use what comes from the mock, and nothing inline.
// Downloads and previews are blobs.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// New returns a handler of the page at "/" and of its parts below [Files]. See
// [Owns] for which requests are meant for it.
func New(c Config) http.Handler {
	pages, err := fs.Sub(embedded, "page")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	index := template.Must(template.ParseFS(pages, "index.html"))
	var page bytes.Buffer
	if err := index.Execute(&page, c); err != nil {
		panic(err) // a mistake in the template, which a test would notice
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page.Bytes()))
	})
	mux.HandleFunc("GET "+Files+"session", c.session)
	mux.Handle("GET "+Files, http.StripPrefix(Files, files(pages)))
	return guarded(mux)
}

// Owns reports whether a request is for the page, so that a server which has other
// paths, too, can pass it on.
func Owns(r *http.Request) bool {
	return r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, Files)
}

// guarded adds what browsers should keep to.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

// files serves single files; there is no list of them, and the template is none.
func files(pages fs.FS) http.Handler {
	next := http.FileServerFS(pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "" || strings.HasSuffix(r.URL.Path, "/") || strings.HasSuffix(r.URL.Path, ".html") {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// session tells the page what it may show.
func (c Config) session(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	accounts := c.Accounts()
	if accounts == nil {
		accounts = []Account{}
	}
	_ = json.NewEncoder(w).Encode(struct {
		Accounts []Account `json:"accounts"`
		Open     bool      `json:"open"`
		Journal  bool      `json:"journal"`
		Faults   bool      `json:"faults"`
		Now      time.Time `json:"now"`
	}{accounts, c.Open, c.Journal, c.Faults, c.Now()})
}
