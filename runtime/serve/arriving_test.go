package serve_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
)

// metered counts what is read of a body.
type metered struct {
	r io.Reader
	n int
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += n
	return n, err
}

const megabytes = 5 << 20

// An upload URL nobody handed out is refused before its file is read.
func TestUploadURLIsAskedFirst(t *testing.T) {
	t.Parallel()
	body := &metered{r: strings.NewReader(parts(file, strings.Repeat("x", megabytes)))}
	read := -1
	h := server.UploadTo(func(context.Context, string, *api.File) (*api.Image, error) {
		read = body.n
		return nil, api.ErrImageNotFound
	})
	w := do(t, h, request{method: "POST", path: "/upload/h/none", header: map[string]string{"Content-Type": form}, body: body, length: megabytes + 200})
	wantError(t, w, api.ErrImageNotFound, "")
	if read < 0 || read > 64<<10 {
		t.Errorf("%d bytes were read before", read)
	}
}

// What a form turns out to be decides, whatever the implementation has made of
// it.
func TestFormDecidesOverTheImplementation(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 100_000)
	whole := parts(`name="id"`, "a", file, large)
	late := parts(`name="id"`, "a", file, large, `name="creator"`, "me")
	ignore := func(in api.ImageUpload) (*api.Image, error) {
		r, err := in.File.Open()
		if err == nil {
			_, _ = io.Copy(io.Discard, r)
		}
		return &api.Image{ID: "stored"}, nil
	}
	for name, tt := range map[string]struct {
		body   string
		upload func(in api.ImageUpload) (*api.Image, error)
		kind   *api.ErrorKind
		text   string
	}{
		"ignores a cut":           {whole[:90_000], ignore, api.ErrBadRequest, "incomplete"},
		"ignores a late text":     {late, ignore, api.ErrBadRequest, "creator: must come before the file"},
		"reads nothing of a cut":  {whole[:90_000], func(api.ImageUpload) (*api.Image, error) { return &api.Image{}, nil }, api.ErrBadRequest, "incomplete"},
		"reads nothing":           {whole, func(api.ImageUpload) (*api.Image, error) { return &api.Image{}, nil }, nil, ""},
		"fails before the file":   {whole[:90_000], func(api.ImageUpload) (*api.Image, error) { return nil, api.ErrResourceExists }, api.ErrResourceExists, ""},
		"says another thing":      {whole[:90_000], func(in api.ImageUpload) (*api.Image, error) { _, _ = ignore(in); return nil, errors.New("disk") }, api.ErrBadRequest, "incomplete"},
		"panics within the file":  {whole, func(in api.ImageUpload) (*api.Image, error) { panic("x") }, api.ErrInternal, ""},
		"opens the file too late": {whole, nil, nil, ""},
	} {
		var kept *api.File
		if tt.upload == nil {
			tt.upload = func(in api.ImageUpload) (*api.Image, error) { kept = in.File; return &api.Image{}, nil }
		}
		w := do(t, serving(&stub{upload: tt.upload}), request{method: "POST", path: accounts + "/v1", header: map[string]string{"Content-Type": form}, body: strings.NewReader(tt.body)})
		if tt.kind != nil {
			wantError(t, w, tt.kind, tt.text)
		} else if w.Code != 200 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if kept != nil {
			if n, err := kept.WriteTo(io.Discard); n != 0 && err == nil {
				t.Errorf("%s: %d bytes after the answer", name, n)
			}
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// A client that leaves while it sends makes the reading fail, and nobody is told
// of it.
func TestClientGoneMidUpload(t *testing.T) {
	t.Parallel()
	log, lines := logged()
	failed := make(chan error, 1)
	s := &stub{upload: func(in api.ImageUpload) (*api.Image, error) {
		r, err := in.File.Open()
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		failed <- err
		return nil, err
	}}
	srv := httptest.NewServer(serving(s, server.WithLogger(log)))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	body := parts(`name="id"`, "a", file, strings.Repeat("x", megabytes))
	fmt.Fprintf(conn, "POST %s/v1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		accounts, form, len(body), body[:megabytes/2])
	_ = conn.Close()
	select {
	case err := <-failed:
		if err == nil {
			t.Error("half a file is whole")
		}
	case <-time.After(time.Minute):
		t.Fatal("the implementation is not told")
	}
	srv.Close() // waits for the handler
	if got := lines(); got != "" {
		t.Errorf("logged %s", got)
	}
}

// An implementation that answers while the file arrives, and leaves somebody
// behind who still reads it, keeps nobody waiting.
func TestStrayReadersHoldNothingUp(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	s := &stub{upload: func(in api.ImageUpload) (*api.Image, error) {
		r, err := in.File.Open()
		if err != nil {
			return nil, err
		}
		go func() {
			_, _ = io.Copy(io.Discard, r)
			close(stop)
		}()
		return nil, api.ErrResourceExists
	}}
	srv := httptest.NewServer(serving(s))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	body := parts(`name="id"`, "a", file, strings.Repeat("x", megabytes))
	fmt.Fprintf(conn, "POST %s/v1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		accounts, form, len(body), body)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusConflict {
		t.Errorf("%v %v", resp, err)
	}
	<-stop
}

// No log shows what a request authenticates with, at any level.
func TestLogsHoldNoCredentials(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug - 10, AddSource: true}))
	s := echoing()
	s.upload = func(api.ImageUpload) (*api.Image, error) { panic("no secret") }
	s.create = func(api.VariantCreate) (*api.Variant, error) { return nil, errors.New("no secret") }
	for _, opts := range [][]server.Option{
		{server.WithLogger(log)},
		{server.WithLogger(log), server.WithLogins(server.Token("other")), server.WithLenient(), server.WithCORS("*")},
		{server.WithLogger(log), server.WithAuth(func(_ context.Context, who server.Credentials, _ []string) error {
			return fmt.Errorf("not known: %+v", who)
		})},
	} {
		h := serving(s, opts...)
		for _, who := range []map[string]string{
			{"Authorization": "Bearer s3cret"}, {"Authorization": "", "X-Auth-Email": "s3cret@example.com", "X-Auth-Key": "s3cret"}, {"Authorization": "Basic s3cret"},
		} {
			for _, req := range []request{
				{method: "GET", path: accounts + "/v1/a"}, {method: "GET", path: "/nowhere"}, {method: "PUT", path: accounts + "/v1/a"},
				{method: "POST", path: accounts + "/v1", body: strings.NewReader(parts(file, "PNG"))},
				{method: "POST", path: accounts + "/v1/variants", body: strings.NewReader(`{"id":"a","options":{"fit":"cover","metadata":"none","width":1,"height":1}}`)},
			} {
				req.header = map[string]string{"Content-Type": form}
				if strings.HasSuffix(req.path, "variants") {
					req.header["Content-Type"] = jsonType
				}
				for name, value := range who {
					req.header[name] = value
				}
				if w := do(t, h, req); strings.Contains(w.Body.String()+fmt.Sprint(w.Header()), "s3cret") {
					t.Errorf("the client sees %v %s", w.Header(), w.Body)
				}
			}
		}
	}
	if text := b.String(); strings.Contains(text, "s3cret") || !strings.Contains(text, "no secret") {
		t.Errorf("logged %s", text)
	}
}
