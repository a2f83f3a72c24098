package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/contract"
)

func TestErrorsAreMapped(t *testing.T) {
	t.Parallel()
	own := &api.Error{Status: 418, Messages: api.ErrBadRequest.With("own").Messages, RetryAfter: 1500 * time.Millisecond}
	tests := []struct {
		name   string
		err    error
		status int
		code   int
		text   string
		logged bool
	}{
		{"kind", api.ErrImageNotFound, 404, 5404, "Image not found", false},
		{"kind, wrapped", fmt.Errorf("in the store: %w", api.ErrImageNotFound), 404, 5404, "Image not found", false},
		{"error", api.ErrImageNotFound.With("no cat"), 404, 5404, "no cat", false},
		{"error, wrapped", fmt.Errorf("in the store: %w", api.ErrImageNotFound.With("no cat")), 404, 5404, "no cat", false},
		{"joined", errors.Join(io.EOF, api.ErrResourceExists), 409, 5409, "Resource already exists", false},
		{"status of its own", own, 418, 5400, "own", false},
		{"plain", errors.New("secret dsn"), 500, 5500, "Internal Server Error", true},
		{"canceled", fmt.Errorf("secret: %w", context.Canceled), 499, 5433, "Request has been aborted by the client", false},
		{"canceled upstream", &api.Error{Err: context.Canceled}, 499, 5433, "Request has been aborted by the client", false},
		{"deadline", fmt.Errorf("secret: %w", context.DeadlineExceeded), 500, 5500, "Internal Server Error", true},
		{"upstream page", &api.Error{Status: 502, Text: "secret page"}, 502, 5500, "Internal Server Error", false},
		{"upstream lost", &api.Error{Err: errors.New("secret address")}, 500, 5500, "Internal Server Error", true},
		{"upstream failure with a success", &api.Error{Status: 200, Messages: api.ErrImageNotFound.With("gone").Messages}, 404, 5404, "gone", false},
		{"upstream redirect", &api.Error{Status: 302, Text: "secret"}, 500, 5500, "Internal Server Error", true},
		{"unknown code without status", &api.Error{Messages: []contract.Message{{Code: 1234, Message: "secret"}}}, 500, 5500, "Internal Server Error", true},
		{"odd status", &api.Error{Status: 700, Messages: api.ErrImageNotFound.New().Messages}, 404, 5404, "Image not found", false},
		{"unimplemented", api.ErrUnimplemented, 501, 5501, "not implemented", false},
		{"not UTF-8", api.ErrBadRequest.With("a\xff<b>"), 400, 5400, "a\uFFFD<b>", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log, lines := logged()
			h := serving(&stub{get: func(string) (*api.Image, error) { return nil, tt.err }}, server.WithLogger(log))
			w := do(t, h, request{method: "GET", path: accounts + "/v1/a"})
			wantError(t, w, &api.ErrorKind{Status: tt.status, Code: tt.code}, tt.text)
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the client sees %s", w.Body)
			}
			if strings.Contains(lines(), "call failed") != tt.logged {
				t.Errorf("logged %q", lines())
			}
			if tt.name == "status of its own" && w.Header().Get("Retry-After") != "2" {
				t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
			}
		})
	}
	if own.Operation != "" || len(own.Messages) != 1 {
		t.Error("the implementation's error is changed")
	}
}

func TestPanicsAreAnswered(t *testing.T) {
	t.Parallel()
	values := map[string]any{
		"text":           "s3cret",
		"error":          errors.New("s3cret"),
		"not comparable": []string{"s3cret"},
		"runtime error":  nil,
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, lines := logged()
			s := &stub{
				get: func(string) (*api.Image, error) {
					if value == nil {
						var none *api.Image
						none.ID = "s3cret"
					}
					panic(value)
				},
				upload: func(api.ImageUpload) (*api.Image, error) { panic(value) },
			}
			h := serving(s, server.WithLogger(log))
			w := do(t, h, request{method: "GET", path: accounts + "/v1/a"})
			wantError(t, w, api.ErrInternal, "Internal Server Error")
			if strings.Contains(w.Body.String(), "s3cret") {
				t.Errorf("the client sees %s", w.Body)
			}
			if got := lines(); !strings.Contains(got, "panic") || !strings.Contains(got, "reply_test.go") {
				t.Errorf("logged %q", got)
			}
		})
	}
}

func TestNothingFromTheImplementation(t *testing.T) {
	t.Parallel()
	s := &stub{
		get:    func(string) (*api.Image, error) { return nil, nil },
		blob:   func(string) (*api.Stream, error) { return nil, nil },
		list:   func(api.ListImagesParams) (*api.ImagePage, error) { return nil, nil },
		keys:   func() ([]api.SigningKey, error) { return nil, nil },
		all:    func() (map[string]api.Variant, error) { return nil, nil },
		remove: func(string) error { return nil },
	}
	h := serving(s)
	for _, path := range []string{"/v1/a", "/v1/a/blob", "/v2"} {
		wantError(t, do(t, h, request{method: "GET", path: accounts + path}), api.ErrInternal, "")
	}
	wantResult(t, do(t, h, request{method: "GET", path: accounts + "/v1/keys"}), `{"keys":[]}`)
	wantResult(t, do(t, h, request{method: "GET", path: accounts + "/v1/variants"}), `{"variants":{}}`)
	wantResult(t, do(t, h, request{method: "DELETE", path: accounts + "/v1/a"}), `{}`)
}

func wantResult(t *testing.T, w *httptest.ResponseRecorder, want string) {
	t.Helper()
	var got struct {
		Result           json.RawMessage
		Success          bool
		Errors, Messages json.RawMessage
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || !got.Success {
		t.Fatalf("%v: %d %s", err, w.Code, w.Body)
	}
	if string(got.Result) != want || string(got.Errors) != "[]" || string(got.Messages) != "[]" {
		t.Errorf("got %s, want %s", w.Body, want)
	}
}

func TestNilListsAreEmpty(t *testing.T) {
	t.Parallel()
	shared := []api.Image{{ID: "a"}, {ID: "b", Variants: []string{"v"}, Meta: api.StoredMeta(`{"n":1.0}`)}}
	h := serving(&stub{
		get: func(string) (*api.Image, error) { return &api.Image{ID: "a"}, nil },
		list: func(in api.ListImagesParams) (*api.ImagePage, error) {
			if in.PerPage == 1 {
				return &api.ImagePage{}, nil
			}
			return &api.ImagePage{Images: shared}, nil
		},
	})
	const zero = `"uploaded":"0001-01-01T00:00:00Z"`
	wantResult(t, do(t, h, request{method: "GET", path: accounts + "/v1/a"}), `{"id":"a","requireSignedURLs":false,`+zero+`,"variants":[]}`)
	wantResult(t, do(t, h, request{method: "GET", path: accounts + "/v2?per_page=1"}), `{"images":[]}`)
	wantResult(t, do(t, h, request{method: "GET", path: accounts + "/v2"}),
		`{"images":[{"id":"a","requireSignedURLs":false,`+zero+`,"variants":[]},`+
			`{"id":"b","meta":{"n":1.0},"requireSignedURLs":false,`+zero+`,"variants":["v"]}]}`)
	if shared[0].Variants != nil {
		t.Error("the implementation's memory is changed")
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	closed := 0
	content := func(r io.Reader) io.ReadCloser { return closer{r, func() { closed++ }} }
	tests := []struct {
		name   string
		stream api.Stream
		length string
	}{
		{"known size", api.Stream{ReadCloser: content(strings.NewReader("PNG")), ContentType: "image/png", Size: 3}, "3"},
		{"unknown size", api.Stream{ReadCloser: content(strings.NewReader("PNG")), ContentType: "image/png", Size: -1}, ""},
		{"size that is not said", api.Stream{ReadCloser: content(strings.NewReader("PNG")), ContentType: "image/png"}, ""},
	}
	for _, tt := range tests {
		closed = 0
		w := do(t, serving(&stub{blob: func(string) (*api.Stream, error) { return &tt.stream, nil }}), request{method: "GET", path: accounts + "/v1/a/blob"})
		if w.Body.String() != "PNG" || w.Header().Get("Content-Type") != "image/png" || w.Header().Get("Content-Length") != tt.length || closed != 1 {
			t.Errorf("%s: %q, %v, closed %d times", tt.name, w.Body, w.Header(), closed)
		}
	}
}

func TestStreamWithoutAType(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]io.ReadCloser{
		"stream":   io.NopCloser(io.MultiReader(strings.NewReader("<script>"))),
		"seekable": seekable{strings.NewReader("<script>"), new(int)},
	} {
		w := do(t, serving(&stub{blob: func(string) (*api.Stream, error) { return &api.Stream{ReadCloser: content}, nil }}),
			request{method: "GET", path: accounts + "/v1/a/blob"})
		if got := w.Header().Get("Content-Type"); got != "application/octet-stream" || w.Body.String() != "<script>" {
			t.Errorf("%s: %q is of type %q", name, w.Body, got)
		}
	}
}

type closer struct {
	io.Reader
	close func()
}

func (c closer) Close() error { c.close(); return nil }

func TestStreamsThatFailCutTheConnection(t *testing.T) {
	t.Parallel()
	tests := map[string]io.Reader{
		"at once": iotest.ErrReader(errors.New("s3cret disk")),
		"midway":  io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), iotest.ErrReader(errors.New("s3cret disk"))),
		"panics":  io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), panics{}),
	}
	for name, r := range tests {
		for _, size := range []int64{-1, 200_000} {
			t.Run(fmt.Sprintf("%s, %d", name, size), func(t *testing.T) {
				blob := func(string) (*api.Stream, error) {
					return &api.Stream{ReadCloser: io.NopCloser(r), ContentType: "image/png", Size: size}, nil
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
				if b, err := io.ReadAll(resp.Body); err == nil || strings.Contains(string(b), "s3cret") {
					t.Errorf("%d bytes are whole: %v", len(b), err)
				}
			})
		}
	}
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("s3cret") }

func TestAnAbortPasses(t *testing.T) {
	t.Parallel()
	h := serving(&stub{get: func(string) (*api.Image, error) { panic(http.ErrAbortHandler) }})
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("recovered %v", p)
		}
	}()
	do(t, h, request{method: "GET", path: accounts + "/v1/a"})
}
