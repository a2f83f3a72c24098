package fake

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// UploadImage stores an image from a file or from a URL.
func (a *Account) UploadImage(ctx context.Context, in api.ImageUpload) (*api.Image, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := a.world.entitled(); err != nil {
		return nil, err
	}
	next, err := a.draw(in.ID, in.Metadata, in.Creator, in.RequireSignedURLs)
	if err != nil {
		return nil, err
	}
	if err := a.admit(ctx, next.ID); err != nil {
		return nil, err
	}
	if next.Filename, next.Content, err = a.world.receive(ctx, in.File, in.URL); err != nil {
		return nil, err
	}
	defer a.world.store.Release(next.Content)
	return a.insert(ctx, next)
}

// draw makes a record of what a caller says about an image to come. Its id is
// empty unless the caller chose one.
func (a *Account) draw(id string, meta api.Meta, creator *string, private bool) (store.Record, error) {
	if id != "" {
		if err := checkCustomID(id, private); err != nil {
			return store.Record{}, err
		}
	}
	text, err := encodeMetadata(meta)
	r := store.Record{ID: id, Custom: id != "", Meta: text, Private: private}
	if creator != nil {
		// [assumed] An empty creator is none, as it is in the parameter of lists.
		r.Creator = *creator
	}
	return r, err
}

// admit refuses an upload that cannot succeed before its file is read.
func (a *Account) admit(ctx context.Context, id string) error {
	if err := a.read(ctx); err != nil {
		return err
	}
	defer a.mu.RUnlock()
	_, err := a.admitLocked(id, a.world.Now())
	return err
}

// admitLocked checks what the account's state demands of a new image. The lock
// is held, for reading at least. An expired draft that has the id is returned.
func (a *Account) admitLocked(id string, now time.Time) (expired *store.Stored, err error) {
	if id != "" {
		if expired, err = a.vacant(id, now); err != nil {
			return nil, err
		}
	}
	// [observed] The account's allowance is a service limit. [assumed] Drafts do not
	// count against the allowance.
	if a.records.Images() >= a.world.allowance {
		return nil, api.ErrLimitReached.New()
	}
	return expired, nil
}

// vacant checks that an id is free. An expired draft that has it is returned. The
// lock is held, for reading at least.
//
// [observed] An id that is taken is never overwritten, whether by an image or by
// a draft.
func (a *Account) vacant(id string, now time.Time) (expired *store.Stored, err error) {
	r, expired, err := a.get(id, now)
	if err == nil && r != nil {
		err = api.ErrResourceExists.New()
	}
	return expired, err
}

// insert stores a finished image, unless its id has been taken meanwhile.
func (a *Account) insert(ctx context.Context, next store.Record) (*api.Image, error) {
	if err := a.write(ctx); err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	now := a.world.Now()
	expired, err := a.admitLocked(next.ID, now)
	if err != nil {
		return nil, err
	}
	if next.ID == "" {
		if next.ID, err = a.freeID(); err != nil {
			return nil, err
		}
	}
	r, err := a.addImage(next, expired, now)
	if err != nil {
		return nil, err
	}
	return new(a.view(ctx).image(r)), nil
}

// GetImage returns an image or a draft.
func (a *Account) GetImage(ctx context.Context, imageID string) (*api.Image, error) {
	r, v, err := a.look(ctx, imageID, a.seen)
	if err != nil {
		return nil, err
	}
	return new(v.image(r)), nil
}

// look finds an image or draft, as reads show it or as it is.
func (a *Account) look(ctx context.Context, id string, find func(id string) (*store.Stored, error)) (*store.Stored, view, error) {
	if err := a.read(ctx); err != nil {
		return nil, view{}, err
	}
	defer a.mu.RUnlock()
	r, err := find(id)
	return r, a.view(ctx), err
}

// GetImageBlob returns the bytes of an image as they were uploaded. The stream
// can seek.
//
// [documented] A large image may be answered as a near-lossless version of
// itself; here it never is. [assumed] A download needs no signature.
func (a *Account) GetImageBlob(ctx context.Context, imageID string) (*api.Stream, error) {
	if err := a.read(ctx); err != nil {
		return nil, err
	}
	defer a.mu.RUnlock()
	r, err := a.seen(imageID)
	if err != nil {
		return nil, err
	}
	if r.Draft() {
		return nil, api.ErrImageNotFound.New() // [assumed] A draft has no bytes to download.
	}
	file := r.Content()
	body, err := file.Open()
	if err != nil && a.gone(r) {
		return nil, api.ErrImageNotFound.New() // [assumed] A file may be gone before its image is.
	}
	if err != nil {
		return nil, a.failed(err)
	}
	return &api.Stream{
		ReadCloser:  body,
		ContentType: file.MediaType(), // [assumed] A download has the type that the bytes show, not the declared one.
		Size:        file.Size(),
		ETag:        tag(file),
	}, nil
}

// tag returns what identifies a file for caches.
//
// [assumed] A download has an ETag.
func tag(file store.Content) string {
	sum := file.Sum()
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// EditImage changes what is given and leaves the rest as it is. Either all of
// the change happens or none.
//
// [documented] What an edit leaves out stays as it is. [assumed] An edit keeps
// the upload time.
func (a *Account) EditImage(ctx context.Context, imageID string, in api.ImageEdit) (*api.Image, error) {
	meta, err := encodeMetadata(in.Metadata)
	if err != nil {
		return nil, err
	}
	if err := a.write(ctx); err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	old, err := a.existing(imageID)
	if err != nil {
		return nil, err
	}
	// [assumed] A draft can be edited like an image.
	next := old.Record()
	if meta != nil {
		next.Meta = meta // [documented] An edit replaces metadata and does not merge it.
	}
	if in.Creator != nil {
		next.Creator = *in.Creator // [assumed] An empty creator in an edit removes it.
	}
	if in.RequireSignedURLs != nil && *in.RequireSignedURLs != next.Private {
		if err := a.flip(&next); err != nil {
			return nil, err
		}
	}
	r, err := a.apply(store.Change{Remove: old, Add: next})
	if err != nil {
		return nil, err
	}
	return new(a.view(ctx).image(r)), nil
}

// flip makes an image private that is not, and the other way round. The lock
// is held.
func (a *Account) flip(r *store.Record) (err error) {
	if r.Custom && !r.Private {
		return api.ErrCustomIDCannotBePrivate.New() // [documented] An image with a custom id cannot become private.
	}
	r.Private = !r.Private
	// [documented] To make an image private or public gives it a new id, and the old
	// one stops working. [assumed] A draft keeps its id, since its upload URL names
	// it.
	if r.Content != nil && !a.world.stableIDs {
		r.ID, err = a.freeID()
	}
	return err
}

// DeleteImage removes an image or a draft.
//
// [observed] The id of a deleted image is free. [assumed] A draft can be deleted like an
// image.
func (a *Account) DeleteImage(ctx context.Context, imageID string) error {
	if err := a.write(ctx); err != nil {
		return err
	}
	defer a.mu.Unlock()
	r, err := a.existing(imageID) // [observed] To delete an image again is to delete an unknown one.
	if err != nil {
		return err
	}
	_, err = a.apply(store.Change{Remove: r})
	return err
}

// GetStats returns how many images the account has and may have.
//
// [documented] The statistics count stored images. [assumed] The
// statistics do not count drafts.
func (a *Account) GetStats(ctx context.Context) (*api.Stats, error) {
	if err := a.world.entitled(); err != nil {
		return nil, err
	}
	if err := a.read(ctx); err != nil {
		return nil, err
	}
	defer a.mu.RUnlock()
	count := api.StatsCount{Current: a.records.Images(), Allowed: a.world.allowance}
	return &api.Stats{Count: count}, nil
}
