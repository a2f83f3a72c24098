package serve_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	whole := parts(file, "PNG")
	tests := []struct {
		name, method, contentType string
		body                      io.Reader
		length                    int64
		kind                      *api.ErrorKind
		text                      string
	}{
		{"as documented", "POST", form, strings.NewReader(whole), 0, nil, ""},
		{"length not known", "POST", form, strings.NewReader(whole), -1, nil, ""},
		{"other parts beside it", "POST", form, strings.NewReader(parts(`name="x"`, "y", file, "PNG")), 0, nil, ""},
		{"GET", "GET", "", nil, 0, api.ErrMethodNotAllowed, ""},
		{"HEAD", "HEAD", "", nil, 0, api.ErrMethodNotAllowed, ""},
		{"PUT", "PUT", form, strings.NewReader(whole), 0, api.ErrMethodNotAllowed, ""},
		{"none", "POST", form, nil, 0, api.ErrNotMultipart, ""},
		{"raw", "POST", "image/png", strings.NewReader("PNG"), 0, api.ErrNotMultipart, ""},
		{"no boundary", "POST", "multipart/form-data", strings.NewReader(whole), 0, api.ErrBadRequest, "no boundary"},
		{"zero parts", "POST", form, strings.NewReader("--B--\r\n"), 0, api.ErrBadRequest, "file is required"},
		{"no file", "POST", form, strings.NewReader(parts(`name="x"`, "y")), 0, api.ErrBadRequest, "file is required"},
		{"file in field image", "POST", form, strings.NewReader(parts(`name="image"; filename="a"`, "PNG")), 0, api.ErrBadRequest, "image is not a file"},
		{"two files", "POST", form, strings.NewReader(parts(file, "PNG", file, "PNG")), 0, api.ErrBadRequest, "more than once"},
		{"too large", "POST", form, strings.NewReader(parts(file, strings.Repeat("x", 10<<20+1))), 0, api.ErrImageTooLarge, ""},
		{"cut", "POST", form, strings.NewReader(whole[:len(whole)-6]), 0, api.ErrBadRequest, "incomplete"},
		{"refused", "POST", form, strings.NewReader(parts(file, "refuse")), 0, api.ErrUnsupportedImage, ""},
		{"nothing", "POST", form, strings.NewReader(parts(file, "nothing")), 0, api.ErrInternal, ""},
		{"no JSON", "POST", form, strings.NewReader(parts(file, "broken")), 0, api.ErrInternal, ""},
		{"panic", "POST", form, strings.NewReader(parts(file, "panic")), 0, api.ErrInternal, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log, lines := logged()
			var at string
			h := server.UploadTo(func(_ context.Context, url string, f *api.File) (*api.Image, error) {
				at = url
				r, err := f.Open()
				if err != nil {
					return nil, err
				}
				b, err := io.ReadAll(r)
				switch string(b) {
				case "refuse":
					return nil, api.ErrUnsupportedImage
				case "nothing":
					return nil, nil
				case "broken":
					return &api.Image{Meta: api.StoredMeta("{")}, nil
				case "panic":
					panic("s3cret")
				default:
					return &api.Image{ID: f.Name() + " " + string(b)}, err
				}
			}, server.WithLogger(log))
			w := do(t, h, request{method: tt.method, path: "/upload/h/a%2Fb", header: map[string]string{"Content-Type": tt.contentType, "Authorization": ""}, body: tt.body, length: tt.length})
			switch {
			case tt.kind == nil:
				wantResult(t, w, `{"id":"a.png PNG","requireSignedURLs":false,"uploaded":"0001-01-01T00:00:00Z","variants":[]}`)
				if at != "/upload/h/a%2Fb" {
					t.Errorf("accepted at %q", at)
				}
			default:
				wantError(t, w, tt.kind, tt.text)
				if allow := w.Header().Get("Allow"); (tt.kind == api.ErrMethodNotAllowed) != (allow == "POST") {
					t.Errorf("Allow %q", allow)
				}
			}
			if (tt.kind == api.ErrInternal) != (lines() != "") {
				t.Errorf("logged %q", lines())
			}
		})
	}
}

// A client that is still sending gets its answer all the same.
func TestAnswerReachesAClientThatIsSending(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(serving(uploads()))
	transport := &http.Transport{ExpectContinueTimeout: time.Hour}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		srv.Close()
	})
	const size = 30 << 20
	tests := []struct {
		name   string
		path   string
		header map[string]string
		kind   *api.ErrorKind
	}{
		{"too large", "/v1", map[string]string{"Content-Type": form}, api.ErrImageTooLarge},
		{"wrong type", "/v1", map[string]string{"Content-Type": "image/png"}, api.ErrNotMultipart},
		{"no credentials", "/v1", map[string]string{"Content-Type": form, "Authorization": ""}, api.ErrUnauthenticated},
		{"unknown path", "/v3", map[string]string{"Content-Type": form}, api.ErrNoRoute},
		{"unknown method", "/v1/a", map[string]string{"Content-Type": form}, api.ErrMethodNotAllowed},
		{"asks first", "/v1", map[string]string{"Content-Type": "image/png", "Expect": "100-continue"}, api.ErrNotMultipart},
		{"asks first, and is too large", "/v1", map[string]string{"Content-Type": form, "Expect": "100-continue"}, api.ErrImageTooLarge},
	}
	for _, tt := range tests {
		for _, known := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				head := "--B\r\nContent-Disposition: form-data; " + file + "\r\n\r\n"
				sent := &counter{r: io.MultiReader(strings.NewReader(head), io.LimitReader(endless{}, size))}
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+accounts+tt.path, sent)
				if err != nil {
					t.Fatal(err)
				}
				if known {
					req.ContentLength = int64(len(head) + size)
				}
				req.Header.Set("Authorization", "Bearer t")
				for name, value := range tt.header {
					req.Header.Set(name, value)
				}
				resp, err := transport.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = resp.Body.Close() }()
				b, err := io.ReadAll(resp.Body)
				if err != nil || resp.StatusCode != tt.kind.Status {
					t.Fatalf("%v: %d %s", err, resp.StatusCode, b)
				}
				if e := checkEnvelope(t, resp.Header, b).Errors[0]; e.Code != tt.kind.Code {
					t.Errorf("got %+v, want %v", e, tt.kind)
				}
				if n := sent.n.Load(); tt.name == "asks first" && n != 0 {
					t.Errorf("%d bytes are sent for nothing", n)
				}
			})
		}
	}
}

type endless struct{}

var padding = bytes.Repeat([]byte("x"), 32<<10)

func (endless) Read(p []byte) (int, error) { return copy(p, padding), nil }

type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// A client that sends slowly, or without end, keeps nobody busy.
func TestRefusedBodiesAreReadWithinBounds(t *testing.T) {
	t.Parallel()
	w := &deadlined{ResponseRecorder: httptest.NewRecorder()}
	body := &counter{r: readerFunc(func(p []byte) (int, error) {
		if w.deadline.IsZero() {
			t.Error("a body is read without a deadline")
		}
		return endless{}.Read(p)
	})}
	r := httptest.NewRequest(http.MethodPost, "/nowhere", body)
	before := time.Now()
	serving(&stub{}).ServeHTTP(w, r)
	checkEnvelope(t, w.Header(), w.Body.Bytes())
	if n := body.n.Load(); n < 1<<20 || n > 100<<20 {
		t.Errorf("%d bytes are read", n)
	}
	if d := w.deadline.Sub(before); d > time.Minute {
		t.Errorf("a client has %v", d)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// deadlined is a ResponseWriter with a connection that has deadlines.
type deadlined struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (d *deadlined) SetReadDeadline(at time.Time) error { d.deadline = at; return nil }
