package fake

import (
	"context"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// How many images a page holds, by default and at most. [documented] A page of the
// V1 list has 100 at most, one of the V2 list 1,000; more may be asked for, and are
// not answered.
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

// query selects images. [documented] All filters and the creator must hold.
// [documented] An empty creator selects images without one. [assumed] A creator is
// compared whole and with its case.
func query(creator *string, filter metafilter.Filter) store.Query {
	q := store.Query{Creator: creator}
	if filter.Len() > 0 {
		q.Match = filter.MatchJSON
	}
	return q
}

// take returns up to n of the images that are wanted, and whether there are
// more. The lock is held, for reading at least.
func (a *Account) take(q store.Query, n int) (page []*store.Stored, more bool, err error) {
	for r, err := range a.listed(q) {
		switch {
		case err != nil:
			return nil, false, a.failed(err)
		case len(page) == n:
			return page, true, nil
		default:
			page = append(page, r)
		}
	}
	return page, false, nil
}

// ListImages returns a page of the finished images, newest first unless told
// otherwise. A walk sees every image that exists throughout it exactly once,
// whatever is uploaded, edited or deleted meanwhile.
//
// [documented] Lists have no drafts.
func (a *Account) ListImages(ctx context.Context, in api.ListImagesParams) (*api.ImagePage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := in.Filter.Err(); err != nil {
		return nil, api.ErrBadRequest.With("%s", err) // [documented] A filter that is wrong is a bad request.
	}
	if err := a.world.checkOperators(in.Filter); err != nil {
		return nil, err
	}
	// [documented] The V2 list has the newest first by default.
	up := in.SortOrder == api.SortOrderAsc
	after, err := a.openToken(in.ContinuationToken, up)
	if err != nil {
		return nil, err
	}
	q := query(in.Creator, in.Filter)
	q.Up, q.After = up, after
	page, more, v, err := a.page(ctx, q, pageSize(in.PerPage, maxPage))
	if err != nil {
		return nil, err
	}
	out := &api.ImagePage{Images: v.images(page)}
	if more {
		// [documented] A page has a token only where there are more images.
		out.ContinuationToken = new(a.token(page[len(page)-1].Position(), up))
	}
	return out, nil
}

// page reads a page under the lock; it is rendered outside.
func (a *Account) page(ctx context.Context, q store.Query, n int) ([]*store.Stored, bool, view, error) {
	if err := a.read(ctx); err != nil {
		return nil, false, view{}, err
	}
	defer a.mu.RUnlock()
	page, more, err := a.take(q, n)
	return page, more, a.view(ctx), err
}

// ListImagesV1 returns a numbered page of the finished images.
//
// [assumed] The V1 list has the newest first, and a page past its end is empty.
func (a *Account) ListImagesV1(ctx context.Context, in api.ListImagesV1Params) (*api.ImageList, error) {
	if a.world.noV1List {
		return nil, api.ErrNoRoute.New() // [assumed] A list that is gone is answered as an unknown path.
	}
	page, v, err := a.numbered(ctx, in.Creator, in.Page, pageSize(in.PerPage, maxPageV1))
	if err != nil {
		return nil, err
	}
	return &api.ImageList{Images: v.images(page)}, nil
}

func (a *Account) numbered(ctx context.Context, creator *string, number int64, size int) ([]*store.Stored, view, error) {
	if err := a.read(ctx); err != nil {
		return nil, view{}, err
	}
	defer a.mu.RUnlock()
	number = max(number, 1)
	most := a.records.Images() + int64(len(a.late.images.byID))
	if number > most/int64(size)+1 { // beyond the end, and perhaps beyond int64
		return nil, a.view(ctx), nil
	}
	page, _, err := a.take(store.Query{Creator: creator, Skip: (number - 1) * int64(size)}, size)
	return page, a.view(ctx), err
}
