package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/internal/inspector"
	"github.com/cfimages/cfimages/runtime/deliver"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fault"
)

const token = "secret-token"

// site is a mock with the page, and with as much of an admin API as the page asks.
type site struct {
	web *httptest.Server
	*mock.Mock

	mu      sync.Mutex
	calls   []json.RawMessage
	changed chan struct{} // closed at the next call
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{changed: make(chan struct{})}
	s.Mock = mock.New(deliver.Beside(), fake.WithSeed(1)).Account("demo")
	world := s.World()
	page := inspector.New(inspector.Config{
		API: "/client/v4", Admin: "/_mock", Now: world.Now, Journal: true, Faults: true,
		Accounts: func() []inspector.Account {
			return []inspector.Account{{ID: "demo", Token: token, Hash: world.Account("demo").Hash()}, {ID: "other", Token: token, Hash: world.Account("other").Hash()}}
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/", s.journal(s.Handler()))
	mux.Handle("GET /{$}", page)
	mux.Handle(inspector.Files, page)
	s.admin(mux)
	s.web = httptest.NewServer(mux)
	t.Cleanup(func() {
		s.web.CloseClientConnections() // streams of calls have no end
		s.web.Close()
	})
	return s
}

// admin serves the clock, the calls and the faults.
func (s *site) admin(mux *http.ServeMux) {
	mux.HandleFunc("POST /_mock/clock", func(w http.ResponseWriter, r *http.Request) {
		var order struct{ Advance string }
		_ = json.NewDecoder(r.Body).Decode(&order)
		d, err := time.ParseDuration(order.Advance)
		if err != nil {
			http.Error(w, `{"error":"advance must be a duration"}`, http.StatusBadRequest)
			return
		}
		ahead, _ := s.World().Advance(d)
		_ = json.NewEncoder(w).Encode(map[string]any{"ahead": fmt.Sprint(ahead), "now": s.World().Now()})
	})
	mux.HandleFunc("GET /_mock/calls/stream", s.stream)
	mux.HandleFunc("DELETE /_mock/calls", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /_mock/faults/kinds", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(fault.Kinds()) })
	mux.HandleFunc("GET /_mock/faults", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(s.Faults().List()) })
	mux.HandleFunc("POST /_mock/faults", func(w http.ResponseWriter, r *http.Request) {
		var made fault.Rule
		err := json.NewDecoder(r.Body).Decode(&made)
		if err == nil {
			_, err = s.Faults().Add(made)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
		}
	})
	mux.HandleFunc("DELETE /_mock/faults", func(http.ResponseWriter, *http.Request) { s.Faults().Reset() })
	mux.HandleFunc("DELETE /_mock/faults/{id}", func(_ http.ResponseWriter, r *http.Request) { s.Faults().Remove(r.PathValue("id")) })
}

// journal notes calls of the API, and answers those that meet a fault.
func (s *site) journal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := map[string]any{"time": time.Now(), "method": r.Method, "path": r.URL.EscapedPath(), "query": r.URL.RawQuery}
		if op := operation(r); op != "" {
			call["operation"], call["account"] = op, "demo"
		}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		began := time.Now()
		next.ServeHTTP(rec, r)
		if id := rec.Header().Get(fault.Header); id != "" {
			call["fault"] = id
		}
		call["status"], call["duration_ms"] = rec.status, float64(time.Since(began).Microseconds())/1000
		line, _ := json.Marshal(call)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls = append(s.calls, line)
		close(s.changed)
		s.changed = make(chan struct{})
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// operation names what the tests ask for.
func operation(r *http.Request) string {
	return map[string]string{
		"GET v2": "ListImages", "GET variants": "ListVariants", "GET keys": "ListSigningKeys", "GET stats": "GetStats", "POST v1": "UploadImage",
		"POST direct_upload": "CreateDirectUpload", "PATCH config": "EditConfig",
	}[r.Method+" "+r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]]
}

// stream sends the calls, those before it and those to come.
func (s *site) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for sent := 0; ; {
		s.mu.Lock()
		next, changed := s.calls[sent:], s.changed
		s.mu.Unlock()
		for _, c := range next {
			_, _ = fmt.Fprintf(w, "data: %s\n\n", c)
		}
		sent += len(next)
		w.(http.Flusher).Flush()
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

// store uploads pictures, whose metadata has an album and a rating.
func (s *site) store(t *testing.T, n int, pictures [][]byte) {
	t.Helper()
	albums := []string{"cats", "harbour", "studio"}
	for i := range n {
		_, err := s.UploadImage(t.Context(), api.ImageUpload{
			File:     api.Bytes(fmt.Sprintf("%s-%04d.jpg", albums[i%3], i+1), pictures[i%len(pictures)]),
			Metadata: api.Meta{"album": albums[i%3], "rating": i%5 + 1}, RequireSignedURLs: i%7 == 3,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// landscapes are pictures of hills that differ in colour and form.
func landscapes(n, w, h int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				img.SetRGBA(x, y, hills(i, float64(x)/float64(w), float64(y)/float64(h)))
			}
		}
		var b bytes.Buffer
		_ = jpeg.Encode(&b, img, &jpeg.Options{Quality: 88}) // into memory, which does not fail
		out[i] = b.Bytes()
	}
	return out
}

func hills(i int, x, y float64) color.RGBA {
	a := float64(i)
	sky := [3]float64{0.62 + 0.3*math.Sin(a*0.9), 0.66 + 0.12*math.Sin(a*1.7+1), 0.74 + 0.2*math.Cos(a*1.1)}
	shade := 1 - 0.35*y
	if dx, dy := x-0.2-0.6*math.Abs(math.Sin(a)), (y-0.24)*0.75; dx*dx+dy*dy < 0.006 {
		return color.RGBA{255, 236, 196, 255}
	}
	for k := range 4 {
		f := float64(k)
		top := 0.4 + 0.14*f + 0.09*math.Sin(3.1*x*(1+0.3*f)+a*(1.3+f)) + 0.03*math.Sin(11*x+a+f)
		if y > top {
			shade = 0.78 - 0.19*f
			sky = [3]float64{sky[0]*0.55 + 0.1, sky[1]*0.7 + 0.1, sky[2]*0.6 + 0.12}
		}
	}
	c := func(v float64) uint8 { return uint8(255 * min(max(v*shade, 0), 1)) }
	return color.RGBA{c(sky[0]), c(sky[1]), c(sky[2]), 255}
}
