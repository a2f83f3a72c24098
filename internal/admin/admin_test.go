package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fault"
)

// steered is an admin API with what it steers, and its description.
type steered struct {
	*testing.T
	http.Handler
	world   *fake.World
	journal *Journal
	forgot  int
	doc     *openapi3.T
}

func steer(t *testing.T) *steered {
	t.Helper()
	s := &steered{T: t, world: fake.New(), doc: described(t)}
	s.journal = newJournal()
	s.Handler = New(Config{
		World: s.world, Faults: fault.NewSet(api.Contract), Journal: s.journal, Forget: func() { s.forgot++ },
	})
	return s
}

func newJournal() *Journal {
	note := func(*http.Request, *contract.Operation, []string, []string) []string { return nil }
	return NewJournal(api.Contract, "/client/v4", time.Now, note)
}

// loaded is the description; to read it takes longer than most orders do.
var loaded = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err == nil {
		err = doc.Validate(context.Background())
	}
	return doc, err
})

func described(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// send makes a call and holds the answer against the description.
func (s *steered) send(method, path, body string) (int, string) {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, Path+path, strings.NewReader(body))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if op := s.operation(method, path); op != nil {
		s.hold(op, w)
	}
	return w.Code, w.Body.String()
}

// operation finds what the description says of a call, nil where it says nothing.
func (s *steered) operation(method, path string) *openapi3.Operation {
	path, _, _ = strings.Cut(path, "?")
	item := s.doc.Paths.Value(path)
	for pattern, prefix := range map[string]string{"/snapshot/{name}": "/snapshot/", "/faults/{id}": "/faults/"} {
		if item == nil && strings.HasPrefix(path, prefix) {
			item = s.doc.Paths.Value(pattern)
		}
	}
	if item == nil {
		return nil
	}
	return item.GetOperation(method)
}

// hold fails for an answer that is not as described.
func (s *steered) hold(op *openapi3.Operation, w *httptest.ResponseRecorder) {
	s.Helper()
	answer := op.Responses.Default()
	if w.Code == http.StatusOK {
		answer = op.Responses.Status(w.Code)
	}
	kind := answer.Value.Content.Get(w.Header().Get("Content-Type"))
	if kind == nil {
		s.Errorf("%s: %d with type %q", op.OperationID, w.Code, w.Header().Get("Content-Type"))
		return
	}
	if w.Header().Get("Content-Type") != "application/json" {
		return
	}
	var v any
	err := json.Unmarshal(w.Body.Bytes(), &v)
	if err == nil {
		err = kind.Schema.Value.VisitJSON(v, openapi3.EnableFormatValidation())
	}
	if err != nil {
		s.Errorf("%s: %d %.300s: %v", op.OperationID, w.Code, w.Body, err)
	}
}

const (
	svg     = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="
	fixture = `{"accounts":{"a":{"variants":[{"id":"thumb","options":{"fit":"cover","width":9,"height":9,"metadata":"none"}}],` +
		`"images":[{"id":"x.svg","content":"` + svg + `"}]}}}`
)

// TestOrders sends every order in a row, right and in every wrong way.
func TestOrders(t *testing.T) {
	t.Parallel()
	s := steer(t)
	long := strings.Repeat("x", 65)
	for _, tt := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/health", "", 200, `"ok"`},
		{"GET", "/openapi.yaml", "", 200, "openapi: 3"},
		{"GET", "/metrics", "", 200, "cfimages_mock_stored_bytes 0\n"},
		{"GET", "/coverage", "", 200, `"section": "KYU"`},
		{"GET", "/nothing", "", 404, "nothing at this address"},
		{"PUT", "/clock", "", 405, "must be GET or POST"},
		{"HEAD", "/health", "", 405, "must be GET"},
		{"GET", "/health?x", "", 400, "no parameters"},
		{"POST", "/reset?account=a", "", 400, "no parameters"},

		{"POST", "/seed", fixture, 200, `"images":1`},
		{"GET", "/metrics", "", 200, "cfimages_mock_stored_bytes 41\n"},
		{"POST", "/seed", fixture, 400, "already exists"},
		{"POST", "/seed", `{"acounts":{}}`, 400, "acounts"},
		{"POST", "/seed", `{"accounts":{"a":{"image":[]}}}`, 400, `image`},
		{"POST", "/seed", `{"accounts":{"` + long + `":{}}}`, 400, "error"},
		{"POST", "/seed", ``, 400, "error"},
		{"POST", "/seed", `{"accounts":[]}`, 400, "error"},

		{"POST", "/snapshot", `{"name":"one"}`, 200, "{}"},
		{"POST", "/snapshot", `{"name":"one"}`, 200, "{}"},
		{"POST", "/snapshot", `{"name":""}`, 400, "1 to 64"},
		{"POST", "/snapshot", `{"name":"` + long + `"}`, 400, "1 to 64"},
		{"POST", "/snapshot", `{"name":1}`, 400, "name"},
		{"POST", "/snapshot", ``, 400, "error"},
		{"POST", "/snapshot", `{"nme":"x"}`, 400, "nme"},
		{"POST", "/snapshot", `{"name":"x"} {}`, 400, "nothing behind"},
		{"POST", "/snapshot", `{"name":"` + strings.Repeat("x", maxOrder) + `"}`, 413, "too large"},
		{"GET", "/snapshot", "", 200, `{"snapshots":["one"]}`},
		{"POST", "/reset", `{"account":"` + long + `"}`, 400, "1 to 32"},
		{"POST", "/reset", `{"acount":"a"}`, 400, "acount"},
		{"POST", "/reset", `{"account":"a"}`, 200, "{}"},
		{"GET", "/metrics", "", 200, "cfimages_mock_images 0\n"},
		{"POST", "/restore", `{"name":"one"}`, 200, "{}"},
		{"GET", "/metrics", "", 200, "cfimages_mock_images 1\n"},
		{"POST", "/restore", `{"name":"two"}`, 404, "no snapshot"},
		{"POST", "/restore", `{}`, 400, "1 to 64"},
		{"DELETE", "/snapshot/one", "", 200, "{}"},
		{"DELETE", "/snapshot/one", "", 404, "no snapshot"},
		{"DELETE", "/snapshot", "", 405, "GET or POST"},
		{"GET", "/export", "", 200, "head"},

		{"GET", "/clock", "", 200, `"ahead":"0s"`},
		{"POST", "/clock", `{"advance":"31m"}`, 200, `"ahead":"31m0s"`},
		{"POST", "/clock", `{"advance":"-1s"}`, 400, "100 years"},
		{"POST", "/clock", `{"advance":"soon"}`, 400, "100 years"},
		{"POST", "/clock", `{"advance":31}`, 400, "advance"},
		{"POST", "/clock", `{}`, 400, "missing"},
		{"POST", "/clock", `{"back":"1s"}`, 400, "back"},
		{"POST", "/clock", `{"advance":"876000h"}`, 400, "in all"},

		{"GET", "/faults/kinds", "", 200, `"webhook-lost"`},
		{"POST", "/faults", `{"kind":"error","error":"ImageNotFound"}`, 200, `{"id":"fault-1"}`},
		{"POST", "/faults", `{"kind":"wings"}`, 400, "kind"},
		{"POST", "/faults", `{"kind":"error","eror":"x"}`, 400, "eror"},
		{"POST", "/faults", `[]`, 400, "error"},
		{"GET", "/faults", "", 200, `"hits":0`},
		{"DELETE", "/faults/fault-1", "", 200, "{}"},
		{"DELETE", "/faults/fault-1", "", 404, "no rule"},
		{"DELETE", "/faults", "", 200, "{}"},
		{"GET", "/faults", "", 200, "[]"},

		{"GET", "/calls", "", 200, `{"calls":[]}`},
		{"GET", "/calls?operation=GetImage&account=a&method=GET&path=/x&status=200&since=0", "", 200, `{"calls":[]}`},
		{"GET", "/calls?color=red", "", 400, "no parameter"},
		{"GET", "/calls?status=ok", "", 400, "must be a number"},
		{"GET", "/calls?since=1&since=2", "", 400, "given once"},
		{"GET", "/calls/stream?color=red", "", 400, "no parameter"},
		{"DELETE", "/calls?operation=GetImage", "", 400, "no parameters"},
		{"DELETE", "/calls", "", 200, "{}"},
		{"POST", "/reset", "", 200, "{}"},
		{"GET", "/metrics", "", 200, "cfimages_mock_images 0\n"},
	} {
		if status, text := s.send(tt.method, tt.path, tt.body); status != tt.status || !strings.Contains(text, tt.says) {
			t.Errorf("%s %s %.80s: %d %.300s", tt.method, tt.path, tt.body, status, text)
		}
	}
	if s.forgot != 1 {
		t.Errorf("the log was forgotten %d times, want once", s.forgot)
	}
}

// TestDescription compares what is served with what is described, both ways.
func TestDescription(t *testing.T) {
	t.Parallel()
	var served, told []string
	for _, r := range (&control{}).routes() {
		served = append(served, r.method+" "+r.path)
	}
	for path, item := range described(t).Paths.Map() {
		for method := range item.Operations() {
			told = append(told, method+" "+path)
		}
	}
	slices.Sort(served)
	slices.Sort(told)
	if !slices.Equal(served, told) {
		t.Errorf("served are\n%q, described\n%q", served, told)
	}
}

// TestShelfIsFull keeps as many snapshots as there may be.
func TestShelfIsFull(t *testing.T) {
	t.Parallel()
	s := steer(t)
	for i := range maxSnapshots {
		if status, text := s.send("POST", "/snapshot", `{"name":"n`+strings.Repeat("i", i%60)+string(rune('a'+i/60))+`"}`); status != 200 {
			t.Fatal(text)
		}
	}
	if status, text := s.send("POST", "/snapshot", `{"name":"more"}`); status != 409 {
		t.Errorf("one more: %d %s", status, text)
	}
	if status, _ := s.send("POST", "/snapshot", `{"name":"na"}`); status != 200 {
		t.Errorf("one of the same name: %d", status)
	}
}

// TestSeedRefused looks at what is there after a fixture whose end is wrong.
func TestSeedRefused(t *testing.T) {
	t.Parallel()
	s := steer(t)
	if status, text := s.send("POST", "/seed", `{"accounts":{"b":{"images":[{"id":"kept.svg","content":"`+svg+`"}]}}}`); status != 200 {
		t.Fatal(text)
	}
	half := strings.Replace(fixture, `]}}}`, `,{"id":"y","content":"bm90aGluZw=="}]}}}`, 1)
	half = `{"accounts":{"a":` + strings.SplitN(half, `"a":`, 2)[1]
	if status, text := s.send("POST", "/seed", half); status != 400 || !strings.Contains(text, "images") && !strings.Contains(text, "image 1") {
		t.Errorf("%d %s", status, text)
	}
	if total, err := s.world.Totals(); err != nil || total.Images != 1 {
		t.Errorf("there are %+v, %v", total, err)
	}
	if _, err := s.world.Account("b").GetImage(t.Context(), "kept.svg"); err != nil {
		t.Error(err)
	}
	if v, err := s.world.Account("a").ListVariants(t.Context()); err != nil || len(v) != 1 {
		t.Errorf("variants %v, %v", v, err)
	}
}

// TestImport sends archives that are damaged everywhere, and then the whole one.
func TestImport(t *testing.T) {
	t.Parallel()
	s, other := steer(t), steer(t)
	if status, text := s.send("POST", "/seed", fixture); status != 200 {
		t.Fatal(text)
	}
	_, whole := s.send("GET", "/export", "")
	hostile := []string{"", "nonsense", strings.Repeat("\x00", 4096), strings.Replace(whole, `"a"`, `"" `, 1)}
	for n := 0; n < len(whole)-1024; n += 512 { // a tar ends in 1024 zeros, which may be missing
		hostile = append(hostile, whole[:n])
	}
	for i, text := range hostile {
		if status, answer := other.send("POST", "/import", text); status != 400 {
			t.Errorf("archive %d, %d bytes: %d %s", i, len(text), status, answer)
		}
		if total, err := other.world.Totals(); err != nil || total != (fake.Totals{}) {
			t.Fatalf("archive %d left %+v, %v", i, total, err)
		}
	}
	if status, text := other.send("POST", "/import", whole); status != 200 {
		t.Error(text)
	}
	if _, err := other.world.Account("a").GetImage(t.Context(), "x.svg"); err != nil {
		t.Error(err)
	}
}

// TestBrokenBody sends a body that ends in an error.
func TestBrokenBody(t *testing.T) {
	t.Parallel()
	s := steer(t)
	for _, path := range []string{"/import", "/seed", "/reset"} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, Path+path, &breaking{})
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// breaking is a body that is cut off.
type breaking struct{}

func (*breaking) Read([]byte) (int, error) { return 0, context.Canceled }

// FuzzOrders sends any body to every order that takes one: no answer is a failure
// of the mock, and what is refused changes nothing.
func FuzzOrders(f *testing.F) {
	paths := []string{"/seed", "/snapshot", "/restore", "/reset", "/clock", "/faults", "/import"}
	for i, body := range []string{fixture, `{"name":"x"}`, `{"name":"x"}`, `{"account":"a"}`, `{"advance":"1s"}`, `{"kind":"error","error":"ImageNotFound"}`, "x"} {
		f.Add(i, []byte(body))
	}
	f.Fuzz(func(t *testing.T, i int, body []byte) {
		s := steer(t)
		path := paths[uint(i)%uint(len(paths))]
		before, _ := s.world.Totals()
		status, text := s.send("POST", path, string(body))
		if status >= 500 || !json.Valid([]byte(text)) {
			t.Errorf("%s: %d %s", path, status, text)
		}
		if after, err := s.world.Totals(); status != 200 && (err != nil || after != before) {
			t.Errorf("%s: %d, and there are %+v, %v", path, status, after, err)
		}
		if _, text := s.send("GET", "/snapshot", ""); !bytes.Contains([]byte(text), []byte("snapshots")) {
			t.Errorf("afterwards: %s", text)
		}
	})
}
