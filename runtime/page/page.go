// Package page walks paginated lists as iterators.
package page

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
)

// maxPages ends a walk through a list that never does.
const maxPages = 1_000_000

// Errors that end a walk because the server would keep it going forever.
var (
	// ErrRepeatedToken says that a page named a page that was fetched already.
	ErrRepeatedToken = errors.New("page: the server repeated a continuation token")
	// ErrRepeatedPage says that two pages in a row held the same items.
	ErrRepeatedPage = errors.New("page: the server repeated a page")
	// ErrTooManyPages says that a list has more than 1,000,000 pages.
	ErrTooManyPages = fmt.Errorf("page: the list has more than %d pages", maxPages)
)

// Tokens walks a list whose pages name the next one by a token. It starts at
// token, which is empty for the first page, and ends at the page for which next
// returns "". Empty pages in between are walked through.
//
// The sequence yields pointers into the pages. An error is yielded once, as the
// last pair and with a nil item: one of fetch, one of ctx between pages, or
// [ErrRepeatedToken]. No page is fetched before it is needed, nor after the
// loop stops. Each range starts over with a state of its own, so a sequence may
// be ranged several times and by several goroutines if fetch may be called so.
func Tokens[P, T any](
	ctx context.Context, token string,
	fetch func(ctx context.Context, token string) (P, error),
	items func(P) []T, next func(P) string,
) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if err := walkTokens(ctx, token, maxPages, fetch, items, next, yield); err != nil {
			yield(nil, err)
		}
	}
}

// walkTokens fetches at most the given number of pages. It returns nil at the end of the list and when the loop stops.
func walkTokens[P, T any](
	ctx context.Context, token string, pages int,
	fetch func(ctx context.Context, token string) (P, error),
	items func(P) []T, next func(P) string,
	yield func(*T, error) bool,
) error {
	seen := map[string]bool{token: true}
	for range pages {
		p, err := fetchPage(ctx, token, fetch)
		if err != nil {
			return err
		}
		if !yieldAll(items(p), yield) {
			return nil
		}
		if token = next(p); token == "" {
			return nil
		}
		if seen[token] {
			return ErrRepeatedToken
		}
		seen[token] = true
	}
	return ErrTooManyPages
}

// Numbers walks a list whose pages are counted. It starts at page first, where
// 0 means 1, and ends at the first page without items: a page shorter than
// asked for proves nothing, because the server may cap the size of a page.
//
// The sequence behaves as that of [Tokens]. A server that ignores the page
// number is noticed by [ErrRepeatedPage].
func Numbers[P, T any](
	ctx context.Context, first int64,
	fetch func(ctx context.Context, page int64) (P, error),
	items func(P) []T,
) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if err := walkNumbers(ctx, max(first, 1), maxPages, fetch, items, yield); err != nil {
			yield(nil, err)
		}
	}
}

func walkNumbers[P, T any](
	ctx context.Context, number int64, pages int,
	fetch func(ctx context.Context, page int64) (P, error),
	items func(P) []T,
	yield func(*T, error) bool,
) error {
	var last outline[T]
	for range pages {
		p, err := fetchPage(ctx, number, fetch)
		if err != nil {
			return err
		}
		list := items(p)
		if len(list) == 0 {
			return nil
		}
		this := outlineOf(list)
		if reflect.DeepEqual(this, last) {
			return ErrRepeatedPage
		}
		if !yieldAll(list, yield) {
			return nil
		}
		last = this
		number++
	}
	return ErrTooManyPages
}

// outline is what two pages are compared by, so that no whole page is kept.
type outline[T any] struct {
	n           int
	first, last T
}

func outlineOf[T any](list []T) outline[T] {
	return outline[T]{len(list), list[0], list[len(list)-1]}
}

func fetchPage[K, P any](ctx context.Context, key K, fetch func(context.Context, K) (P, error)) (P, error) {
	if err := ctx.Err(); err != nil {
		var none P
		return none, err
	}
	return fetch(ctx, key)
}

func yieldAll[T any](list []T, yield func(*T, error) bool) bool {
	for i := range list {
		if !yield(&list[i], nil) {
			return false
		}
	}
	return true
}
