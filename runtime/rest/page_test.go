package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/rest"
)

type result struct {
	items []int
	next  string
}

func itemsOf(r result) []int { return r.items }
func nextOf(r result) *string {
	if r.next == "" {
		return nil
	}
	return &r.next
}
func self(list []int) []int { return list }

func mapped(list []*int) []int {
	var out []int
	for _, p := range list {
		out = append(out, *p)
	}
	return out
}

// server answers pages by token and counts the requests.
type server struct {
	pages map[string]result
	calls atomic.Int64
}

func (s *server) get(_ context.Context, token string) (result, error) {
	s.calls.Add(1)
	p, ok := s.pages[token]
	if !ok {
		return result{}, fmt.Errorf("no page %q", token)
	}
	return p, nil
}

var threePages = map[string]result{
	"":  {[]int{1, 2}, "a"},
	"a": {nil, "b"}, // empty, and not the last
	"b": {[]int{3}, "c"},
	"c": {[]int{4, 5}, ""},
}

// lister is a core that fetches pages ahead, or not.
func lister(t *testing.T, ahead bool) *rest.Core {
	t.Helper()
	core, err := rest.New(api.Contract, []string{account}, rest.WithPrefetch(ahead))
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// collect ranges a sequence and checks that an error comes last and alone.
func collect(t *testing.T, seq func(func(*int, error) bool)) (got []int, err error) {
	t.Helper()
	for item, e := range seq {
		if err != nil {
			t.Error("something was yielded after an error")
		}
		if e != nil {
			if item != nil {
				t.Error("an item came with an error")
			}
			err = e
			continue
		}
		got = append(got, *item)
	}
	return got, err
}

func wantItems(t *testing.T, got []int, want ...int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// wantListError wants what every error of a client is.
func wantListError(t *testing.T, err error, operation string, status int) {
	t.Helper()
	if e, ok := errors.AsType[*api.Error](err); !ok || e.Operation != operation || e.Status != status {
		t.Errorf("%T %v, want an error of %s with status %d", err, err, operation, status)
	}
}

func TestTokens(t *testing.T) {
	s := &server{pages: threePages}
	seq := rest.Tokens(t.Context(), lister(t, false), api.OpListImages, "", s.get, itemsOf, nextOf)
	for range 2 { // starts over
		got, err := collect(t, seq)
		if err != nil {
			t.Fatal(err)
		}
		wantItems(t, got, 1, 2, 3, 4, 5)
	}
	if n := s.calls.Load(); n != 8 {
		t.Errorf("%d requests, want 8", n)
	}
	got, err := collect(t, rest.Tokens(t.Context(), lister(t, false), api.OpListImages, "b", s.get, itemsOf, nextOf))
	if err != nil {
		t.Fatal(err)
	}
	wantItems(t, got, 3, 4, 5)
}

func TestTokensPointIntoThePage(t *testing.T) {
	list := []int{1, 2}
	fetch := func(context.Context, string) (result, error) { return result{items: list}, nil }
	var got []*int
	for item := range rest.Tokens(t.Context(), lister(t, false), api.OpListImages, "", fetch, itemsOf, nextOf) {
		got = append(got, item)
	}
	if got[0] != &list[0] || got[1] != &list[1] {
		t.Error("items were copied")
	}
	wantItems(t, mapped(got), 1, 2)
}

func TestTokensStopEarly(t *testing.T) {
	s := &server{pages: threePages}
	for item, err := range rest.Tokens(t.Context(), lister(t, false), api.OpListImages, "", s.get, itemsOf, nextOf) {
		if err != nil {
			t.Fatal(err)
		}
		if *item == 2 {
			break
		}
	}
	if n := s.calls.Load(); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestTokensError(t *testing.T) {
	s := &server{pages: map[string]result{"": {[]int{1}, "gone"}}}
	got, err := collect(t, rest.Tokens(t.Context(), lister(t, false), api.OpListImages, "", s.get, itemsOf, nextOf))
	if err == nil || err.Error() != `no page "gone"` {
		t.Errorf("error %v", err)
	}
	wantItems(t, got, 1)
}

func TestTokensRepeated(t *testing.T) {
	for name, pages := range map[string]map[string]result{
		"itself":     {"": {[]int{1}, "a"}, "a": {[]int{2}, "a"}},
		"circle":     {"": {[]int{1}, "a"}, "a": {[]int{2}, "b"}, "b": {nil, "a"}},
		"first page": {"start": {[]int{1}, "a"}, "a": {[]int{2}, "start"}},
	} {
		start := ""
		if name == "first page" {
			start = "start"
		}
		s := &server{pages: pages}
		got, err := collect(t, rest.Tokens(t.Context(), lister(t, false), api.OpListImages, start, s.get, itemsOf, nextOf))
		if !errors.Is(err, rest.ErrRepeatedToken) {
			t.Errorf("%s: error %v", name, err)
		}
		wantListError(t, err, "ListImages", http.StatusOK)
		wantItems(t, got, 1, 2)
	}
}

func TestCanceledBetweenPages(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &server{pages: threePages}
	var got []int
	var last error
	for item, err := range rest.Tokens(ctx, lister(t, false), api.OpListImages, "", s.get, itemsOf, nextOf) {
		if err != nil {
			last = err
			break
		}
		got = append(got, *item)
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("error %v", last)
	}
	wantListError(t, last, "ListImages", 0)
	wantItems(t, got, 1, 2) // the page that is there is finished
	if _, err := collect(t, rest.Numbers(ctx, lister(t, false), api.OpListImagesV1, 0, numbered(1), self)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := s.calls.Load(); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestTwoGoroutinesRangeOneSequence(t *testing.T) {
	s := &server{pages: threePages}
	tokens := rest.Tokens(t.Context(), lister(t, false), api.OpListImages, "", s.get, itemsOf, nextOf)
	numbers := rest.Numbers(t.Context(), lister(t, false), api.OpListImagesV1, 0, numbered(5), self)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got, err := collect(t, tokens)
			if err != nil {
				t.Error(err)
			}
			wantItems(t, got, 1, 2, 3, 4, 5)
		})
		wg.Go(func() {
			got, err := collect(t, numbers)
			if err != nil {
				t.Error(err)
			}
			wantItems(t, got, 1, 2, 3, 4, 5)
		})
	}
	wg.Wait()
}

// numbered answers the numbers 1 to n in pages of two.
func numbered(n int) func(context.Context, int64) ([]int, error) {
	return func(_ context.Context, number int64) ([]int, error) {
		var out []int
		for i := int(number)*2 - 1; i <= min(n, int(number)*2); i++ {
			out = append(out, i)
		}
		return out, nil
	}
}

func TestNumbers(t *testing.T) {
	for _, tc := range []struct {
		first, size int64
		want        []int
	}{
		{0, 0, []int{1, 2, 3, 4, 5}},
		{1, 100, []int{1, 2, 3, 4, 5}}, // the server caps pages at two
		{3, 2, []int{5}},
		{4, 2, nil},
	} {
		got, err := collect(t, rest.Numbers(t.Context(), lister(t, false), api.OpListImagesV1, tc.first, numbered(5), self))
		if err != nil {
			t.Fatal(err)
		}
		wantItems(t, got, tc.want...)
	}
}

func TestNumbersStopEarly(t *testing.T) {
	calls := 0
	fetch := func(_ context.Context, number int64) ([]int, error) {
		calls++
		return []int{int(number)}, nil
	}
	for item := range rest.Numbers(t.Context(), lister(t, false), api.OpListImagesV1, 0, fetch, self) {
		if *item == 2 {
			break
		}
	}
	if calls != 2 {
		t.Errorf("%d requests, want 2", calls)
	}
}

func TestNumbersError(t *testing.T) {
	broken := errors.New("broken")
	fetch := func(_ context.Context, number int64) ([]int, error) {
		if number == 2 {
			return []int{9}, broken
		}
		return []int{1}, nil
	}
	got, err := collect(t, rest.Numbers(t.Context(), lister(t, false), api.OpListImagesV1, 0, fetch, self))
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	wantItems(t, got, 1)
}

func TestNumbersIgnoredByTheServer(t *testing.T) {
	calls := 0
	fetch := func(context.Context, int64) ([]int, error) {
		calls++
		return []int{1, 2, 3}, nil
	}
	got, err := collect(t, rest.Numbers(t.Context(), lister(t, false), api.OpListImagesV1, 0, fetch, self))
	if !errors.Is(err, rest.ErrRepeatedPage) || calls != 2 {
		t.Errorf("error %v after %d requests", err, calls)
	}
	wantListError(t, err, "ListImagesV1", http.StatusOK)
	wantItems(t, got, 1, 2, 3)
}
