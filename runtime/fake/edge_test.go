package fake

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestEdge(t *testing.T) {
	clock := func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("moon", 3600)) }
	rays := func(w *World) []string {
		h := w.Edge(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
		var all []string
		for range 3 {
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
			if date := answer.Header().Get("Date"); answer.Code != http.StatusTeapot || date != "Fri, 02 Jan 2026 02:04:05 GMT" {
				t.Errorf("%d at %s", answer.Code, date)
			}
			all = append(all, answer.Header().Get("CF-Ray"))
		}
		if !regexp.MustCompile(`^[0-9a-f]{16}-XXX$`).MatchString(all[0]) || all[0] == all[1] {
			t.Errorf("the rays are %v", all)
		}
		return all
	}
	seeded := New(WithClock(clock), WithSeed(1))
	first := rays(seeded)
	if slices.Equal(rays(seeded), first) || slices.Equal(rays(New(WithClock(clock))), first) {
		t.Error("rays come again")
	}
	if seeded.Reset(); !slices.Equal(rays(seeded), first) {
		t.Error("after a reset, other rays come")
	}
	if !slices.Equal(rays(New(WithClock(clock), WithSeed(1))), first) {
		t.Error("the same seed makes other rays")
	}
}
