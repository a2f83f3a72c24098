package fake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

func TestCanceledCallsDoNothing(t *testing.T) {
	w := New()
	a := w.Account("one")
	img := upload(t, a, 1)
	draft := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := map[string]func() error{
		"upload":  func() error { _, err := a.UploadImage(ctx, api.ImageUpload{File: file(1)}); return err },
		"to":      func() error { _, err := w.UploadTo(ctx, draft.UploadURL, file(1)); return err },
		"draft":   func() error { _, err := a.CreateDirectUpload(ctx, api.DirectUpload{}); return err },
		"get":     func() error { _, err := a.GetImage(ctx, img.ID); return err },
		"blob":    func() error { _, err := a.GetImageBlob(ctx, img.ID); return err },
		"edit":    func() error { _, err := a.EditImage(ctx, img.ID, api.ImageEdit{}); return err },
		"delete":  func() error { return a.DeleteImage(ctx, img.ID) },
		"list":    func() error { _, err := a.ListImages(ctx, api.ListImagesParams{}); return err },
		"list v1": func() error { _, err := a.ListImagesV1(ctx, api.ListImagesV1Params{}); return err },
		"stats":   func() error { _, err := a.GetStats(ctx); return err },
		"keys":    func() error { _, err := a.ListSigningKeys(ctx); return err },
		"put":     func() error { _, err := a.PutSigningKey(ctx, "k"); return err },
		"del key": func() error { _, err := a.DeleteSigningKey(ctx, "default"); return err },
		"vlist":   func() error { _, err := a.ListVariants(ctx); return err },
		"vget":    func() error { _, err := a.GetVariant(ctx, "public"); return err },
		"vnew":    func() error { _, err := a.CreateVariant(ctx, api.VariantCreate{ID: "v"}); return err },
		"vedit":   func() error { _, err := a.EditVariant(ctx, "public", api.VariantEdit{}); return err },
		"vdel":    func() error { return a.DeleteVariant(ctx, "public") },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	equal(t, "draft", get(t, a, draft.ID).Draft, true)
	equal(t, "keys", len(ok(a.ListSigningKeys(t.Context()))(t)), 1)
}

func TestReadingStopsWithItsContext(t *testing.T) {
	a := New().Account("one")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := a.UploadImage(ctx, api.ImageUpload{File: contract.Reader("a.png", canceling{cancel})})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v", err)
	}
}

type canceling struct{ cancel func() }

func (c canceling) Read(p []byte) (int, error) { c.cancel(); return len(p), nil }

func TestOneOfManyGetsTheID(t *testing.T) {
	a := New().Account("one")
	var won atomic.Int64
	together(20, func(i int) {
		_, err := a.UploadImage(t.Context(), api.ImageUpload{File: file(i), ID: "same"})
		switch {
		case err == nil:
			won.Store(int64(i) + 1)
		case !errors.Is(err, api.ErrResourceExists):
			t.Errorf("loser got %v", err)
		}
	})
	data, _ := blobOf(t, a, "same")
	equal(t, "blob", string(data), string(pixel(int(won.Load())-1)))
	equal(t, "count", ok(a.GetStats(t.Context()))(t).Count.Current, 1)
}

func TestConcurrentUploadsEditsDeletes(t *testing.T) {
	a := New().Account("one")
	together(20, func(i int) { upload(t, a, i) })
	all := walk(t, a, api.ListImagesParams{})[0]
	slices.Sort(all)
	equal(t, "distinct", len(slices.Compact(all)), 20)

	together(20, func(i int) {
		in := api.ImageEdit{Metadata: api.Meta{"i": i}, Creator: new(fmt.Sprint(i))}
		ok(a.EditImage(t.Context(), all[0], in))(t)
	})
	img := get(t, a, all[0])
	equal(t, "blend", img.Meta.String(), `{"i":`+*img.Creator+`}`)

	var deleted atomic.Int64
	together(8, func(int) {
		if a.DeleteImage(t.Context(), all[0]) == nil {
			deleted.Add(1)
		}
	})
	equal(t, "deletes", deleted.Load(), 1)
	equal(t, "count", ok(a.GetStats(t.Context()))(t).Count.Current, 19)
}

// together runs n calls at once.
func together(n int, call func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() { <-start; call(i) })
	}
	close(start)
	all.Wait()
}
