package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/fake"
)

const (
	picture  = `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`
	jsonType = "application/json"
)

// FuzzServe sends any request to a mock: it never panics, never answers 5xx and
// always answers an envelope or an image.
func FuzzServe(f *testing.F) {
	type seed struct{ method, path, query, contentType, body string }
	base := "/client/v4" + accounts
	for _, s := range []seed{
		{"GET", base + "/v2", "per_page=1&meta.a[eq:number]=1", "", ""},
		{"GET", base + "/v2", "meta.a[in]=1%7C2&creator=%ff&meta", "", ""},
		{"GET", base + "/v1", "page=2", "", ""},
		{"GET", base + "/v1/seed", "", "", ""},
		{"GET", base + "/v1/seed/blob", "", "", ""},
		{"GET", base + "/v1/a%2F..%2F%00", "%zz", "", ""},
		{"DELETE", base + "/v1/seed", "", "", ""},
		{"PATCH", base + "/v1/seed", "", jsonType, `{"metadata":{"a":1e400},"requireSignedURLs":true}`},
		{"PATCH", base + "/v1/seed", "", jsonType, `{"Metadata":null}`},
		{"POST", base + "/v1", "", form, parts(file, picture, `name="id"`, "a/b", `name="metadata"`, `{"a":[1]}`)},
		{"POST", base + "/v1", "", form, parts(`name="url"`, "https://a.example/%zz")},
		{"POST", base + "/v1", "", "multipart/form-data; boundary=\"\x00\"", "--\x00--"},
		{"POST", base + "/v2/direct_upload", "", form, parts(`name="expiry"`, "2026-05-11T08:31:45Z")},
		{"POST", base + "/v2/direct_upload", "", "", ""},
		{"POST", base + "/v1/variants", "", jsonType, `{"id":"hero","options":{"fit":"cover","metadata":"none","width":1.0,"height":1e3}}`},
		{"PATCH", base + "/v1/variants/public", "", jsonType, `{"options":{}}`},
		{"PUT", base + "/v1/keys/a", "", "", ""},
		{"DELETE", base + "/v1/keys/default", "", "", ""},
		{"GET", base + "/v1/stats", "", "", ""},
		{"POST", "/upload/h/x", "", form, parts(file, picture)},
		{"OPTIONS", "*", "", "", ""},
		{"GET", "//accounts//", ";", "", ""},
	} {
		f.Add(s.method, s.path, s.query, s.contentType, []byte(s.body), "Bearer t", true)
		f.Add(s.method, s.path, s.query, s.contentType, []byte(s.body), "", false)
	}
	f.Fuzz(func(t *testing.T, method, path, query, contentType string, body []byte, authorization string, known bool) {
		h := seeded(t)
		plain, err := url.PathUnescape(path)
		if err != nil {
			plain = path
		}
		r := httptest.NewRequest(http.MethodGet, "/", bytes.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: plain, RawPath: path, RawQuery: query}
		if !known {
			r.ContentLength = -1
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch {
		case w.Code >= 500:
			t.Fatalf("%d %s", w.Code, w.Body)
		case w.Code >= 400:
			checkEnvelope(t, w.Header(), w.Body.Bytes())
		case w.Code != 200:
			t.Fatalf("status %d", w.Code)
		case strings.HasPrefix(w.Header().Get("Content-Type"), "image/"):
			if w.Body.String() != picture {
				t.Fatalf("another image: %q", w.Body)
			}
		default:
			var got map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got["success"] != true || got["result"] == nil {
				t.Fatalf("not an envelope: %v: %s", err, w.Body)
			}
		}
	})
}

// seeded is a mock with an image named seed, which fetches nothing.
func seeded(t testing.TB, opts ...server.Option) http.Handler {
	t.Helper()
	none := func(context.Context, string) (string, string, io.ReadCloser, error) {
		return "", "", nil, errors.New("nothing is fetched")
	}
	h := mock.New(fake.WithFetcher(none), fake.WithSeed(1)).Handler(opts...)
	r := httptest.NewRequest(http.MethodPost, "/client/v4"+accounts+"/v1", strings.NewReader(parts(file, picture, `name="id"`, "seed")))
	r.Header.Set("Content-Type", form)
	r.Header.Set("Authorization", "Bearer t")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return h
}
