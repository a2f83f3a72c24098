package fake

import (
	"context"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// window is when an upload URL may expire, counted from its making. [documented] An
// upload URL expires after 2 minutes to 6 hours, and 30 minutes by default.
var window = api.OpCreateDirectUpload.Body.Schema.Property("expiry").Window

// CreateDirectUpload makes a draft and the URL that takes its file, see
// [World.UploadTo].
//
// [documented] A draft can be fetched like an image.
func (a *Account) CreateDirectUpload(ctx context.Context, in api.DirectUpload) (*api.DirectUploadTarget, error) {
	next, err := a.draw(in.ID, in.Metadata, in.Creator, in.RequireSignedURLs)
	if err != nil {
		return nil, err
	}
	if err := a.write(ctx); err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	r, err := a.insertDraft(next, in.Expiry)
	if err != nil {
		return nil, err
	}
	upload, _ := a.world.bases(ctx)
	return &api.DirectUploadTarget{ID: r.ID(), UploadURL: links{upload, a.hash}.upload(r.ID())}, nil
}

// insertDraft stores a draft. The lock is held.
func (a *Account) insertDraft(next store.Record, asked time.Time) (_ *store.Stored, err error) {
	now := a.world.Now()
	if next.Expires, err = expiry(asked, now); err != nil {
		return nil, err
	}
	var expired *store.Stored
	if next.Custom {
		expired, err = a.vacant(next.ID, now) // [observed] A draft occupies its custom id.
	} else {
		next.ID, err = a.freeID()
	}
	if err != nil {
		return nil, err
	}
	return a.addDraft(next, expired, now)
}

// expiry returns when an upload URL stops working; the zero time asks for the
// default.
//
// [assumed] Both ends of the window of expiries belong to it, and what lies
// outside is a bad request.
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
// [observed] An upload URL answers the finished image, with its metadata. [WithMetadataHidden]
// is for what the documentation says.
func (a *Account) finishDraft(ctx context.Context, id string, file *contract.File) (*api.Image, error) {
	if err := a.world.entitled(); err != nil {
		return nil, err
	}
	if err := a.waiting(ctx, id); err != nil {
		return nil, err
	}
	name, received, err := a.world.receive(ctx, file, "")
	if err != nil {
		return nil, err // [assumed] After a failed upload the URL may be tried again.
	}
	defer a.world.store.Release(received)
	if err := a.write(ctx); err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	draft, err := a.waitingLocked(id)
	if err != nil {
		return nil, err
	}
	next := draft.Record()
	next.Filename, next.Content = name, received
	// [assumed] The upload time of an image from a draft is that of its file.
	r, err := a.addImage(next, draft, a.world.Now())
	if err != nil {
		return nil, err
	}
	img := a.view(ctx).image(r)
	if a.world.hideMeta {
		img.Meta = nil
	}
	return &img, nil
}

// waiting checks that a draft waits for its file under an id.
func (a *Account) waiting(ctx context.Context, id string) error {
	if err := a.read(ctx); err != nil {
		return err
	}
	defer a.mu.RUnlock()
	_, err := a.waitingLocked(id)
	return err
}

// waitingLocked returns the draft that waits for its file under an id. The lock
// is held, for reading at least.
func (a *Account) waitingLocked(id string) (*store.Stored, error) {
	r, err := a.existing(id) // [assumed] An expired draft is answered as an unknown image.
	if err != nil {
		return nil, err
	}
	if !r.Draft() {
		// [documented] An upload URL works once. [assumed] One that was used is
		// answered as an id that is taken.
		return nil, api.ErrResourceExists.New()
	}
	if a.records.Images() >= a.world.allowance {
		return nil, api.ErrLimitReached.New() // [assumed] A full account takes no file of a draft.
	}
	return r, nil
}
