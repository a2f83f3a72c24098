package bulk_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/bulk"
)

// recovered ranges over all results, counts them and returns the panic.
func recovered(seq iter.Seq2[bulk.Result, error]) (n int, cause any) {
	defer func() { cause = recover() }()
	for range seq {
		n++
	}
	return n, nil
}

// TestSequencePanics: what the sequence panics with reaches whoever ranges, once
// the uploads that run are done.
func TestSequencePanics(t *testing.T) {
	t.Parallel()
	uploads := func(yield func(api.ImageUpload) bool) {
		named(1)(yield)
		panic("the file list broke off")
	}
	n, cause := recovered(bulk.UploadAll(t.Context(), mock.New(), uploads, bulk.Options{}))
	if cause != "the file list broke off" || n != 1 {
		t.Errorf("recovered %v after %d results", cause, n)
	}
}

// failing panics or exits for the second upload, in half a second.
type failing struct {
	slow
	fail func()
}

func (f *failing) UploadImage(ctx context.Context, in api.ImageUpload) (*api.Image, error) {
	if in.ID == "1" {
		time.Sleep(time.Second / 2)
		f.fail()
	}
	return f.slow.UploadImage(ctx, in)
}

// TestServicePanics: uploads that run are told, and none begins.
func TestServicePanics(t *testing.T) {
	t.Parallel()
	for want, fail := range map[string]func(){
		"boom": func() { panic("boom") },
		"bulk: the sequence or the service called runtime.Goexit": runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &failing{fail: fail}
			n, cause := recovered(bulk.UploadAll(t.Context(), f, named(100), bulk.Options{Concurrency: 3}))
			if n != 2 || fmt.Sprint(cause) != want || f.begun.Load() != 2 {
				t.Errorf("%d results of %d uploads, recovered %v", n, f.begun.Load(), cause)
			}
		})
	}
}

func TestMockPanics(t *testing.T) {
	t.Parallel()
	m := mock.New()
	m.UploadImageFunc = func(context.Context, api.ImageUpload) (*api.Image, error) { panic("boom") }
	if n, cause := recovered(bulk.UploadAll(t.Context(), m, named(10), bulk.Options{})); n != 0 || cause != "boom" {
		t.Errorf("%d results, recovered %v", n, cause)
	}
}

// TestServicePanicsAfterTheLoop: whoever left it is told all the same.
func TestServicePanicsAfterTheLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &failing{fail: func() { time.Sleep(time.Second); panic("boom") }}
		defer func() {
			if got := recover(); got != "boom" || s.running.Load() != 0 {
				t.Errorf("recovered %v, %d still run", got, s.running.Load())
			}
		}()
		for range bulk.UploadAll(t.Context(), s, named(2), bulk.Options{}) {
			break
		}
	})
}
