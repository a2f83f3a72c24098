package fake

import (
	"context"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/form"
)

// window is when an upload URL may expire, counted from its making. [documented]
var window = api.OpCreateDirectUpload.Body.Schema.Property("expiry").Window

// CreateDirectUpload makes a draft and the URL that takes its file, see
// [World.UploadTo].
func (a *Account) CreateDirectUpload(ctx context.Context, in api.DirectUpload) (*api.DirectUploadTarget, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	next, err := a.draw(in.ID, in.Metadata, in.Creator, in.RequireSignedURLs)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.world.clock()
	if next.expires, err = expiry(in.Expiry, now); err != nil {
		return nil, err
	}
	// [observed] A draft occupies its id.
	if next.custom && a.store.get(next.id, now) != nil {
		return nil, api.ErrResourceExists.New()
	}
	if next.id == "" {
		next.id = a.freeID()
	}
	r := a.store.addDraft(next, now)
	upload, _ := a.world.bases(ctx)
	return &api.DirectUploadTarget{ID: r.id, UploadURL: links{upload, a.hash}.upload(r.id)}, nil
}

// expiry returns when an upload URL stops working; the zero time asks for the
// default.
//
// [assumed] Both ends of the window belong to it, and what lies outside is a bad
// request.
func expiry(asked, now time.Time) (time.Time, error) {
	if asked.IsZero() {
		return now.Add(window.Default), nil
	}
	if asked.Before(now.Add(window.Min)) || asked.After(now.Add(window.Max)) {
		return time.Time{}, api.ErrBadRequest.At("expiry",
			"expiry: must be between %s and %s from now", window.Min, window.Max)
	}
	return asked, nil
}

// finishDraft gives a draft its file. The file is read without a lock, so of
// several uploads to one URL the first that is complete wins.
//
// [observed] The answer is the finished image, with its metadata. The
// documentation says that the uploader never sees metadata.
func (a *Account) finishDraft(ctx context.Context, id string, file *form.File) (*api.Image, error) {
	if _, err := a.waiting(id); err != nil {
		return nil, err
	}
	name, received, err := a.world.receive(ctx, file, "")
	if err != nil {
		return nil, err // [assumed] The draft stays, and the URL may be tried again.
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r, err := a.waitingLocked(id)
	if err != nil {
		return nil, err
	}
	next := *r
	next.filename, next.content = name, received
	// [assumed] The upload time is that of the file, not that of the draft.
	img := a.view(ctx).image(a.store.addImage(next, a.world.clock()))
	return &img, nil
}

// waiting returns the draft that waits for its file under an id.
func (a *Account) waiting(id string) (*record, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.waitingLocked(id)
}

func (a *Account) waitingLocked(id string) (*record, error) {
	r, err := a.existing(id) // [assumed] An expired draft is answered as an unknown image.
	if err != nil {
		return nil, err
	}
	if !r.draft() {
		// [documented] The URL works once. The error is [assumed].
		return nil, api.ErrResourceExists.New()
	}
	if a.store.count() >= a.world.allowance {
		return nil, api.ErrLimitReached.New() // [assumed]
	}
	return r, nil
}
