package fake

import (
	"context"
	"iter"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// How many images a page holds, by default and at most. [documented] More may
// be asked for, and are not answered.
const (
	maxPage   = 1000
	maxPageV1 = 100
)

// pageSize returns the size of a page; what is not a size asks for the default.
func pageSize(asked int64, most int) int {
	if asked < 1 || asked > int64(most) {
		return most
	}
	return int(asked)
}

// wanted selects images. [documented] All that is given must hold.
type wanted struct {
	creator *string
	filter  metafilter.Filter
}

// accepts reports whether an image is wanted.
//
// [documented] An empty creator selects images without one. That a creator is
// compared whole and with its case is [assumed].
func (w *wanted) accepts(r *record) bool {
	if w.creator != nil && *w.creator != r.creator {
		return false
	}
	if w.filter.Len() == 0 {
		return true
	}
	return len(r.meta) > 0 && w.filter.MatchJSON(r.meta)
}

// take returns up to n of the images that are wanted, after skipping some, and
// whether there are more.
func (w *wanted) take(from iter.Seq[*record], skip int64, n int) (page []*record, more bool) {
	for r := range from {
		switch {
		case !w.accepts(r):
		case skip > 0:
			skip--
		case len(page) == n:
			return page, true
		default:
			page = append(page, r)
		}
	}
	return page, false
}

// ListImages returns a page of the finished images, newest first unless told
// otherwise. A walk sees every image that exists throughout it exactly once,
// whatever is uploaded, edited or deleted meanwhile.
//
// [documented] Drafts are not listed.
func (a *Account) ListImages(ctx context.Context, in api.ListImagesParams) (*api.ImagePage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := in.Filter.Err(); err != nil {
		return nil, api.ErrBadRequest.With("%s", err) // [documented]
	}
	// [documented] The default order is descending.
	up := in.SortOrder == api.SortOrderAsc
	after, err := a.openToken(in.ContinuationToken, up)
	if err != nil {
		return nil, err
	}
	want := wanted{in.Creator, in.Filter}
	page, more, v := a.page(ctx, want, up, after, pageSize(in.PerPage, maxPage))
	out := &api.ImagePage{Images: v.images(page)}
	if more {
		// [documented] There is a token only where there are more images.
		out.ContinuationToken = new(a.token(page[len(page)-1].position, up))
	}
	return out, nil
}

// page reads a page under the lock; it is rendered outside.
func (a *Account) page(ctx context.Context, w wanted, up bool, after uint64, n int) ([]*record, bool, view) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	from := a.store.line.downward
	if up {
		from = a.store.line.upward
	}
	page, more := w.take(from(after), 0, n)
	return page, more, a.view(ctx)
}

// ListImagesV1 returns a numbered page of the finished images.
//
// [assumed] The order is newest first, and a page past the end is empty.
func (a *Account) ListImagesV1(ctx context.Context, in api.ListImagesV1Params) (*api.ImageList, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	page, v := a.numbered(ctx, wanted{creator: in.Creator}, in.Page, pageSize(in.PerPage, maxPageV1))
	return &api.ImageList{Images: v.images(page)}, nil
}

func (a *Account) numbered(ctx context.Context, w wanted, number int64, size int) ([]*record, view) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	number = max(number, 1)
	if number > a.store.count()/int64(size)+1 { // beyond the end, and perhaps beyond int64
		return nil, a.view(ctx)
	}
	page, _ := w.take(a.store.line.downward(0), (number-1)*int64(size), size)
	return page, a.view(ctx)
}
