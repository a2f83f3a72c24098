package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/contract"
)

const accounts = "/accounts/acc0/images"

// stub is an implementation that a test programs.
type stub struct {
	api.Unimplemented
	get     func(id string) (*api.Image, error)
	blob    func(id string) (*api.Stream, error)
	list    func(in api.ListImagesParams) (*api.ImagePage, error)
	edit    func(id string, in api.ImageEdit) (*api.Image, error)
	upload  func(in api.ImageUpload) (*api.Image, error)
	direct  func(in api.DirectUpload) (*api.DirectUploadTarget, error)
	keys    func() ([]api.SigningKey, error)
	variant func(id string) (*api.Variant, error)
	all     func() (map[string]api.Variant, error)
	create  func(in api.VariantCreate) (*api.Variant, error)
	remove  func(id string) error
}

func (s *stub) GetImage(_ context.Context, id string) (*api.Image, error)      { return s.get(id) }
func (s *stub) GetImageBlob(_ context.Context, id string) (*api.Stream, error) { return s.blob(id) }
func (s *stub) GetVariant(_ context.Context, id string) (*api.Variant, error)  { return s.variant(id) }
func (s *stub) ListSigningKeys(context.Context) ([]api.SigningKey, error)      { return s.keys() }
func (s *stub) ListVariants(context.Context) (map[string]api.Variant, error)   { return s.all() }
func (s *stub) DeleteImage(_ context.Context, id string) error                 { return s.remove(id) }
func (s *stub) ListImages(_ context.Context, in api.ListImagesParams) (*api.ImagePage, error) {
	return s.list(in)
}

func (s *stub) EditImage(_ context.Context, id string, in api.ImageEdit) (*api.Image, error) {
	return s.edit(id, in)
}

func (s *stub) UploadImage(_ context.Context, in api.ImageUpload) (*api.Image, error) {
	return s.upload(in)
}

func (s *stub) CreateDirectUpload(_ context.Context, in api.DirectUpload) (*api.DirectUploadTarget, error) {
	return s.direct(in)
}

func (s *stub) CreateVariant(_ context.Context, in api.VariantCreate) (*api.Variant, error) {
	return s.create(in)
}

// request is a request to be made; a nil body is none, and length 0 that of the
// body.
type request struct {
	method, path string
	header       map[string]string
	body         io.Reader
	length       int64
}

// do serves a request with the token "t", unless header says otherwise.
func do(t *testing.T, h http.Handler, req request) *httptest.ResponseRecorder {
	t.Helper()
	// httptest.NewRequest would panic where a path is odd.
	path, query, _ := strings.Cut(req.path, "?")
	plain, err := url.PathUnescape(path)
	if err != nil {
		plain = path
	}
	r := httptest.NewRequest(http.MethodGet, "/", req.body)
	r.Method = req.method
	r.URL = &url.URL{Path: plain, RawPath: path, RawQuery: query}
	if req.length != 0 {
		r.ContentLength = req.length
	}
	r.Header.Set("Authorization", "Bearer t")
	for name, value := range req.header {
		r.Header.Set(name, value)
		if value == "" {
			r.Header.Del(name)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code >= 400 {
		checkEnvelope(t, w.Header(), w.Body.Bytes())
	}
	return w
}

type failure struct {
	Result   json.RawMessage    `json:"result"`
	Success  *bool              `json:"success"`
	Errors   []contract.Message `json:"errors"`
	Messages json.RawMessage    `json:"messages"`
}

// checkEnvelope checks that an answer is an envelope of a failure.
func checkEnvelope(t *testing.T, header http.Header, body []byte) failure {
	t.Helper()
	var f failure
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil || dec.More() {
		t.Fatalf("not an envelope: %v: %.300q", err, body)
	}
	if string(f.Result) != "null" || f.Success == nil || *f.Success || len(f.Errors) == 0 || string(f.Messages) != "[]" {
		t.Errorf("not the envelope of a failure: %.300s", body)
	}
	for _, m := range f.Errors {
		if m.Code < 1000 || m.Message == "" {
			t.Errorf("not an error: %+v", m)
		}
	}
	if got := header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %q", got)
	}
	return f
}

// wantError checks the status and the first error of an answer.
func wantError(t *testing.T, w *httptest.ResponseRecorder, kind *api.ErrorKind, text string) {
	t.Helper()
	if w.Code != kind.Status {
		t.Fatalf("status %d, want %d: %s", w.Code, kind.Status, w.Body)
	}
	e := checkEnvelope(t, w.Header(), w.Body.Bytes()).Errors[0]
	if e.Code != kind.Code || !strings.Contains(e.Message, text) {
		t.Errorf("got %d %q, want %d %q", e.Code, e.Message, kind.Code, text)
	}
}

// logged is a logger and what it has logged.
func logged() (*slog.Logger, func() string) {
	var (
		mu sync.Mutex
		b  bytes.Buffer
	)
	w := writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return b.Write(p)
	})
	return slog.New(slog.NewTextHandler(w, nil)), func() string {
		mu.Lock()
		defer mu.Unlock()
		return b.String()
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func serving(s *stub, opts ...server.Option) http.Handler { return server.New(server.For(s), opts...) }

const form = "multipart/form-data; boundary=B"

// parts writes a form; each part is its header's parameters and its content in
// turn.
func parts(texts ...string) string {
	var b strings.Builder
	for i := 0; i < len(texts); i += 2 {
		b.WriteString("--B\r\nContent-Disposition: form-data; " + texts[i] + "\r\n\r\n" + texts[i+1] + "\r\n")
	}
	return b.String() + "--B--\r\n"
}

// doRaw serves a request of another API, whose envelope is its own.
func doRaw(h http.Handler, req request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(req.method, req.path, nil))
	return w
}
