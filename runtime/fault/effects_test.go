package fault_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fault"
)

// TestEffects tells which faults leave a call without effect, over a socket and in
// process.
func TestEffects(t *testing.T) {
	t.Parallel()
	for kind, stored := range map[string]bool{
		"internal-error": false, "html": false, "reset-before": false, "empty-reply": false, "not-http": false,
		"reset-unanswered": true, "half-body": true, "truncated-json": true, "success-500": true, "failed-200": true,
	} {
		for _, direct := range []bool{false, true} {
			m := mock.Start(t)
			m.Fault(fault.Rule{Kind: kind, Operation: "UploadImage"})
			service := api.Service(m)
			if !direct {
				service = m.Client()
			}
			img, err := service.UploadImage(t.Context(), api.ImageUpload{ID: "fox", File: file()})
			_, known := errors.AsType[*fault.Injected](err)
			if err == nil || img != nil || known != direct {
				t.Errorf("%s, direct %t: %v, %v", kind, direct, img, err)
			}
			stats, err := m.GetStats(t.Context())
			if err != nil || (stats.Count.Current == 1) != stored {
				t.Errorf("%s, direct %t: %+v, %v are stored, want one: %t", kind, direct, stats, err, stored)
			}
			if hits := attempts(m); hits != 1 {
				t.Errorf("%s, direct %t: it fired %d times", kind, direct, hits)
			}
		}
	}
}

// TestDirectPatience is about faults that take time in process.
func TestDirectPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := mock.New()
		fill(t, m)
		m.Fault(fault.Rule{ID: "slow", Kind: "latency", Delay: time.Hour, Jitter: time.Hour})
		start := time.Now()
		if _, err := m.GetImage(t.Context(), "cat"); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took <= time.Hour || took > 2*time.Hour {
			t.Errorf("it took %v", took)
		}
		m.Faults().Reset()
		m.Fault(fault.Rule{Kind: "black-hole"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := m.GetImage(ctx, "cat"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a black hole: %v", err)
		}
	})
}

func get(t *testing.T, m *mock.Mock, token string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.URL()+"/accounts/mock/images/v1/cat", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := m.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m := mock.New(fake.WithClock(func() time.Time { return now }))
	m.Faults().SetFastRetries(true)
	m.Fault(fault.Rule{ID: "a", Kind: "rate-limited", RetryAfter: 90 * time.Second, Nth: 1})
	m.Fault(fault.Rule{ID: "b", Kind: "rate-limited", RetryAfter: 90 * time.Second, RetryAfterDate: true, Nth: 1})
	m.Fault(fault.Rule{ID: "c", Kind: "error", Error: "5404"})
	for _, want := range []struct{ id, after, quota, again string }{
		{"a", "90", `"default";r=0;t=90`, "true"},
		{"b", "Thu, 01 Jan 2026 00:01:30 GMT", `"default";r=0;t=90`, "true"},
		{"c", "", "", ""},
	} {
		h := get(t, m, "t").Header
		if h.Get(fault.Header) != want.id || h.Get("Retry-After") != want.after || h.Get("Ratelimit") != want.quota || h.Get("X-Should-Retry") != want.again {
			t.Errorf("%v, want %+v", h, want)
		}
		if (h.Get("Retry-After-Ms") == "1") != (want.again != "") {
			t.Errorf("%s: Retry-After-Ms is %q", want.id, h.Get("Retry-After-Ms"))
		}
	}
}

// TestRates goes through the limits of the real service in virtual time.
func TestRates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m := mock.New(fake.WithClock(func() time.Time { return now }))
	fill(t, m)
	m.Faults().LimitRates(&fault.Limits{})
	status := func(token string, want int, after string) {
		t.Helper()
		resp := get(t, m, token)
		if resp.StatusCode != want || resp.Header.Get("Retry-After") != after {
			t.Fatalf("%v: %d, %v, want %d, %q", now, resp.StatusCode, resp.Header, want, after)
		}
	}
	for i := range 1200 {
		if i > 0 && i%200 == 0 {
			status("b", 429, "1") // the address has had its 200
			now = now.Add(time.Second)
		}
		status("a", 200, "")
	}
	now = now.Add(time.Second)
	status("a", 429, "300")
	status("b", 200, "")
	now = now.Add(299 * time.Second)
	status("a", 429, "1")
	now = now.Add(time.Second)
	resp := get(t, m, "a")
	if resp.StatusCode != 200 || resp.Header.Get("Ratelimit") != `"default";r=1199;t=300` || resp.Header.Get("Ratelimit-Policy") != `"default";q=1200;w=300` {
		t.Errorf("after the block: %d %v", resp.StatusCode, resp.Header)
	}
	m.Faults().LimitRates(nil)
	if get(t, m, "a").Header.Get("Ratelimit") != "" {
		t.Error("limits that were lifted still count")
	}
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	s := fault.NewSet(api.Contract)
	if got := s.Webhook("a", "cat"); got != (fault.Fate{Copies: 1}) {
		t.Errorf("without rules: %+v", got)
	}
	for _, r := range []fault.Rule{
		{ID: "http", Kind: "html"},
		{ID: "lost", Kind: "webhook-lost", Nth: 1}, {ID: "twice", Kind: "webhook-duplicated", Nth: 1},
		{ID: "late", Kind: "webhook-late", Resource: "cat", Times: 1}, {ID: "later", Kind: "webhook-late", Delay: time.Hour, Times: 1},
	} {
		if _, err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []fault.Fate{
		{Rule: "lost"}, {Rule: "twice", Copies: 2}, {Rule: "late", Copies: 1, Delay: time.Minute},
		{Rule: "later", Copies: 1, Delay: time.Hour}, {Copies: 1},
	} {
		if got := s.Webhook("a", "cat"); got != want {
			t.Errorf("webhook %d: %+v, want %+v", i, got, want)
		}
	}
}

// TestBeside faults what is no operation.
func TestBeside(t *testing.T) {
	t.Parallel()
	m := mock.New()
	target, err := m.CreateDirectUpload(t.Context(), api.DirectUpload{})
	if err != nil {
		t.Fatal(err)
	}
	m.Fault(fault.Rule{Kind: "unavailable", Path: "/upload/*", Times: 1})
	hc := &http.Client{Transport: m.Transport()}
	_, err = client.UploadTo(t.Context(), target.UploadURL, file(), client.WithHTTPClient(hc))
	if got := verdict("", err); got != "HTTP 503" {
		t.Errorf("the upload URL: %s", got)
	}
	if _, err = client.UploadTo(t.Context(), target.UploadURL, file(), client.WithHTTPClient(hc)); err != nil {
		t.Error(err)
	}
}

// TestStaleForOneOnly keeps what one caller was told from another.
func TestStaleForOneOnly(t *testing.T) {
	t.Parallel()
	m := mock.New()
	fill(t, m)
	m.Fault(fault.Rule{Kind: "stale-read"})
	if got := get(t, m, "a").StatusCode; got != 200 {
		t.Errorf("the first read: %d", got)
	}
	if err := m.DeleteImage(t.Context(), "cat"); err != nil {
		t.Fatal(err)
	}
	if a, b := get(t, m, "a").StatusCode, get(t, m, "b").StatusCode; a != 200 || b != 404 {
		t.Errorf("after a deletion: %d for who read before, %d for another", a, b)
	}
}
