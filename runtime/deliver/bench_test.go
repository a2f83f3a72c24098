package deliver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cfimages/cfimages/runtime/deliver"
)

// null is a response that is thrown away.
type null struct {
	header http.Header
	status int
}

func (n *null) Header() http.Header         { return n.header }
func (n *null) WriteHeader(status int)      { n.status = status }
func (n *null) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkKnown answers with what was made before, in process and over HTTP.
func BenchmarkKnown(b *testing.B) {
	s := newSource(b)
	s.store("large", pictureJPEG(b, 2000, 1500), false)
	h := deliver.New(s)
	target := "/" + hash + "/large/public"
	get(h, target)
	b.Run("handler", func(b *testing.B) {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		for b.Loop() {
			w := &null{header: http.Header{}, status: http.StatusOK}
			if h.ServeHTTP(w, r); w.status != http.StatusOK {
				b.Fatal(w.status)
			}
		}
	})
	b.Run("http", func(b *testing.B) {
		server := httptest.NewServer(h)
		b.Cleanup(server.Close)
		for b.Loop() {
			resp, err := http.Get(server.URL + target)
			if err != nil {
				b.Fatal(err)
			}
			n, err := io.Copy(io.Discard, resp.Body)
			if resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
				b.Fatal(resp.StatusCode, err)
			}
			b.SetBytes(n)
		}
	})
}
