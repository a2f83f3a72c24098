package conformance

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsi/gomega"
)

func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	far := Limits{Rate: defaultRate, MaxRequests: defaultMaxRequests}
	for base, want := range map[string]Limits{
		"https://api.cloudflare.com/client/v4": far,
		"http://192.0.2.7:8787/client/v4":      far,
		"http://127.0.0.1:8787/client/v4":      {},
		"http://[::1]:8787/client/v4":          {},
		"http://localhost/client/v4":           {},
	} {
		if got := DefaultLimits(Target{BaseURL: base}); got != want {
			t.Errorf("%s: %+v", base, got)
		}
	}
	if got := DefaultLimits(Target{BaseURL: "https://a.invalid", Handler: http.NotFoundHandler()}); got != (Limits{}) {
		t.Errorf("in process: %+v", got)
	}
}

// asked is a run against a handler, with limits and without clauses.
func asked(t *testing.T, l Limits, h http.HandlerFunc) *run {
	t.Helper()
	r, err := newRun(t.Context(), Target{Handler: h, AccountID: "a", Token: "t"}, []Option{WithLimits(l)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fine(http.ResponseWriter, *http.Request) {}

// TestRate checks that requests are paced, but for the first that may be sent
// at once.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := asked(t, Limits{Rate: 4}, fine)
		client := r.client(r.newTrace("test"))
		begin := time.Now()
		for range crowd + 40 {
			if _, err := r.send(t.Context(), client, get(listPath)); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begin).Round(time.Millisecond); took != 10*time.Second {
			t.Errorf("40 requests beyond the first %d took %s, at 4 a second", crowd, took)
		}
	})
}

// TestPatience checks that a request is sent again when the target asks to come
// back later, and when.
func TestPatience(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"7":                             7 * time.Second,
		"0":                             0,
		"100000000000000":               maxPause,
		"later":                         time.Second,
		"-3":                            time.Second,
		"Thu, 01 Jan 2026 00:00:09 GMT": 9 * time.Second,
		"Wed, 31 Dec 2025 23:00:00 GMT": 0,
		"Fri, 02 Jan 2026 00:00:00 GMT": maxPause,
	} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			r := asked(t, Limits{}, func(w http.ResponseWriter, _ *http.Request) {
				if n++; n == 1 {
					w.Header().Set("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
					w.Header().Set("Retry-After", text)
					w.WriteHeader(http.StatusTooManyRequests)
				}
			})
			begin := time.Now()
			got, err := r.send(t.Context(), r.client(r.newTrace("test")), get(listPath))
			if err != nil || got.status != http.StatusOK || time.Since(begin) != want {
				t.Errorf("Retry-After %q: %v after %s", text, err, time.Since(begin))
			}
			if spent := r.gate.spent().Requests; spent != 2 {
				t.Errorf("%d requests were counted", spent)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	upload := request{method: "POST", path: imagesPath, body: []byte("12345678"), contentType: "image/png"}
	for name, c := range map[string]struct {
		limits Limits
		q      request
		want   string
		sent   int
	}{
		"requests": {Limits{MaxRequests: 3}, get(listPath), "the budget of 3 requests", 3},
		"writes":   {Limits{MaxWrites: 2}, upload, "the budget of 2 writes", 2},
		"images":   {Limits{MaxImages: 4}, upload, "the budget of 4 images at the same time", 4},
		"bytes":    {Limits{MaxBytes: 20}, upload, "the budget of 20 bytes", 2},
		"reads":    {Limits{MaxWrites: 2, MaxImages: 1, MaxBytes: 1}, get(listPath), "", 9},
	} {
		r := asked(t, c.limits, fine)
		client, sent, last := r.client(r.newTrace("test")), 0, error(nil)
		for range 9 {
			if _, err := r.send(t.Context(), client, c.q); err != nil {
				last = err
				continue
			}
			sent++
		}
		if sent != c.sent || (c.want == "") != (last == nil) || last != nil && (!errors.Is(last, ErrStopped) || !strings.Contains(last.Error(), c.want)) {
			t.Errorf("%s: %d were sent, then %v", name, sent, last)
		}
		if (r.gate.stopped() == nil) != (c.want == "") {
			t.Errorf("%s: %v", name, r.gate.stopped())
		}
		if got := r.cleaner("cleanup", r.id).ask(t.Context(), "", del(imagePath("x"))); got.status != http.StatusOK {
			t.Errorf("%s: the clean-up is held back", name)
		}
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	r := asked(t, Limits{}, fine)
	client := r.client(r.newTrace("test"))
	upload := request{method: "POST", path: imagesPath, body: []byte("12345678"), contentType: "image/png"}
	for _, q := range []request{upload, upload, del(imagePath("x")), upload, get(listPath), del(keyPath("x")), {method: "POST", path: directPath}} {
		if _, err := r.send(t.Context(), client, q); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.gate.spent(); got != (Cost{Requests: 7, Writes: 6, Images: 3, Bytes: 24}) {
		t.Errorf("%+v", got)
	}
}

// TestTurns checks that requests at the same time wait together beforehand.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var first, last time.Time
		r := asked(t, Limits{Rate: 2}, func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if first.IsZero() {
				first = time.Now()
			}
			last = time.Now()
		})
		s := r.newSpec(t.Context(), Clause{ID: "CON-001"})
		s.Gomega = gomega.NewWithT(t)
		for range 2 {
			first = time.Time{}
			s.atOnce(crowd, func(int) request { return get(listPath) })
			if !first.Equal(last) {
				t.Errorf("they were sent within %s", last.Sub(first))
			}
		}
	})
}

// TestBreaker checks when a target counts as away.
func TestBreaker(t *testing.T) {
	t.Parallel()
	lost, heard := &exchange{err: context.DeadlineExceeded}, &exchange{status: 200}
	g := newGate(Limits{})
	for i, c := range []struct {
		last *exchange
		away bool
	}{{lost, false}, {lost, false}, {heard, false}, {lost, false}, {nil, false}, {lost, false}, {lost, true}} {
		if got := g.over(c.last); got != c.away {
			t.Errorf("clause %d: %t", i, got)
		}
	}
	for name, c := range map[string]struct {
		statuses []int
		away     bool
	}{
		"gateway":           {[]int{502, 503, 504, 502, 502}, true},
		"four":              {[]int{502, 503, 504, 502}, false},
		"one between":       {[]int{502, 503, 200, 504, 502, 502}, false},
		"always 401":        {[]int{401, 401, 401, 401, 401, 401}, false},
		"401 after success": {[]int{200, 401, 401, 401, 401, 401}, true},
		"500":               {[]int{500, 500, 500, 500, 500, 500}, false},
	} {
		g := newGate(Limits{})
		for _, status := range c.statuses {
			g.heard(status)
		}
		if got := g.over(heard); got != c.away {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestBreakerAsksAgain checks that a target which is wrong about single
// operations is not taken for one that is away.
func TestBreakerAsksAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		stopped bool
	}{
		"answers": {fine, false},
		"failing": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, false},
		"gateway": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, true},
		"refuses": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, true},
		"silent":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
	} {
		r := asked(t, Limits{}, c.handler)
		for range maxSilent {
			r.watchTarget(&exchange{err: context.DeadlineExceeded})
		}
		if err := r.gate.stopped(); (err != nil) != c.stopped || err != nil && !errors.Is(err, ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRequestTimeout checks that a paced run gives up on a single request.
func TestRequestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := asked(t, Limits{Rate: 1}, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
		begin := time.Now()
		_, err := r.send(t.Context(), r.client(r.newTrace("test")), get(listPath))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != r.target.Timeout {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
	})
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		r := asked(t, Limits{}, func(http.ResponseWriter, *http.Request) {
			if time.Since(begin) < 5*time.Second {
				panic(http.ErrAbortHandler)
			}
		})
		r.await = time.Second
		if err := r.probe(); !errors.Is(err, ErrUnreachable) || time.Since(begin) < time.Second {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
		r.await = 10 * time.Second
		if err := r.probe(); err != nil || time.Since(begin) > 6*time.Second {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
	})
}

func TestUnderstood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		kind   string
		want   string
	}{
		"JSON":             {200, "application/json", ""},
		"not found":        {404, "text/plain", ""},
		"broken":           {500, "application/json", ""},
		"unauthenticated":  {401, "application/json", "the token was refused"},
		"forbidden":        {403, "application/json", "the token was refused"},
		"HTML":             {200, "text/html; charset=utf-8", "does not speak this API"},
		"HTML of an error": {502, "text/html", "does not speak this API"},
	} {
		r := asked(t, Limits{}, fine)
		rec := httptest.NewRecorder()
		rec.Header().Set("Content-Type", c.kind)
		err := r.understood(&reply{status: c.status, header: rec.Header()})
		if (err == nil) != (c.want == "") || err != nil && (!errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
