package system

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
)

// transcript writes down every answer as it came over the wire, headers
// included. The address of the mock is the only thing in it that may differ.
type transcript struct {
	next http.RoundTripper
	root func() string
	text bytes.Buffer
	n    int
}

func (r *transcript) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	dump, err := httputil.DumpResponse(resp, true)
	if err != nil {
		return nil, err
	}
	r.n++
	r.text.WriteString(req.Method + " " + req.URL.RequestURI() + "\n")
	r.text.Write(bytes.ReplaceAll(dump, []byte(r.root()), []byte("http://mock")))
	return resp, nil
}

// played calls every operation and returns what was answered.
func played(t *testing.T, m *mock.Mock, transport http.RoundTripper) string {
	t.Helper()
	r := &transcript{next: transport, root: func() string { return strings.TrimSuffix(m.URL(), "/client/v4") }}
	c := m.Client(client.WithHTTPClient(&http.Client{Transport: r}), client.WithRetries(0), client.WithoutChecks())
	everyOperation(t, recorded{c, r}, begin.Add(time.Hour))
	if got := len(m.Calls()); r.n < got {
		t.Fatalf("%d answers of %d calls are written down", r.n, got)
	}
	seen := map[string]bool{}
	for _, made := range m.Calls() {
		seen[made.Op.Name] = true
	}
	if len(seen) < 18 { // another may come with the specification alone
		t.Fatalf("%d operations were called", len(seen))
	}
	return r.text.String()
}

// recorded is a client whose one-time uploads are written down, too.
type recorded struct {
	*client.Client
	transcript *transcript
}

func (r recorded) UploadTo(ctx context.Context, url string, file *api.File) (*api.Image, error) {
	return client.UploadTo(ctx, url, file, client.WithHTTPClient(&http.Client{Transport: r.transcript}))
}

// begin is when the clocks of seeded mocks begin.
var begin = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// seeded makes mocks that must all do the same: their clock goes on by a second
// whenever somebody looks.
func seeded(seed uint64) []mock.Option {
	var looks atomic.Int64
	clock := func() time.Time {
		return begin.Add(time.Duration(looks.Add(1)) * time.Second)
	}
	return []mock.Option{fake.WithSeed(seed), fake.WithClock(clock)}
}

func TestTranscriptsAreTheSame(t *testing.T) {
	t.Parallel()
	socket := func() string { return played(t, mock.Start(t, seeded(7)...), &http.Transport{DisableKeepAlives: true}) }
	first := socket()
	if again := socket(); again != first {
		t.Errorf("over HTTP, the same calls are answered\n%s\nand then\n%s", first, again)
	}
	for _, name := range []string{"Cf-Ray: ", "Date: Fri, 02 Jan 2026 03:0", "Etag: ", "Content-Length: ", "HTTP/1.1 404"} {
		if !strings.Contains(first, name) {
			t.Errorf("no %s is in\n%s", name, first)
		}
	}
	if other := played(t, mock.Start(t, seeded(8)...), &http.Transport{DisableKeepAlives: true}); other == first {
		t.Error("another seed makes no difference")
	}
	synctest.Test(t, func(t *testing.T) {
		m, again := mock.New(seeded(7)...), mock.New(seeded(7)...)
		first := played(t, m, m.Transport())
		if second := played(t, again, again.Transport()); second != first {
			t.Errorf("without a socket, the same calls are answered\n%s\nand then\n%s", first, second)
		}
	})
}
