package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/bulk"
	"github.com/cfimages/cfimages/runtime/contract"
)

func svg(content string) *api.File {
	return api.Bytes("a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><!--`+content+`--></svg>`))
}

// named are uploads with the ids "0", "1" and so on.
func named(n int) iter.Seq[api.ImageUpload] {
	return func(yield func(api.ImageUpload) bool) {
		for i := range n {
			if !yield(api.ImageUpload{ID: fmt.Sprint(i), File: svg("new")}) {
				return
			}
		}
	}
}

// slow is a service whose uploads take a second, or until their context ends.
type slow struct {
	api.Unimplemented
	running, most, begun atomic.Int64
}

func (s *slow) UploadImage(ctx context.Context, in api.ImageUpload) (*api.Image, error) {
	s.begun.Add(1)
	if n := s.running.Add(1); n > s.most.Load() {
		s.most.Store(n)
	}
	defer s.running.Add(-1)
	select {
	case <-time.After(time.Second):
		return &api.Image{ID: in.ID}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	t.Parallel()
	for concurrency, want := range map[int]int64{0: 4, -1: 4, 1: 1, 3: 3, 50: 10} {
		synctest.Test(t, func(t *testing.T) {
			s := &slow{}
			start := time.Now()
			var got []int
			for r, err := range bulk.UploadAll(t.Context(), s, named(10), bulk.Options{Concurrency: concurrency}) {
				if err != nil || r.Image.ID != fmt.Sprint(r.Index) || r.Upload.ID != r.Image.ID || r.Outcome != bulk.Uploaded {
					t.Errorf("%+v, %v", r, err)
				}
				got = append(got, r.Index)
			}
			slices.Sort(got)
			if !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) || s.most.Load() != want {
				t.Errorf("%v with %d at a time, want %d", got, s.most.Load(), want)
			}
			if took, want := time.Since(start), time.Duration((10+want-1)/want)*time.Second; took != want {
				t.Errorf("%d: %s, want %s", concurrency, took, want)
			}
		})
	}
}

func TestExists(t *testing.T) {
	t.Parallel()
	for policy, want := range map[bulk.Policy]string{bulk.Fail: " old true", bulk.Skip: "skipped old false", bulk.Replace: "replaced new false"} {
		m := mock.New()
		if _, err := m.UploadImage(t.Context(), api.ImageUpload{ID: "1", File: svg("old")}); err != nil {
			t.Fatal(err)
		}
		results := map[string]string{}
		for r, err := range bulk.UploadAll(t.Context(), m, named(3), bulk.Options{Exists: policy}) {
			blob, blobErr := m.GetImageBlob(t.Context(), r.Upload.ID)
			if blobErr != nil {
				t.Fatal(blobErr)
			}
			text, _ := io.ReadAll(blob)
			content := "old"
			if strings.Contains(string(text), "new") {
				content = "new"
			}
			if (r.Image == nil) != (err != nil) {
				t.Errorf("%+v, %v", r, err)
			}
			results[r.Upload.ID] = fmt.Sprintf("%s %s %t", r.Outcome, content, errors.Is(err, api.ErrResourceExists))
		}
		if results["0"] != "uploaded new false" || results["1"] != want || results["2"] != "uploaded new false" {
			t.Errorf("%v, want %s", results, want)
		}
	}
}

func TestReplaceFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(m *mock.Mock)
		file    func() *api.File
		want    error
	}{
		"file that is read once": {func(*mock.Mock) {}, func() *api.File { return api.Reader("a", io.MultiReader(strings.NewReader("x"))) }, contract.ErrUsed},
		"deletion":               {func(m *mock.Mock) { m.FailNext(api.OpDeleteImage, api.ErrUnavailable) }, func() *api.File { return svg("new") }, api.ErrUnavailable},
		"second upload": {func(m *mock.Mock) { m.FailNext(api.OpUploadImage, api.ErrResourceExists, api.ErrUnavailable) },
			func() *api.File { return svg("new") }, api.ErrUnavailable},
		"somebody was faster": {func(m *mock.Mock) { m.FailNext(api.OpDeleteImage, api.ErrImageNotFound) }, func() *api.File { return svg("new") }, api.ErrResourceExists},
	} {
		m := mock.New()
		if _, err := m.UploadImage(t.Context(), api.ImageUpload{ID: "a", File: svg("old")}); err != nil {
			t.Fatal(err)
		}
		c.prepare(m)
		n := 0
		uploads := slices.Values([]api.ImageUpload{{ID: "a", File: c.file()}})
		for r, err := range bulk.UploadAll(t.Context(), m.Client(client.WithRetries(0)), uploads, bulk.Options{Exists: bulk.Replace}) {
			n++
			if !errors.Is(err, c.want) || r.Image != nil || r.Outcome != "" {
				t.Errorf("%s: %+v, %v", name, r, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d results", name, n)
		}
	}
}

func TestOneFailureStopsNothing(t *testing.T) {
	t.Parallel()
	m := mock.New()
	m.FailNext(api.OpUploadImage, nil, api.ErrUnavailable)
	failed, uploaded := 0, 0
	for _, err := range bulk.UploadAll(t.Context(), m, named(5), bulk.Options{Concurrency: 1}) {
		if err != nil {
			failed++
		} else {
			uploaded++
		}
	}
	if failed != 1 || uploaded != 4 {
		t.Errorf("%d failed, %d uploaded", failed, uploaded)
	}
}

func TestContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		s := &slow{}
		var got []string
		for r, err := range bulk.UploadAll(ctx, s, named(100), bulk.Options{Concurrency: 2}) {
			got = append(got, fmt.Sprint(r.Index >= 0, errors.Is(err, context.DeadlineExceeded)))
		}
		want := []string{"true false", "true false", "true true", "true true", "false true"}
		if !slices.Equal(got, want) || s.begun.Load() != 4 {
			t.Errorf("%v and %d uploads, want %v", got, s.begun.Load(), want)
		}
	})
}

// TestContextThatEndsAfterTheLast has nothing to tell about uploads that did not
// begin.
func TestContextThatEndsAfterTheLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		n := 0
		for r, err := range bulk.UploadAll(ctx, &slow{}, named(2), bulk.Options{}) {
			n++
			if r.Index < 0 || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%+v, %v", r, err)
			}
		}
		if n != 2 {
			t.Errorf("%d results", n)
		}
	})
}

// TestLeavingTheLoop relies on the bubble, which does not end before its
// goroutines.
func TestLeavingTheLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slow{}
		pulled := 0
		counted := func(yield func(api.ImageUpload) bool) {
			for u := range named(100) {
				if pulled++; !yield(u) {
					return
				}
			}
		}
		seq := bulk.UploadAll(t.Context(), s, counted, bulk.Options{Concurrency: 3})
		start := time.Now()
		for range seq {
			break
		}
		if took := time.Since(start); took != time.Second || s.running.Load() != 0 || pulled > 8 {
			t.Errorf("%s, %d still run, %d uploads are taken from the sequence", took, s.running.Load(), pulled)
		}
		n := 0
		for range seq { // and again, from the start
			n++
		}
		if n != 100 {
			t.Errorf("%d results", n)
		}
	})
}

// waiting yields one upload and blocks.
func waiting(until <-chan struct{}) iter.Seq[api.ImageUpload] {
	return func(yield func(api.ImageUpload) bool) {
		if yield(api.ImageUpload{File: svg("new")}) {
			<-until
		}
	}
}

func TestASequenceThatBlocksHoldsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		until := make(chan struct{})
		defer close(until) // the bubble does not end before the sequence
		s := &slow{}
		start := time.Now()
		for range bulk.UploadAll(t.Context(), s, waiting(until), bulk.Options{}) {
			break
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var last error
		n := 0
		for r, err := range bulk.UploadAll(ctx, s, waiting(until), bulk.Options{}) {
			cancel()
			n++
			if last = err; (err != nil) != (r.Index < 0) {
				t.Errorf("%d: %v", r.Index, err)
			}
		}
		if n != 2 || !errors.Is(last, context.Canceled) {
			t.Errorf("%d results, %v", n, last)
		}
		if took := time.Since(start); took >= 3*time.Second {
			t.Errorf("two uploads of a second took %s", took)
		}
	})
}

// TestASequenceThatEndsWithTheContext has not told all of its uploads.
func TestASequenceThatEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		var got []string
		for r, err := range bulk.UploadAll(ctx, &slow{}, waiting(ctx.Done()), bulk.Options{}) {
			got = append(got, fmt.Sprint(r.Index, errors.Is(err, context.DeadlineExceeded)))
		}
		if want := []string{"0 false", "-1 true"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// TestASequenceIsDoneWhenTheLoopIsLeft: what it reads from may be closed then.
func TestASequenceIsDoneWhenTheLoopIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		done := false
		uploads := func(yield func(api.ImageUpload) bool) {
			named(100)(yield)
			done = true
		}
		for range bulk.UploadAll(t.Context(), &slow{}, uploads, bulk.Options{}) {
			break
		}
		if !done {
			t.Error("the sequence still runs")
		}
	})
}

// TestADraftHoldsTheID has never been uploaded, so Skip has nothing to show for it.
func TestADraftHoldsTheID(t *testing.T) {
	t.Parallel()
	for policy, want := range map[bulk.Policy]string{bulk.Fail: " true", bulk.Skip: " true", bulk.Replace: "replaced false"} {
		m := mock.New()
		target, err := m.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "0"})
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range bulk.UploadAll(t.Context(), m, named(1), bulk.Options{Exists: policy}) {
			if got := fmt.Sprint(r.Outcome, " ", errors.Is(err, api.ErrResourceExists)); got != want || (r.Image == nil) != (err != nil) {
				t.Errorf("%s, %+v, %v, want %s", got, r, err, want)
			}
		}
		if image, err := m.GetImage(t.Context(), "0"); err != nil || image.Draft != (policy != bulk.Replace) {
			t.Errorf("%+v, %v", image, err)
		}
		if _, err := m.UploadTo(t.Context(), target.UploadURL, svg("late")); (err != nil) != (policy == bulk.Replace) {
			t.Errorf("policy %d: the upload URL answers %v", policy, err)
		}
	}
}
