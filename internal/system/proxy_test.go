package system

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/server"
)

// sink is a service that only looks at what is uploaded.
type sink struct {
	api.Unimplemented
	arrived atomic.Int64
	reached chan struct{} // closed when a first piece is here
}

func (s *sink) UploadImage(_ context.Context, in api.ImageUpload) (*api.Image, error) {
	r, err := in.File.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	h := sha256.New()
	buf := make([]byte, 16<<10)
	for first := true; ; {
		n, err := r.Read(buf)
		h.Write(buf[:n])
		if s.arrived.Add(int64(n)) > piece/2 && first {
			first = false
			close(s.reached)
		}
		if err == io.EOF {
			return &api.Image{ID: in.ID, Filename: fmt.Sprintf("%x", h.Sum(nil))}, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

const (
	size  = 10 << 20
	piece = 1 << 20
)

// proxied serves a service through n servers, each in front of a client of the
// next.
func proxied(t *testing.T, s api.Service, n int) string {
	t.Helper()
	url := ""
	for range n {
		front := httptest.NewServer(server.New(server.For(s)))
		t.Cleanup(front.Close)
		url = front.URL
		c, err := client.New("acc", client.WithToken("t"), client.WithBaseURL(url))
		if err != nil {
			t.Fatal(err)
		}
		s = c
	}
	return url
}

// post uploads a file whose rest is sent once the service has its beginning.
func post(ctx context.Context, t *testing.T, url string, s *sink, rest func(w io.Writer) error) *http.Response {
	t.Helper()
	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, "--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\na\r\n"+
			"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\nContent-Type: image/png\r\n\r\n")
		_, _ = w.Write(make([]byte, piece))
		select {
		case <-s.reached:
		case <-ctx.Done():
		}
		_ = w.CloseWithError(rest(w))
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/accounts/acc/images/v1", r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=B")
	req.Header.Set("Authorization", "Bearer t")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// TestProxyDoesNotBuffer sends the rest of a file only once the service behind two
// proxies has read from its beginning, and looks at what is held meanwhile.
func TestProxyDoesNotBuffer(t *testing.T) {
	s := &sink{reached: make(chan struct{})}
	url := proxied(t, s, 3)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	before := live()
	var most uint64
	resp := post(ctx, t, url, s, func(w io.Writer) error {
		for sent := piece; sent < size; sent += piece {
			if _, err := w.Write(make([]byte, piece)); err != nil {
				return err
			}
			most = max(most, live())
		}
		_, err := io.WriteString(w, "\r\n--B--\r\n")
		return err
	})
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if want := fmt.Sprintf("%x", sha256.Sum256(make([]byte, size))); err != nil || resp.StatusCode != 200 || !strings.Contains(string(body), want) {
		t.Fatalf("%d %v: %s", resp.StatusCode, err, body)
	}
	if most > before+size/2 {
		t.Errorf("the heap grows from %d to %d bytes for a file of %d", before, most, size)
	}
}

// live is what the heap holds.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestProxyPassesACutOn checks that a file that breaks off on its way does so for
// the service, too.
func TestProxyPassesACutOn(t *testing.T) {
	s := &sink{reached: make(chan struct{})}
	url := proxied(t, s, 2)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	resp := post(ctx, t, url, s, func(w io.Writer) error { return nil })
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusBadRequest {
		body, err := io.ReadAll(resp.Body)
		t.Errorf("%d %s %v", resp.StatusCode, body, err)
	}
}
