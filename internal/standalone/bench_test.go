package standalone

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/internal/admin"
)

// BenchmarkGet gets an image with the journal and the notes, and without them, by
// the handler alone and over a connection.
func BenchmarkGet(b *testing.B) {
	accounts := Accounts{{"a", "t"}}
	m := mock.New()
	handler := m.Handler(server.WithAuth(accounts.Admit))
	_, err := m.World().Account("a").UploadImage(b.Context(), api.ImageUpload{
		ID: "x.svg", File: api.Bytes("x.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)),
	})
	if err != nil {
		b.Fatal(err)
	}
	n := &notes{world: m.World(), accounts: accounts}
	j := admin.NewJournal(api.Contract, BasePath(), m.World().Now, n.about)
	for name, h := range map[string]http.Handler{"without": handler, "journal": j.Handler(handler)} {
		b.Run("handler/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, get(b, "http://mock.localhost"))
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
		b.Run("connection/"+name, func(b *testing.B) { overConnection(b, h) })
	}
}

func get(b *testing.B, base string) *http.Request {
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, base+BasePath()+"/accounts/a/images/v1/x.svg", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer t")
	return r
}

func overConnection(b *testing.B, h http.Handler) {
	s := httptest.NewServer(h)
	defer s.Close()
	for b.Loop() {
		resp, err := s.Client().Do(get(b, s.URL))
		if err != nil {
			b.Fatal(err)
		}
		var body strings.Builder
		if err := resp.Write(&body); err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(resp.Status, err)
		}
	}
}
