package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/cfimages/cfimages/runtime/contract"
)

// maxPages ends a walk through a list that never does.
const maxPages = 1_000_000

// Errors that end a walk because the server would keep it going forever, or does
// not say how it goes on. What is yielded is a [contract.Error] of the list's
// operation, whose Err is one of them.
var (
	// ErrRepeatedToken says that a page named a page that was fetched already.
	ErrRepeatedToken = errors.New("the server repeated a continuation token")
	// ErrEmptyToken says that a page has a token, and that it is empty. A last page
	// has none, so the list may be longer.
	ErrEmptyToken = errors.New("the server answered an empty continuation token")
	// ErrRepeatedPage says that two pages in a row held the same items.
	ErrRepeatedPage = errors.New("the server repeated a page")
	// ErrTooManyPages says that a list has more than 1,000,000 pages.
	ErrTooManyPages = fmt.Errorf("the list has more than %d pages", maxPages)
)

// Tokens walks the list of an operation whose pages name the next one by a token.
// It starts at token, which is empty for the first page, and ends at the page for
// which next returns nil. Empty pages in between are walked through.
//
// The sequence yields pointers into the pages. An error is yielded once, as the
// last pair and with a nil item: one of fetch, one of ctx between pages,
// [ErrRepeatedToken] or [ErrEmptyToken]. Each range starts over with a state of its
// own, so a sequence may be ranged several times and by several goroutines if fetch
// may be called so.
//
// No page is fetched before it is needed, nor after the loop stops; with
// [WithPrefetch], the next page is fetched while the loop works on the one before.
// A loop that stops early then cancels the context of that fetch and waits for its
// end.
func Tokens[P, T any](
	ctx context.Context, c *Core, op *contract.Operation, token string,
	fetch func(ctx context.Context, token string) (P, error),
	items func(P) []T, next func(P) *string,
) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		w := walk[string, P, T]{op: op, fetch: fetch, items: items, follow: followTokens(token, next), pages: maxPages, ahead: c.prefetch}
		w.run(ctx, token, yield)
	}
}

// followTokens remembers every token of one walk.
func followTokens[P any](first string, next func(P) *string) func(P, string) step[string] {
	seen := map[string]bool{first: true}
	return func(p P, _ string) step[string] {
		token := next(p)
		switch {
		case token == nil:
			return step[string]{last: true}
		case *token == "":
			return step[string]{err: ErrEmptyToken}
		case seen[*token]:
			return step[string]{err: ErrRepeatedToken}
		}
		seen[*token] = true
		return step[string]{next: *token}
	}
}

// Numbers walks the list of an operation whose pages are counted. It starts at page
// first, where 0 means 1, and ends at the first page without items: a page shorter
// than asked for proves nothing, because the server may cap the size of a page.
//
// The sequence behaves as that of [Tokens]. A server that ignores the page
// number is noticed by [ErrRepeatedPage].
func Numbers[P, T any](
	ctx context.Context, c *Core, op *contract.Operation, first int64,
	fetch func(ctx context.Context, page int64) (P, error),
	items func(P) []T,
) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		w := walk[int64, P, T]{op: op, fetch: fetch, items: items, follow: followNumbers(items), pages: maxPages, ahead: c.prefetch}
		w.run(ctx, max(first, 1), yield)
	}
}

// followNumbers compares each page of one walk with the one before.
func followNumbers[P, T any](items func(P) []T) func(P, int64) step[int64] {
	var last outline[T]
	return func(p P, number int64) step[int64] {
		list := items(p)
		if len(list) == 0 {
			return step[int64]{last: true}
		}
		this := outlineOf(list)
		if reflect.DeepEqual(this, last) {
			return step[int64]{err: ErrRepeatedPage, repeated: true}
		}
		last = this
		return step[int64]{next: number + 1}
	}
}

// outline is what two pages are compared by, so that no whole page is kept.
type outline[T any] struct {
	n           int
	first, last T
}

func outlineOf[T any](list []T) outline[T] {
	return outline[T]{len(list), list[0], list[len(list)-1]}
}
