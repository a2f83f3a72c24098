// Package bulk uploads many images at a time. It works over any service: a client,
// a mock, or an implementation of one's own.
package bulk

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// Policy says what becomes of an upload whose custom id exists already. The service
// never overwrites an image.
type Policy int

// The policies.
const (
	// Fail fails with [api.ErrResourceExists].
	Fail Policy = iota
	// Skip leaves the image that exists as it is. It fails for a draft, which has no
	// image yet.
	Skip
	// Replace deletes the image that exists and uploads again. Should that fail, the
	// old image is gone. It takes a file that can be read twice, or a URL.
	Replace
)

// defaultConcurrency is small, because each upload may be 10 MiB.
const defaultConcurrency = 4

// Options are how [UploadAll] goes about it. The zero value is the default.
type Options struct {
	// Concurrency is how many uploads run at a time, 4 by default.
	Concurrency int
	// Exists is what becomes of an id that exists, Fail by default.
	Exists Policy
}

// Outcome is what became of an upload; it is empty when it failed.
type Outcome string

// The outcomes.
const (
	Uploaded Outcome = "uploaded"
	Skipped  Outcome = "skipped"
	Replaced Outcome = "replaced"
)

// Result is one upload and what became of it.
type Result struct {
	// Index is the upload's place in the sequence, counted from 0.
	Index  int
	Upload api.ImageUpload
	// Image is the image that is there now; nil when the upload failed.
	Image   *api.Image
	Outcome Outcome
}

// UploadAll uploads a sequence of images, several at a time, and yields each result
// with its error as it comes; one failure does not stop the others. When ctx ends,
// the uploads that run fail, no further one begins, and the last pair is ctx's error
// with a Result whose Index is -1, unless all uploads had begun.
//
// The sequence is ranged by a goroutine of its own, no further than there are
// uploads that can begin. Should it panic, or the service, so does the loop, once the
// uploads that run are done. Whoever leaves the loop cancels the uploads that run and
// waits for their end. A sequence that blocks is not waited for then, nor when ctx
// ends; its goroutine stays until it goes on. A client's limiter and time limits hold for every upload; an
// upload is never repeated after a failure, since it may have arrived.
func UploadAll(ctx context.Context, images api.Service, uploads iter.Seq[api.ImageUpload], opts Options) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		run, cancel := context.WithCancel(ctx)
		b := &batch{
			images: images, exists: opts.Exists,
			jobs: make(chan job), done: make(chan finished), left: make(chan struct{}), fed: make(chan struct{}),
		}
		var working sync.WaitGroup
		defer b.ended()
		defer working.Wait()
		defer close(b.left)
		defer cancel()
		go b.feed(run, uploads)
		working.Go(func() { b.work(run, workers(opts)) })
		for f := range b.done {
			if f.panic != nil {
				panic(f.panic)
			}
			if !yield(f.Result, f.err) {
				return
			}
		}
		switch ended := b.ended(); {
		case ended && b.panic != nil:
			panic(b.panic)
		case !ended || b.cutShort:
			yield(Result{Index: -1}, ctx.Err())
		}
	}
}

// patience is how long a sequence is waited for that might be about to end.
const patience = 100 * time.Millisecond

// ended reports whether the sequence has ended, or does in a moment.
func (b *batch) ended() bool {
	select {
	case <-b.fed:
		return true
	case <-time.After(patience):
		return false
	}
}

func workers(opts Options) int {
	if opts.Concurrency <= 0 {
		return defaultConcurrency
	}
	return opts.Concurrency
}

// batch is one run through the uploads.
type batch struct {
	images api.Service
	exists Policy
	jobs   chan job
	done   chan finished
	left   chan struct{} // closed when nobody wants results any more
	fed    chan struct{} // closed when the sequence has ended
	// cutShort tells that not every upload has begun, panic what the sequence
	// panicked with. They are written before fed is closed and read after that.
	cutShort bool
	panic    any
}

type job struct {
	index  int
	upload api.ImageUpload
}

type finished struct {
	Result
	err   error
	panic any // of the service
}

// feed hands out the uploads until the context ends.
func (b *batch) feed(ctx context.Context, uploads iter.Seq[api.ImageUpload]) {
	defer close(b.jobs)
	defer close(b.fed)
	defer func() { b.panic = recover() }()
	index := 0
	for upload := range uploads {
		if ctx.Err() == nil {
			select {
			case b.jobs <- job{index, upload}:
				index++
				continue
			case <-ctx.Done():
			}
		}
		b.cutShort = true
		return
	}
}

// work uploads with n goroutines until there is nothing left.
func (b *batch) work(ctx context.Context, n int) {
	defer close(b.done)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for j := range b.begun(ctx) {
				select {
				case b.done <- b.upload(ctx, j):
				case <-b.left:
				}
			}
		})
	}
	wg.Wait()
}

// begun are the uploads until the context ends.
func (b *batch) begun(ctx context.Context) iter.Seq[job] {
	return func(yield func(job) bool) {
		for {
			select {
			case j, ok := <-b.jobs:
				if !ok || !yield(j) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (b *batch) upload(ctx context.Context, j job) (f finished) {
	defer func() { f.panic = recover() }()
	f = finished{Result: Result{Index: j.index, Upload: j.upload, Outcome: Uploaded}}
	f.Image, f.err = b.images.UploadImage(ctx, j.upload)
	if j.upload.ID != "" && errors.Is(f.err, api.ErrResourceExists) {
		switch b.exists {
		case Skip:
			exists := f.err
			f.Outcome = Skipped
			if f.Image, f.err = b.images.GetImage(ctx, j.upload.ID); f.err == nil && f.Image.Draft {
				f.err = exists
			}
		case Replace:
			f.Outcome = Replaced
			f.Image, f.err = b.replace(ctx, j.upload, f.err)
		}
	}
	if f.err != nil {
		f.Image, f.Outcome = nil, ""
	}
	return f
}

// replace deletes an image and uploads another. exists is why.
func (b *batch) replace(ctx context.Context, in api.ImageUpload, exists error) (*api.Image, error) {
	if in.File != nil && !in.File.Replayable() {
		return nil, errors.Join(exists, contract.ErrUsed)
	}
	if err := b.images.DeleteImage(ctx, in.ID); err != nil && !errors.Is(err, api.ErrImageNotFound) {
		return nil, err
	}
	return b.images.UploadImage(ctx, in)
}
