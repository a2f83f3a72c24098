package fake

import (
	"testing"

	"github.com/cfimages/cfimages/gen/api"
)

// TestTotals counts through uploads, edits, a deletion, drafts and a return to a
// snapshot.
func TestTotals(t *testing.T) {
	t.Parallel()
	w := New()
	a, b := w.Account("a"), w.Account("b")
	first := upload(t, a, 1)
	upload(t, a, 2)
	upload(t, b, 1)
	size := int64(len(pixel(1)))
	totals(t, w, Totals{Images: 3, Bytes: 2*size + int64(len(pixel(2)))})
	before, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.EditImage(t.Context(), first.ID, api.ImageEdit{RequireSignedURLs: new(true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateDirectUpload(t.Context(), api.DirectUpload{}); err != nil {
		t.Fatal(err)
	}
	totals(t, w, Totals{Images: 3, Drafts: 1, Bytes: 2*size + int64(len(pixel(2)))})
	if err := b.Reset(); err != nil {
		t.Fatal(err)
	}
	totals(t, w, Totals{Images: 2, Bytes: size + int64(len(pixel(2)))})
	if err := w.Restore(before); err != nil {
		t.Fatal(err)
	}
	totals(t, w, Totals{Images: 3, Bytes: 2*size + int64(len(pixel(2)))})
}

func totals(t *testing.T, w *World, want Totals) {
	t.Helper()
	if got, err := w.Totals(); err != nil || got != want {
		t.Errorf("totals %+v, %v, want %+v", got, err, want)
	}
}
