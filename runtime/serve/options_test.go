package serve_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/serve"
)

func TestLogins(t *testing.T) {
	t.Parallel()
	h := serving(echoing(), server.WithLogins(
		server.Token("first", "acc0"), server.Token("second", "acc1", "acc2"), server.Token("root"),
		server.Token("first", "acc3"), server.Key("me@example.com", "k3y", "acc0"),
	))
	for _, tt := range []struct {
		account string
		header  map[string]string
		kind    *api.ErrorKind
	}{
		{"acc0", map[string]string{"Authorization": "Bearer first"}, nil},
		{"acc3", map[string]string{"Authorization": "Bearer first"}, nil},
		{"acc1", map[string]string{"Authorization": "Bearer first"}, api.ErrForbidden},
		{"acc2", map[string]string{"Authorization": "Bearer second"}, nil},
		{"acc0", map[string]string{"Authorization": "Bearer second"}, api.ErrForbidden},
		{"acc9", map[string]string{"Authorization": "Bearer root"}, nil},
		{"acc0", map[string]string{"Authorization": "Bearer firs"}, api.ErrUnauthenticated},
		{"acc0", map[string]string{"Authorization": "Bearer k3y"}, api.ErrUnauthenticated},
		{"acc0", map[string]string{"Authorization": "", "X-Auth-Email": "me@example.com", "X-Auth-Key": "k3y"}, nil},
		{"acc1", map[string]string{"Authorization": "", "X-Auth-Email": "me@example.com", "X-Auth-Key": "k3y"}, api.ErrForbidden},
		{"acc0", map[string]string{"Authorization": "", "X-Auth-Email": "you@example.com", "X-Auth-Key": "k3y"}, api.ErrUnauthenticated},
		{"acc0", map[string]string{"Authorization": "", "X-Auth-Email": "k3y", "X-Auth-Key": "me@example.com"}, api.ErrUnauthenticated},
		{"acc0", map[string]string{"Authorization": "", "X-Auth-Email": "me@example.com"}, api.ErrUnauthenticated},
	} {
		w := do(t, h, request{method: "GET", path: "/accounts/" + tt.account + "/images/v1/a", header: tt.header})
		if tt.kind != nil {
			wantError(t, w, tt.kind, "")
		} else if w.Code != 200 {
			t.Errorf("%v, %s: %d %s", tt.header, tt.account, w.Code, w.Body)
		}
	}
}

func TestCredentialsAreNotPrinted(t *testing.T) {
	t.Parallel()
	who := serve.Credentials{Token: "s3cret", Headers: map[string]string{"X-Auth-Key": "s3cret"}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, who); strings.Contains(text, "s3cret") {
			t.Errorf("%s prints %s", verb, text)
		}
		if text := fmt.Sprintf(verb, serve.Token("s3cret")); text != "[login]" {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "who", who, "in", struct{ Who serve.Credentials }{who})
	if text := log.String(); strings.Contains(text, "s3cret") || strings.Count(text, `"[credentials]"`) != 2 {
		t.Errorf("a log in JSON is %s", text)
	}
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	var order []string
	named := func(name string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name)
				if r.Header.Get("X-Panic") == name {
					panic("s3cret")
				}
				w.Header().Set("X-"+name, "seen")
				next.ServeHTTP(w, r)
				order = append(order, r.Pattern)
			})
		}
	}
	log, lines := logged()
	h := serving(echoing(), server.WithMiddleware(named("Outer"), nil, named("Middle")), server.WithMiddleware(named("Inner")), server.WithLogger(log))
	w := do(t, h, request{method: "GET", path: accounts + "/v1/a"})
	if got := strings.Join(order[:3], " "); w.Code != 200 || got != "Outer Middle Inner" || order[3] != "GET /accounts/{account_id}/images/v1/{image_id}" {
		t.Errorf("%d, %q", w.Code, order)
	}
	if w.Header().Get("X-Outer") == "" || w.Header().Get("X-Inner") == "" {
		t.Errorf("headers %v", w.Header())
	}
	for _, name := range []string{"Outer", "Inner"} {
		w := do(t, h, request{method: "GET", path: accounts + "/v1/a", header: map[string]string{"X-Panic": name}})
		wantError(t, w, api.ErrInternal, "")
	}
	if !strings.Contains(lines(), "panic") || !strings.Contains(lines(), "options_test.go") {
		t.Errorf("logged %q", lines())
	}
	wantError(t, do(t, h, request{method: "GET", path: "/nowhere"}), api.ErrNoRoute, "")
}

func TestLimits(t *testing.T) {
	t.Parallel()
	variant := `{"id":"hero","options":{"fit":"cover","metadata":"none","width":1,"height":1}}`
	h := serving(uploads(), server.WithLimits(server.Limits{JSON: int64(len(variant)) - 1, Text: 10, Parts: 2, PartHeader: 80, Header: 200}))
	wantError(t, do(t, h, request{method: "POST", path: accounts + "/v1/variants", header: map[string]string{"Content-Type": jsonType}, body: strings.NewReader(variant)}), api.ErrEntityTooLarge, "")
	for _, body := range []string{
		parts(file, "PNG", `name="creator"`, "more than ten characters"),
		parts(file, "PNG", `name="x"`, "a", `name="y"`, "b"),
		parts(file+"; x="+strings.Repeat("y", 60), "PNG"),
	} {
		if w := do(t, h, request{method: "POST", path: accounts + "/v1", header: map[string]string{"Content-Type": form}, body: strings.NewReader(body)}); w.Code < 400 || w.Code > 499 {
			t.Errorf("%q is answered %d", body, w.Code)
		}
	}
	if w := do(t, h, request{method: "POST", path: accounts + "/v1", header: map[string]string{"Content-Type": form}, body: strings.NewReader(parts(file, "PNG"))}); w.Code != 200 {
		t.Errorf("within the limits: %d %s", w.Code, w.Body)
	}
	w := do(t, h, request{method: "GET", path: accounts + "/v1/a", header: map[string]string{"X-Long": strings.Repeat("x", 200)}})
	if w.Code != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a long head is answered %d %s", w.Code, w.Body)
	}
}

func TestStrictQuery(t *testing.T) {
	t.Parallel()
	h := serving(echoing(), server.WithStrictQuery())
	for query, refused := range map[string]string{
		"creator=a&per_page=1":                      "",
		"meta.a[eq]=x&%6Deta.b%5Beq%5D=y&&creator=": "",
		"creator=a&page=1":                          "page is not a parameter of this operation",
		"metadata=1":                                "metadata is not a parameter",
		"Creator=a":                                 "Creator is not a parameter",
		"=":                                         " is not a parameter",
	} {
		w := do(t, h, request{method: "GET", path: accounts + "/v2?" + query})
		if refused != "" {
			wantError(t, w, api.ErrBadRequest, refused)
		} else if w.Code != 200 {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	wantError(t, do(t, h, request{method: "GET", path: accounts + "/v1/a?x=1"}), api.ErrBadRequest, "x is not a parameter")
}

func TestAccept(t *testing.T) {
	t.Parallel()
	s := echoing()
	s.blob = func(string) (*api.Stream, error) {
		return &api.Stream{ReadCloser: io.NopCloser(strings.NewReader("PNG")), ContentType: "image/png", Size: 3}, nil
	}
	h := serving(s, server.WithNegotiation())
	for _, tt := range []struct {
		path, accept string
		status       int
	}{
		{"/v1/a", "", 200},
		{"/v1/a", "*/*", 200},
		{"/v1/a", "application/*;q=0.1", 200},
		{"/v1/a", "text/html, Application/JSON;q=0.9", 200},
		{"/v1/a", "text/html", 406},
		{"/v1/a", "application/json;q=0, */*", 406},
		{"/v1/a", "application/json;q=x", 406},
		{"/v1/a/blob", "image/webp,image/*;q=0.5", 200},
		{"/v1/a/blob", "image/png", 200},
		{"/v1/a/blob", "*/*", 200},
		{"/v1/a/blob", "application/json", 406},
	} {
		w := do(t, h, request{method: "GET", path: accounts + tt.path, header: map[string]string{"Accept": tt.accept}})
		if w.Code != tt.status {
			t.Errorf("%s, Accept %q: %d, want %d", tt.path, tt.accept, w.Code, tt.status)
		}
	}
	if w := do(t, serving(s), request{method: "GET", path: accounts + "/v1/a", header: map[string]string{"Accept": "text/html"}}); w.Code != 200 {
		t.Errorf("by default the header is looked at: %d", w.Code)
	}
}

func TestFailuresAsText(t *testing.T) {
	t.Parallel()
	failed := api.ErrImageNotFound.New()
	failed.Messages = append(failed.Messages, api.ErrBadRequest.New().Messages...)
	h := serving(&stub{get: func(string) (*api.Image, error) { return nil, failed }})
	for accept, text := range map[string]bool{
		"text/plain": true, "text/plain, */*;q=0.1": true, "text/*": true, "application/json;q=0.5, text/plain": true,
		"": false, "*/*": false, "text/html": false, "text/plain, application/json": false, "text/plain;q=0.5, application/json": false,
	} {
		r := httptest.NewRequest(http.MethodGet, accounts+"/v1/a", nil)
		r.Header.Set("Authorization", "Bearer t")
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch {
		case w.Code != 404:
			t.Errorf("%q: %d", accept, w.Code)
		case text && (w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Body.String() != "ERROR 5404: Image not found\nERROR 5400: Bad request\n"):
			t.Errorf("%q: %v %s", accept, w.Header(), w.Body)
		case !text:
			checkEnvelope(t, w.Header(), w.Body.Bytes())
		}
	}
}

func TestHEAD(t *testing.T) {
	t.Parallel()
	s := echoing()
	read := 0
	s.blob = func(string) (*api.Stream, error) {
		content := writerFunc(func(p []byte) (int, error) { read++; return 0, io.EOF })
		return &api.Stream{ReadCloser: io.NopCloser(content), ContentType: "image/png", Size: 3}, nil
	}
	srv := httptest.NewServer(serving(s, server.WithHEAD()))
	defer srv.Close()
	for path, want := range map[string]string{"/v1/a": jsonType, "/v1/a/blob": "image/png"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, srv.URL+accounts+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer t")
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != want || resp.ContentLength <= 0 || read != 0 {
			t.Errorf("%s: %d %v, read %d times", path, resp.StatusCode, resp.Header, read)
		}
	}
	w := do(t, serving(s, server.WithHEAD()), request{method: "PUT", path: accounts + "/v1/a"})
	if got := w.Header().Get("Allow"); got != "DELETE, GET, HEAD, PATCH" {
		t.Errorf("Allow %q", got)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Read(p []byte) (int, error) { return f(p) }

func TestCORS(t *testing.T) {
	t.Parallel()
	const origin = "https://app.example"
	h := serving(echoing(), server.WithCORS("https://other.example", origin))
	preflight := map[string]string{"Origin": origin, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization", "Authorization": ""}
	w := do(t, h, request{method: "OPTIONS", path: accounts + "/v1/a", header: preflight})
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, PATCH",
		"Access-Control-Allow-Headers": "authorization", "Access-Control-Max-Age": "7200", "Allow": "DELETE, GET, OPTIONS, PATCH",
	} {
		if got := w.Header().Get(name); w.Code != 204 || got != want {
			t.Errorf("%d %s %q, want %q", w.Code, name, got, want)
		}
	}
	preflight["Origin"] = "https://evil.example"
	w = do(t, h, request{method: "OPTIONS", path: accounts + "/v1/a", header: preflight})
	if w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("another origin: %d %v", w.Code, w.Header())
	}
	for _, path := range []string{"/v1/a", "/v3"} {
		w = do(t, h, request{method: "GET", path: accounts + path, header: map[string]string{"Origin": origin}})
		if w.Header().Get("Access-Control-Allow-Origin") != origin || w.Header().Get("Vary") != "Origin" || w.Header().Get("Access-Control-Expose-Headers") == "" {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
	w = do(t, h, request{method: "PUT", path: accounts + "/v1/a"})
	wantError(t, w, api.ErrMethodNotAllowed, "")
	if w.Header().Get("Vary") != "Origin" || w.Header().Get("Access-Control-Expose-Headers") != "" {
		t.Errorf("no browser: %v", w.Header())
	}
	up := server.UploadTo(nil, server.WithCORS("*"))
	w = do(t, up, request{method: "OPTIONS", path: "/upload/h/x", header: map[string]string{"Origin": origin}})
	if w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Allow") != "OPTIONS, POST" {
		t.Errorf("an upload URL: %d %v", w.Code, w.Header())
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	h := serving(&stub{get: func(id string) (*api.Image, error) { return &api.Image{ID: strings.Repeat(id, 100)}, nil }}, server.WithGzip(350))
	for _, tt := range []struct {
		id, accept string
		zipped     bool
	}{{"abc", "gzip", true}, {"abc", "br, *", true}, {"abc", "gzip;q=0", false}, {"abc", "", false}, {"a", "gzip", false}} {
		w := do(t, h, request{method: "GET", path: accounts + "/v1/" + tt.id, header: map[string]string{"Accept-Encoding": tt.accept}})
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != tt.zipped || w.Header().Get("Vary") != "Accept-Encoding" || (w.Header().Get("Content-Length") == "") != tt.zipped {
			t.Errorf("%+v: %v", tt, w.Header())
			continue
		}
		body := io.Reader(w.Body)
		if tt.zipped {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		if text, err := io.ReadAll(body); err != nil || !bytes.HasSuffix(text, []byte("\"success\":true,\"errors\":[],\"messages\":[]}\n")) {
			t.Errorf("%+v: %v %s", tt, err, text)
		}
	}
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	asked := 0
	h := serving(echoing(), server.WithLimiter(func(_ context.Context, who server.Credentials, binds []string) server.Quota {
		asked++
		return server.Quota{Refused: binds[0] != "acc0", Policy: who.Token, Limit: 7, Window: time.Minute, Remaining: -1, Reset: 1500 * time.Millisecond}
	}), server.WithLogins(server.Token("t")))
	w := do(t, h, request{method: "GET", path: accounts + "/v1/a"})
	if w.Code != 200 || w.Header().Get("Ratelimit") != `"t";r=0;t=2` || w.Header().Get("Ratelimit-Policy") != `"t";q=7;w=60` || w.Header().Get("Retry-After") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	w = do(t, h, request{method: "GET", path: "/accounts/acc1/images/v1/a"})
	wantError(t, w, api.ErrRateLimited, "")
	if w.Header().Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	do(t, h, request{method: "GET", path: accounts + "/v1/a", header: map[string]string{"Authorization": "Bearer x"}})
	if asked != 2 {
		t.Errorf("the limiter was asked %d times: strangers must not use up an account", asked)
	}
}

func TestLenientForms(t *testing.T) {
	t.Parallel()
	odd := map[string]string{
		"/v1":               parts(`name="anonymous_file"; filename="a.png"`, "PNG", `name="metadata.a"`, "1"),
		"/v2/direct_upload": "--B--\r\n",
	}
	warnings := map[string]int{"/v1": 2, "/v2/direct_upload": 1}
	for path, body := range odd {
		send := func(opts ...server.Option) *httptest.ResponseRecorder {
			return do(t, serving(uploads(), opts...), request{method: "POST", path: accounts + path, header: map[string]string{"Content-Type": form}, body: strings.NewReader(body)})
		}
		wantError(t, send(), api.ErrBadRequest, "")
		w := send(server.WithLenient())
		if list := w.Header().Values("Warning"); w.Code != 200 || len(list) != warnings[path] || !strings.HasPrefix(list[0], `299 - "HTTP 400: 5400 `) {
			t.Errorf("%s: %d %s, warnings %q", path, w.Code, w.Body, list)
		}
	}
}

// Warnings are few and short, whatever a form holds.
func TestWarningsAreBounded(t *testing.T) {
	t.Parallel()
	list := []string{file, "PNG"}
	for i := range 50 {
		list = append(list, fmt.Sprintf(`name="file%d%s"; filename="a"`, i, strings.Repeat("x", 1000)), "PNG")
	}
	w := do(t, serving(uploads(), server.WithLenient()), request{method: "POST", path: accounts + "/v1", header: map[string]string{"Content-Type": form}, body: strings.NewReader(parts(list...))})
	warnings := w.Header().Values("Warning")
	if w.Code != 200 || len(warnings) != 10 || len(strings.Join(warnings, "")) > 5000 {
		t.Errorf("%d, %d warnings of %d bytes", w.Code, len(warnings), len(strings.Join(warnings, "")))
	}
}

// seekable is a blob that can seek.
type seekable struct {
	io.ReadSeeker
	closed *int
}

func (s seekable) Close() error { *s.closed++; return nil }

func TestRanges(t *testing.T) {
	t.Parallel()
	closed := 0
	h := serving(&stub{blob: func(string) (*api.Stream, error) {
		return &api.Stream{ReadCloser: seekable{strings.NewReader("0123456789"), &closed}, ContentType: "image/png", Size: 10, ETag: `"v1"`}, nil
	}})
	for _, tt := range []struct {
		header       map[string]string
		status       int
		body, ranged string
	}{
		{nil, 200, "0123456789", ""},
		{map[string]string{"Range": "bytes=2-4"}, 206, "234", "bytes 2-4/10"},
		{map[string]string{"Range": "bytes=-3"}, 206, "789", "bytes 7-9/10"},
		{map[string]string{"Range": "bytes=2-4", "If-Range": `"v1"`}, 206, "234", "bytes 2-4/10"},
		{map[string]string{"Range": "bytes=2-4", "If-Range": `"v0"`}, 200, "0123456789", ""},
		{map[string]string{"If-None-Match": `"v1"`}, 304, "", ""},
		{map[string]string{"If-None-Match": `"v0"`}, 200, "0123456789", ""},
		{map[string]string{"Range": "bytes=20-"}, 416, "", "bytes */10"},
		{map[string]string{"Range": "lines=1"}, 416, "", ""},
		{map[string]string{"If-Match": `"v0"`}, 412, "", ""},
	} {
		closed = 0
		w := do(t, h, request{method: "GET", path: accounts + "/v1/a/blob", header: tt.header})
		if w.Code != tt.status || w.Header().Get("Content-Range") != tt.ranged || closed != 1 {
			t.Errorf("%v: %d %v, closed %d times", tt.header, w.Code, w.Header(), closed)
		}
		if w.Code < 300 && (w.Body.String() != tt.body || w.Header().Get("Content-Type") != "image/png" || w.Header().Get("Etag") != `"v1"`) {
			t.Errorf("%v: %q %v", tt.header, w.Body, w.Header())
		}
	}
}

// broken can seek, and not be read.
type broken struct{ io.ReadSeeker }

func (broken) Read([]byte) (int, error) { return 0, errors.New("s3cret disk") }
func (broken) Close() error             { return nil }

func TestSeekableBlobsThatFail(t *testing.T) {
	t.Parallel()
	blob := func(string) (*api.Stream, error) {
		return &api.Stream{ReadCloser: broken{strings.NewReader("0123456789")}, ContentType: "image/png", Size: 10}, nil
	}
	srv := httptest.NewServer(serving(&stub{blob: blob}))
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+accounts+"/v1/a/blob", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer t")
	resp, err := srv.Client().Do(req)
	if err != nil {
		return // cut before the header
	}
	defer func() { _ = resp.Body.Close() }()
	if b, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("%d bytes are whole", len(b))
	}
}
