package standalone

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/internal/admin"
)

func start(t *testing.T, c Config) (*Service, *httptest.Server) {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		server.Close()
	})
	return s, server
}

func order(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

const dot = `{"accounts":{"a":{"variants":[{"id":"thumb","options":{"fit":"cover","width":9,"height":9,"metadata":"none"}}],` +
	`"images":[{"id":"x.svg","content":"PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=","metadata":{"k":1}}]}}}`

// TestAdmin walks through the orders in a row, each with what it answers.
func TestAdmin(t *testing.T) {
	t.Parallel()
	_, server := start(t, Config{Local: true})
	root := server.URL + admin.Path
	for _, tt := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/health", "", 200, `"ok"`},
		{"GET", "/nothing", "", 404, `"error"`},
		{"PUT", "/clock", "", 405, `"the method must be GET or POST"`},
		{"POST", "/seed", dot, 200, `"variants":1,"keys":0,"images":1}`},
		{"POST", "/seed", dot, 400, "already exists"},
		{"POST", "/seed", `{"acounts":{}}`, 400, "unknown field"},
		{"GET", "/metrics", "", 200, "cfimages_mock_images 1\n"},
		{"POST", "/snapshot", `{"name":"one"}`, 200, "{}"},
		{"POST", "/snapshot", `{}`, 400, "name"},
		{"GET", "/snapshot", "", 200, `["one"]`},
		{"POST", "/reset", `{"account":"a"}`, 200, "{}"},
		{"GET", "/metrics", "", 200, "cfimages_mock_images 0\n"},
		{"POST", "/restore", `{"name":"one"}`, 200, "{}"},
		{"POST", "/restore", `{"name":"two"}`, 404, "no snapshot"},
		{"GET", "/metrics", "", 200, "cfimages_mock_images 1\n"},
		{"DELETE", "/snapshot/one", "", 200, "{}"},
		{"DELETE", "/snapshot/one", "", 404, "no snapshot"},
		{"POST", "/import", "nonsense", 400, `"error"`},
		{"POST", "/clock", `{"advance":"31m"}`, 200, `"ahead":"31m0s"`},
		{"POST", "/clock", `{"advance":"-1s"}`, 400, "100 years"},
		{"POST", "/clock", `{"back":"1s"}`, 400, "unknown field"},
		{"POST", "/clock", `{"advance":"876000h"}`, 400, "100 years"},
		{"GET", "/clock", "", 200, `"ahead":"31m0s"`},
		{"GET", "/faults/kinds", "", 200, `"webhook-lost"`},
		{"POST", "/faults", `{"kind":"error","error":"ImageNotFound"}`, 200, `{"id":"fault-1"}`},
		{"POST", "/faults", `{"kind":"wings"}`, 400, "kind"},
		{"GET", "/faults", "", 200, `"hits":0`},
		{"DELETE", "/faults/fault-1", "", 200, "{}"},
		{"DELETE", "/faults/fault-1", "", 404, "no rule"},
		{"DELETE", "/faults", "", 200, "{}"},
		{"GET", "/coverage", "", 200, `"evidence": "documented"`},
		{"GET", "/calls?color=red", "", 400, "no parameter"},
		{"GET", "/calls", "", 200, `{"calls":[]}`},
		{"DELETE", "/calls", "", 200, "{}"},
		{"POST", "/reset", "", 200, "{}"},
		{"GET", "/clock", "", 200, `"now"`},
	} {
		if status, text := order(t, tt.method, root+tt.path, tt.body); status != tt.status || !strings.Contains(text, tt.says) {
			t.Errorf("%s %s %s: %d %.300s", tt.method, tt.path, tt.body, status, text)
		}
	}
}

// TestExport brings what one mock holds to another.
func TestExport(t *testing.T) {
	t.Parallel()
	_, one := start(t, Config{})
	_, two := start(t, Config{})
	if status, text := order(t, "POST", one.URL+admin.Path+"/seed", dot); status != 200 {
		t.Fatal(text)
	}
	_, state := order(t, "GET", one.URL+admin.Path+"/export", "")
	if status, text := order(t, "POST", two.URL+admin.Path+"/import", state); status != 200 {
		t.Fatal(text)
	}
	c, err := client.New("a", client.WithToken("t"), client.WithBaseURL(two.URL+BasePath()))
	if err != nil {
		t.Fatal(err)
	}
	img, err := c.GetImage(t.Context(), "x.svg")
	if err != nil || len(img.Variants) != 2 {
		t.Errorf("%+v, %v", img, err)
	}
}

// TestDescription holds the description against what is served: every operation
// in it is there.
func TestDescription(t *testing.T) {
	t.Parallel()
	_, server := start(t, Config{})
	_, text := order(t, "GET", server.URL+admin.Path+"/openapi.yaml", "")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		address := server.URL + admin.Path + strings.NewReplacer("{name}", "n", "{id}", "n").Replace(path)
		_, text := order(t, "TRACE", address, "")
		for method := range item.Operations() {
			if !strings.Contains(text, method) {
				t.Errorf("%s %s is described, and not served: %s", method, path, text)
			}
		}
		if served := strings.Count(text, " or ") + 1; served != len(item.Operations()) {
			t.Errorf("%s: %d methods are described; %s", path, len(item.Operations()), text)
		}
	}
}

// TestJournal makes calls and looks at what is kept of them, now and while it goes
// on.
func TestJournal(t *testing.T) {
	t.Parallel()
	_, server := start(t, Config{})
	c, err := client.New("a", client.WithToken("hidden-token"), client.WithBaseURL(server.URL+BasePath()), client.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.GetImage(t.Context(), "nobody")
	keys, err := c.PutSigningKey(t.Context(), "second")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutSigningKey(t.Context(), "third"); err != nil {
		t.Fatal(err)
	}
	_, text := order(t, "GET", server.URL+admin.Path+"/calls", "")
	var told struct{ Calls []admin.Exchange }
	if err := json.Unmarshal([]byte(text), &told); err != nil || len(told.Calls) != 3 {
		t.Fatalf("%v in %s", err, text)
	}
	first, third := told.Calls[0], told.Calls[2]
	if first.Operation != "GetImage" || first.Account != "a" || first.Status != 404 || len(first.Codes) != 1 || len(first.Notes) != 1 {
		t.Errorf("%+v", first)
	}
	if !slices.Equal(third.Notes, []string{noteToken, notePlan, noteThirdKey}) {
		t.Errorf("notes %q", third.Notes)
	}
	if strings.Contains(text, "hidden-token") || strings.Contains(text, keys[0].Value) {
		t.Errorf("a secret is in %s", text)
	}
	if _, text := order(t, "GET", server.URL+admin.Path+"/calls?operation=PutSigningKey&since=2", ""); strings.Count(text, `"id"`) != 1 {
		t.Errorf("filtered: %s", text)
	}
	streamed(t, server, c)
}

// streamed goes on behind the second exchange.
func streamed(t *testing.T, server *httptest.Server, c *client.Client) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+admin.Path+"/calls/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", "2")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := c.GetStats(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for !strings.Contains(string(got), `"operation":"GetStats"`) || !strings.HasSuffix(string(got), "\n\n") {
		piece := make([]byte, 1000)
		n, err := resp.Body.Read(piece)
		if err != nil {
			t.Fatalf("%v behind %s", err, got)
		}
		got = append(got, piece[:n]...)
	}
	if !strings.HasPrefix(string(got), "id: 3\nevent: call\ndata: {") {
		t.Errorf("got %s", got)
	}
}

// TestGuard sends what pages of other sites could make a browser send.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		local        bool
		host, origin string
		want         int
	}{
		{true, "127.0.0.1:8787", "", 200},
		{true, "localhost:8787", "http://localhost:8787", 200},
		{true, "mock.localhost", "", 200},
		{true, "[::1]:8787", "", 200},
		{true, "evil.example", "", 403},
		{true, "", "", 403},
		{false, "mock.example", "", 200},
		{false, "mock.example", "http://evil.example", 403},
		{true, "127.0.0.1:8787", "http://evil.example", 403},
	} {
		s, err := New(Config{Local: tt.local})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, admin.Path+"/reset", nil)
		r.Host = tt.host
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%+v: %d %s", tt, w.Code, w.Body)
		}
	}
}

// TestAccounts lets each token into its account alone, and tells nothing of open
// doors where there are none.
func TestAccounts(t *testing.T) {
	t.Parallel()
	s, err := New(Config{Accounts: Accounts{{"a", "t"}}})
	if err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]int{"a": 200, "b": 403} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, BasePath()+"/accounts/"+account+"/images/v1/stats", nil)
		r.Header.Set("Authorization", "Bearer t")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want || slices.Contains(w.Header().Values(admin.NoteHeader), noteToken) {
			t.Errorf("%s: %d, note %q", account, w.Code, w.Header().Get(admin.NoteHeader))
		}
	}
}
