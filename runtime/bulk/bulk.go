// Package bulk uploads many images at a time. It works over any service: a client,
// a mock, or an implementation of one's own.
package bulk

import (
	"context"
	"errors"
	"iter"
	"sync"
	"sync/atomic"
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
	// Skip leaves the image that exists as it is. Where only a draft holds the id, it
	// fails as Fail does: nothing was uploaded.
	Skip
	// Replace deletes the image that exists and uploads again. Should that fail, the
	// old image is gone. A draft is deleted, too, and its upload URL takes no file any
	// more. Replace takes a file that can be read twice, or a URL.
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
// with a Result whose Index is -1, unless the sequence had ended before.
//
// The sequence is ranged by a goroutine of its own, no further than there are
// uploads that can begin. Should it or the service panic, no further upload begins,
// and the loop panics once the uploads that run are done. Whoever leaves the loop
// cancels the uploads that run and waits for their end.
//
// A sequence that blocks must watch ctx itself: when ctx ends, or the loop is left,
// it gets a moment to end (0.1 s), and is not waited for after that. Its goroutine
// stays until the sequence goes on.
//
// A client's limiter and time limits hold for every upload; an upload is never
// repeated after a failure, since it may have arrived.
func UploadAll(ctx context.Context, images api.Service, uploads iter.Seq[api.ImageUpload], opts Options) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		b := &batch{
			images: images, exists: opts.Exists,
			jobs: make(chan job), done: make(chan finished),
			left: make(chan struct{}), fed: make(chan struct{}), stopped: make(chan struct{}),
		}
		all, ended := b.run(ctx, uploads, workers(opts), yield)
		if cause := b.panicked.Load(); cause != nil {
			panic(*cause)
		}
		if all && (!ended || b.cutShort) {
			yield(Result{Index: -1}, ctx.Err())
		}
	}
}

// run yields the results. It reports whether the caller took all of them, and whether
// the sequence has ended; the service is not called any more.
func (b *batch) run(ctx context.Context, uploads iter.Seq[api.ImageUpload], n int, yield func(Result, error) bool) (all, ended bool) {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer func() {
		cancel()
		close(b.left)
		working.Wait()
		ended = b.ended()
	}()
	go b.feed(ctx, uploads)
	working.Go(func() { b.work(ctx, n) })
	for f := range b.done {
		if !yield(f.Result, f.err) {
			return false, false
		}
	}
	return true, false
}

// patience is how long a sequence is waited for that may be about to end, so that
// one that does not block is done with what it reads when the loop is left.
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
	// panicked is what the sequence or the service panicked with first. stopped is
	// closed then.
	panicked atomic.Pointer[any]
	stopped  chan struct{}
	// cutShort tells that not every upload may have begun. It is written before fed is
	// closed and read after that.
	cutShort bool
}

type job struct {
	index  int
	upload api.ImageUpload
}

type finished struct {
	Result
	err error
}

// errExit stands for what leaves a goroutine without a panic, as t.Fatal does.
var errExit = errors.New("bulk: the sequence or the service called runtime.Goexit")

// guard keeps a panic of f for whoever ranges.
func (b *batch) guard(f func()) {
	returned := false
	defer func() {
		if returned {
			return
		}
		cause := recover()
		if cause == nil {
			cause = errExit
		}
		if b.panicked.CompareAndSwap(nil, &cause) {
			close(b.stopped)
		}
	}()
	f()
	returned = true
}

// over reports whether no further upload shall begin.
func (b *batch) over(ctx context.Context) bool {
	select {
	case <-ctx.Done():
	case <-b.stopped:
	default:
		return false
	}
	return true
}

// feed hands out the uploads until no further one shall begin.
func (b *batch) feed(ctx context.Context, uploads iter.Seq[api.ImageUpload]) {
	defer close(b.jobs)
	defer close(b.fed)
	b.guard(func() {
		index := 0
		for upload := range uploads {
			if !b.over(ctx) {
				select {
				case b.jobs <- job{index, upload}:
					index++
					continue
				case <-ctx.Done():
				case <-b.stopped:
				}
			}
			b.cutShort = true
			return
		}
		// A sequence that watches the context may have ended because of it.
		b.cutShort = ctx.Err() != nil
	})
}

// work uploads with n goroutines until there is nothing left.
func (b *batch) work(ctx context.Context, n int) {
	defer close(b.done)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for j := range b.begun(ctx) {
				b.guard(func() {
					f := b.upload(ctx, j)
					select {
					case b.done <- f:
					case <-b.left:
					}
				})
			}
		})
	}
	wg.Wait()
}

// begun are the uploads until no further one shall begin.
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
			case <-b.stopped:
				return
			}
		}
	}
}

func (b *batch) upload(ctx context.Context, j job) finished {
	f := finished{Result: Result{Index: j.index, Upload: j.upload, Outcome: Uploaded}}
	f.Image, f.err = b.images.UploadImage(ctx, j.upload)
	if j.upload.ID != "" && errors.Is(f.err, api.ErrResourceExists) {
		switch b.exists {
		case Skip:
			f.Outcome = Skipped
			f.Image, f.err = b.skip(ctx, j.upload.ID, f.err)
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

// skip returns the image that exists. exists is why.
func (b *batch) skip(ctx context.Context, id string, exists error) (*api.Image, error) {
	image, err := b.images.GetImage(ctx, id)
	if err == nil && image.Draft {
		return nil, exists
	}
	return image, err
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
