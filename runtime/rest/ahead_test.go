package rest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/rest"
)

// slow answers the pages of s after a second each.
func slow(s *server) func(context.Context, string) (result, error) {
	return func(ctx context.Context, token string) (result, error) {
		select {
		case <-time.After(time.Second):
			return s.get(ctx, token)
		case <-ctx.Done():
			s.calls.Add(1)
			return result{}, ctx.Err()
		}
	}
}

func TestAheadOverlapsTheLoop(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[bool]time.Duration{
		false: (4 + 4) * time.Second, // four pages, and four loops of a page with items or without
		true:  (1 + 4) * time.Second, // the first page, and whichever takes longer
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{pages: map[string]result{"": {[]int{1}, "a"}, "a": {[]int{2}, "b"}, "b": {[]int{3}, "c"}, "c": {[]int{4}, ""}}}
			start := time.Now()
			for _, err := range rest.Tokens(t.Context(), lister(t, ahead), api.OpListImages, "", slow(s), itemsOf, nextOf) {
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
			}
			if took := time.Since(start); took != want || s.calls.Load() != 4 {
				t.Errorf("ahead %t: %s and %d requests, want %s", ahead, took, s.calls.Load(), want)
			}
		})
	}
}

// TestAheadLeaksNothing relies on the bubble, which does not end before its
// goroutines.
func TestAheadLeaksNothing(t *testing.T) {
	t.Parallel()
	const half = time.Second / 2 // of the time that a fetch takes
	loops := map[string]func(*int, error) bool{
		"stops":  func(*int, error) bool { time.Sleep(half); return false },
		"panics": func(*int, error) bool { time.Sleep(half); panic("enough") },
	}
	for name, body := range loops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &server{pages: threePages}
				start := time.Now()
				func() {
					defer func() { _ = recover() }()
					rest.Tokens(t.Context(), lister(t, true), api.OpListImages, "", slow(s), itemsOf, nextOf)(body)
				}()
				if took := time.Since(start); took != time.Second+half || s.calls.Load() != 2 {
					t.Errorf("%s and %d requests; the fetch ahead should have been canceled", took, s.calls.Load())
				}
			})
		})
	}
}

func TestAheadErrorComesAfterTheItems(t *testing.T) {
	t.Parallel()
	s := &server{pages: map[string]result{"": {[]int{1, 2}, "gone"}}}
	got, err := collect(t, rest.Tokens(t.Context(), lister(t, true), api.OpListImages, "", s.get, itemsOf, nextOf))
	if err == nil || err.Error() != `no page "gone"` {
		t.Errorf("error %v", err)
	}
	wantItems(t, got, 1, 2)
}

func TestAheadNumbers(t *testing.T) {
	t.Parallel()
	for n := range 6 {
		got, err := collect(t, rest.Numbers(t.Context(), lister(t, true), api.OpListImagesV1, 0, numbered(n), self))
		if want := []int{1, 2, 3, 4, 5}[:n]; err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	}
}

func TestAheadByTwoGoroutines(t *testing.T) {
	t.Parallel()
	s := &server{pages: threePages}
	seq := rest.Tokens(t.Context(), lister(t, true), api.OpListImages, "", s.get, itemsOf, nextOf)
	done := make(chan string)
	for range 2 {
		go func() {
			got, err := collect(t, seq)
			again, _ := collect(t, seq)
			done <- fmt.Sprint(got, again, err)
		}()
	}
	for range 2 {
		if got := <-done; got != "[1 2 3 4 5] [1 2 3 4 5] <nil>" {
			t.Error(got)
		}
	}
}

// TestEmptyTokenIsAnError: the list may be longer, so it must not end in silence,
// nor begin again.
func TestEmptyTokenIsAnError(t *testing.T) {
	t.Parallel()
	s := &server{pages: map[string]result{"": {[]int{1, 2}, "x"}}}
	empty := func(result) *string { return new("") }
	for _, ahead := range []bool{false, true} {
		got, err := collect(t, rest.Tokens(t.Context(), lister(t, ahead), api.OpListImages, "", s.get, itemsOf, empty))
		if !errors.Is(err, rest.ErrEmptyToken) {
			t.Errorf("error %v", err)
		}
		wantItems(t, got, 1, 2)
	}
	if n := s.calls.Load(); n != 2 {
		t.Errorf("%d requests, want one each", n)
	}
}

// TestAheadPanics: a panic of the fetch reaches whoever ranges, who may recover.
func TestAheadPanics(t *testing.T) {
	t.Parallel()
	fetch := func(_ context.Context, token string) (result, error) {
		if token != "" {
			panic("no more " + token)
		}
		return result{[]int{1}, "pages"}, nil
	}
	var got any
	func() {
		defer func() { got = recover() }()
		for range rest.Tokens(t.Context(), lister(t, true), api.OpListImages, "", fetch, itemsOf, nextOf) {
		}
	}()
	if got != "no more pages" {
		t.Errorf("recovered %v", got)
	}
}
