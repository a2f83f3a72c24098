package fake

import (
	"bytes"
	"context"
	"time"

	"github.com/cfimages/cfimages/gen/api"
)

// UploadImage stores an image from a file or from a URL.
func (a *Account) UploadImage(ctx context.Context, in api.ImageUpload) (*api.Image, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	next, err := a.draw(in.ID, in.Metadata, in.Creator, in.RequireSignedURLs)
	if err != nil {
		return nil, err
	}
	if err := a.admit(next.id); err != nil {
		return nil, err
	}
	if next.filename, next.content, err = a.world.receive(ctx, in.File, in.URL); err != nil {
		return nil, err
	}
	return a.insert(ctx, next)
}

// draw makes a record of what a caller says about an image to come. Its id is
// empty unless the caller chose one.
func (a *Account) draw(id string, meta api.Meta, creator *string, private bool) (record, error) {
	if id != "" {
		if err := checkCustomID(id, private); err != nil {
			return record{}, err
		}
	}
	text, err := encodeMetadata(meta)
	r := record{id: id, custom: id != "", meta: text, private: private}
	if creator != nil {
		// [assumed] An empty creator is none, as it is in the lists' parameter.
		r.creator = *creator
	}
	return r, err
}

// admit refuses an upload that cannot succeed before its file is read.
func (a *Account) admit(id string) error {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.admitLocked(id, a.world.clock())
}

// admitLocked checks what the account's state demands of a new image. The lock
// is held, for reading at least.
func (a *Account) admitLocked(id string, now time.Time) error {
	// [observed] An id that is taken is never overwritten, whether by an image
	// or by a draft.
	if id != "" && a.store.get(id, now) != nil {
		return api.ErrResourceExists.New()
	}
	// [observed] The account's allowance is a service limit. That drafts do not
	// count is [assumed].
	if a.store.count() >= a.world.allowance {
		return api.ErrLimitReached.New()
	}
	return nil
}

// insert stores a finished image, unless its id has been taken meanwhile.
func (a *Account) insert(ctx context.Context, next record) (*api.Image, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.world.clock()
	if err := a.admitLocked(next.id, now); err != nil {
		return nil, err
	}
	if next.id == "" {
		next.id = a.freeID()
	}
	img := a.view(ctx).image(a.store.addImage(next, now))
	return &img, nil
}

// GetImage returns an image or a draft.
func (a *Account) GetImage(ctx context.Context, imageID string) (*api.Image, error) {
	r, v, err := a.look(ctx, imageID)
	if err != nil {
		return nil, err
	}
	img := v.image(r)
	return &img, nil
}

// look finds an image or draft.
func (a *Account) look(ctx context.Context, id string) (*record, view, error) {
	if err := ctx.Err(); err != nil {
		return nil, view{}, err
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	r, err := a.existing(id)
	return r, a.view(ctx), err
}

// existing finds an image or draft. The lock is held, for reading at least.
func (a *Account) existing(id string) (*record, error) {
	if r := a.store.get(id, a.world.clock()); r != nil {
		return r, nil
	}
	return nil, api.ErrImageNotFound.New() // [observed]
}

// GetImageBlob returns the bytes of an image as they were uploaded. The stream
// can seek.
//
// [documented] A large image may be answered as a near-lossless version of
// itself; here it never is. Signing requirements do not apply [assumed].
func (a *Account) GetImageBlob(ctx context.Context, imageID string) (*api.Stream, error) {
	r, _, err := a.look(ctx, imageID)
	if err != nil {
		return nil, err
	}
	if r.draft() {
		return nil, api.ErrImageNotFound.New() // [assumed]
	}
	return &api.Stream{
		ReadCloser:  blob{bytes.NewReader(r.content.data)},
		ContentType: r.content.mediaType, // [assumed] The sniffed type, not the declared one.
		Size:        int64(len(r.content.data)),
		ETag:        r.content.tag(),
	}, nil
}

// blob reads an image from memory.
type blob struct{ *bytes.Reader }

// Close does nothing.
func (blob) Close() error { return nil }

// EditImage changes what is given and leaves the rest as it is. Either all of
// the change happens or none.
func (a *Account) EditImage(ctx context.Context, imageID string, in api.ImageEdit) (*api.Image, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	meta, err := encodeMetadata(in.Metadata)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old, err := a.existing(imageID)
	if err != nil {
		return nil, err
	}
	// [assumed] A draft can be edited like an image.
	next := *old
	if meta != nil {
		next.meta = meta // [documented] Metadata is replaced, not merged.
	}
	if in.Creator != nil {
		next.creator = *in.Creator // [assumed] An empty one removes the creator.
	}
	if in.RequireSignedURLs != nil && *in.RequireSignedURLs != old.private {
		if err := a.flip(&next); err != nil {
			return nil, err
		}
	}
	img := a.view(ctx).image(a.store.replace(old, next))
	return &img, nil
}

// flip makes an image private that is not, and the other way round. The lock
// is held.
func (a *Account) flip(r *record) error {
	if r.custom && !r.private {
		return api.ErrCustomIDCannotBePrivate.New() // [documented]
	}
	r.private = !r.private
	// [documented] The change gives the image a new id, and the old one stops
	// working. A draft keeps its id, since its upload URL names it [assumed].
	if !r.draft() && !a.world.stableIDs {
		r.id = a.freeID()
	}
	return nil
}

// DeleteImage removes an image or a draft. Its id is free afterwards.
func (a *Account) DeleteImage(ctx context.Context, imageID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r, err := a.existing(imageID) // [observed] Also when it was deleted before.
	if err != nil {
		return err
	}
	a.store.remove(r)
	return nil
}

// GetStats returns how many images the account has and may have.
//
// [documented] current counts stored images. Drafts are not among them
// [assumed].
func (a *Account) GetStats(ctx context.Context) (*api.Stats, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	count := api.StatsCount{Current: a.store.count(), Allowed: a.world.allowance}
	return &api.Stats{Count: count}, nil
}
