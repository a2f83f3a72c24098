package admin

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fill adds exchanges to a journal.
func fill(j *Journal, n int) {
	for range n {
		j.add(&Exchange{Method: http.MethodGet, Path: "/x", Status: 200})
	}
}

// TestFullJournal clears a journal that has turned over, and goes on.
func TestFullJournal(t *testing.T) {
	t.Parallel()
	s := steer(t)
	fill(s.journal, Kept+500)
	list := s.journal.After(0)
	if len(list) != Kept || list[0].ID != 501 || list[Kept-1].ID != Kept+500 {
		t.Fatalf("%d exchanges from %d", len(list), list[0].ID)
	}
	if _, text := s.send("GET", "/calls?since=1498", ""); strings.Count(text, `"id"`) != 2 {
		t.Errorf("since: %s", text)
	}
	if status, text := s.send("DELETE", "/calls", ""); status != 200 {
		t.Fatal(text)
	}
	if _, text := s.send("GET", "/calls", ""); text != "{\"calls\":[]}\n" {
		t.Errorf("cleared: %.200s", text)
	}
	fill(s.journal, 1)
	if list := s.journal.After(0); len(list) != 1 || list[0].ID != Kept+501 {
		t.Errorf("afterwards: %+v", list)
	}
	fill(s.journal, Kept)
	if list := s.journal.After(0); len(list) != Kept || list[0].ID != 502 && list[0].ID != Kept+502 {
		t.Errorf("turned over again: %d", len(list))
	}
	if _, text := s.send("GET", "/metrics", ""); !strings.Contains(text, `requests_total{operation="other",status="200"} 2501`) {
		t.Errorf("the counter went back: %s", text)
	}
}

// TestStream reads streams that begin at various places, each until it is quiet.
func TestStream(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, last, query string
		clear             bool
		first, events     int
	}{
		{"everything", "", "", false, 501, 1000},
		{"the next", "1498", "", false, 1499, 2},
		{"across a gap", "10", "", false, 501, 1000},
		{"nothing new", "1500", "", false, 0, 0},
		{"of an earlier journal", "9000", "", false, 501, 1000},
		{"behind a start", "", "?since=1490", false, 1491, 10},
		{"the header wins", "1499", "?since=3", false, 1500, 1},
		{"of others", "", "?status=404", false, 0, 0},
		{"cleared", "10", "", true, 0, 0},
		{"below zero", "-4", "", false, 501, 1000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := steer(t)
				fill(s.journal, Kept+500)
				if tt.clear {
					s.journal.Clear()
				}
				text := s.stream(tt.query, tt.last)
				if n := strings.Count(text, "event: call"); n != tt.events {
					t.Errorf("%d events, want %d", n, tt.events)
				}
				if tt.events > 0 && !strings.HasPrefix(text, fmt.Sprintf("id: %d\n", tt.first)) {
					t.Errorf("it begins %.40q", text)
				}
			})
		})
	}
}

// stream reads a stream until it waits.
func (s *steered) stream(query, last string) string {
	ctx, cancel := context.WithCancel(s.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, Path+"/calls/stream"+query, http.NoBody)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.ServeHTTP(w, r)
	}()
	synctest.Wait()
	cancel()
	<-done
	return w.Body.String()
}

// TestStreamGoesOn sees exchanges come, a sign of life, and the end.
func TestStreamGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := steer(t)
		w := httptest.NewRecorder()
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, Path+"/calls/stream", http.NoBody))
		}()
		synctest.Wait()
		fill(s.journal, 1)
		synctest.Wait()
		time.Sleep(pulse)
		synctest.Wait()
		fill(s.journal, 1)
		synctest.Wait()
		s.journal.Close()
		s.journal.Close()
		<-done
		text := w.Body.String()
		if !strings.HasPrefix(text, ":\n\nid: 1\n") || !strings.Contains(text, "}\n\n:\n\nid: 2\n") {
			t.Errorf("got %q", text)
		}
	})
}

// TestStreamIDs refuses a Last-Event-ID that is none.
func TestStreamIDs(t *testing.T) {
	t.Parallel()
	s := steer(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, Path+"/calls/stream", http.NoBody)
	r.Header.Set("Last-Event-ID", "one")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "Last-Event-ID") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestHandler looks at what is kept of exchanges of every kind.
func TestHandler(t *testing.T) {
	t.Parallel()
	j := newJournal()
	h := j.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/binary":
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte("pixels"))
		case "/long":
			w.Header().Set("Content-Type", "text/plain")
			for range 10 {
				_, _ = w.Write([]byte(strings.Repeat("x", 1000)))
			}
		case "/cut":
			panic(http.ErrAbortHandler)
		case "/failed":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write([]byte(`{"errors":[{"code":5400},{"code":5404}]}`))
		}
	}))
	for _, path := range []string{"/binary", "/long", "/cut", "/failed", "/empty?exp=1&sig=abc", "/empty?s%69g=abc", "/empty?EXP=1;SIG=abc"} {
		func() {
			defer func() { _ = recover() }()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		}()
	}
	got := j.After(0)
	for i, want := range []Exchange{
		{Path: "/binary", Status: 200}, {Path: "/long", Status: 200, ResponseBody: strings.Repeat("x", maxBody)},
		{Path: "/cut"}, {Path: "/failed", Status: 418, ResponseBody: `{"errors":[{"code":5400},{"code":5404}]}`},
		{Path: "/empty", Status: 200, Query: "exp=1&sig=[hidden]"},
		{Path: "/empty", Status: 200, Query: "s%69g=[hidden]"},
		{Path: "/empty", Status: 200, Query: "EXP=1;SIG=[hidden]"},
	} {
		e := got[i]
		if e.Path != want.Path || e.Status != want.Status || e.ResponseBody != want.ResponseBody || e.Query != want.Query {
			t.Errorf("%s: %d %q %.50q", e.Path, e.Status, e.Query, e.ResponseBody)
		}
	}
	if codes := got[3].Codes; len(codes) != 2 || codes[1] != 5404 {
		t.Errorf("codes %v", codes)
	}
}
