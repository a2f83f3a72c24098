package rest

import (
	"context"
	"errors"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
)

func TestEndlessLists(t *testing.T) {
	const limit = 5
	yield := func(*int, error) bool { return true }
	for _, ahead := range []bool{false, true} {
		n := 0
		tokens := walk[string, string, int]{
			op:     api.OpListImages,
			fetch:  func(_ context.Context, token string) (string, error) { n++; return token + "x", nil },
			items:  func(string) []int { return nil },
			follow: followTokens("", func(p string) *string { return &p }),
			pages:  limit, ahead: ahead,
		}
		if err := tokens.all(t.Context(), "", yield); !errors.Is(err, ErrTooManyPages) || n != limit {
			t.Errorf("tokens: %v after %d pages", err, n)
		}
		n = 0
		one := func(p int) []int { return []int{p} }
		numbers := walk[int64, int, int]{
			op:     api.OpListImages,
			fetch:  func(_ context.Context, number int64) (int, error) { n++; return int(number), nil },
			items:  one,
			follow: followNumbers(one),
			pages:  limit, ahead: ahead,
		}
		if err := numbers.all(t.Context(), 1, yield); !errors.Is(err, ErrTooManyPages) || n != limit {
			t.Errorf("numbers: %v after %d pages", err, n)
		}
	}
}
