package page

import (
	"context"
	"errors"
	"testing"
)

func TestEndlessLists(t *testing.T) {
	const limit = 5
	n := 0
	tokens := func(_ context.Context, token string) (string, error) { n++; return token + "x", nil }
	none := func(string) []int { return nil }
	next := func(p string) string { return p }
	yield := func(*int, error) bool { return true }
	if err := walkTokens(t.Context(), "", limit, tokens, none, next, yield); !errors.Is(err, ErrTooManyPages) || n != limit {
		t.Errorf("tokens: %v after %d pages", err, n)
	}
	n = 0
	numbers := func(_ context.Context, number int64) (int, error) { n++; return int(number), nil }
	one := func(p int) []int { return []int{p} }
	if err := walkNumbers(t.Context(), 1, limit, numbers, one, yield); !errors.Is(err, ErrTooManyPages) || n != limit {
		t.Errorf("numbers: %v after %d pages", err, n)
	}
}
