package fake

import (
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// TestFinished is told of drafts that got their file, once each, and of nothing
// else. The account can be used meanwhile.
func TestFinished(t *testing.T) {
	var told []string
	var w *World
	w = New(WithFinished(func(account string, image api.Image) {
		told = append(told, account+" "+get(t, w.Account(account), image.ID).Filename)
	}))
	a := w.Account("one")
	upload(t, a, 1)
	target := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	if _, err := w.UploadTo(t.Context(), target.UploadURL, contract.Bytes("x", []byte("no image"))); err == nil {
		t.Fatal("a text was accepted")
	}
	_ = ok(w.UploadTo(t.Context(), target.UploadURL, contract.Bytes("mine.png", pixel(6))))(t)
	_, err := w.UploadTo(t.Context(), target.UploadURL, contract.Bytes("mine.png", pixel(6)))
	fails(t, err, api.ErrResourceExists)
	if len(told) != 1 || told[0] != "one mine.png" {
		t.Errorf("told %q", told)
	}
}
