package fake

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

func TestDraftBecomesImage(t *testing.T) {
	clock := newClock()
	w := New(WithClock(clock.Now), WithUploadURL("http://localhost:1/up/"))
	a := w.Account("one")
	up := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{
		Metadata: api.Meta{"k": "v"}, Creator: new("c"), RequireSignedURLs: true,
	}))(t)
	equal(t, "URL", up.UploadURL, "http://localhost:1/up/"+a.Hash()+"/"+up.ID)
	draft := get(t, a, up.ID)
	if !draft.Draft || draft.Filename != "" || draft.Uploaded.IsZero() || len(draft.Variants) != 1 {
		t.Errorf("draft is %+v", draft)
	}
	equal(t, "listed", fmt.Sprint(walk(t, a, api.ListImagesParams{})), "[[]]")
	equal(t, "listed in V1", len(ok(a.ListImagesV1(t.Context(), api.ListImagesV1Params{}))(t).Images), 0)
	equal(t, "counted", ok(a.GetStats(t.Context()))(t).Count.Current, 0)
	_, err := a.GetImageBlob(t.Context(), up.ID)
	fails(t, err, api.ErrImageNotFound)

	other := upload(t, a, 5)
	clock.Advance(time.Minute)
	img := ok(w.UploadTo(t.Context(), up.UploadURL, contract.Bytes("mine.png", pixel(6))))(t)
	equal(t, "image", fmt.Sprint(img.ID, img.Draft, img.Filename, img.Meta, *img.Creator, img.RequireSignedURLs),
		fmt.Sprint(up.ID, false, "mine.png", `{"k":"v"}`, "c", true))
	equal(t, "uploaded", img.Uploaded.Sub(draft.Uploaded), time.Minute)
	equal(t, "order", fmt.Sprint(walk(t, a, api.ListImagesParams{})[0]), fmt.Sprint([]string{img.ID, other.ID}))

	_, err = w.UploadTo(t.Context(), up.UploadURL, file(7))
	fails(t, err, api.ErrResourceExists)
	data, _ := blobOf(t, a, up.ID)
	equal(t, "blob", string(data), string(pixel(6)))
}

func TestUploadURLs(t *testing.T) {
	w := New()
	a := w.Account("one")
	for _, id := range []string{"a/b.png", "100%", "%2F", "😀/é", "a?b#c", `q"<>\^[]|{}`, "sp ace"} {
		up := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: id}))(t)
		equal(t, "id", up.ID, id)
		path := strings.TrimPrefix(up.UploadURL, "https://upload.imagedelivery.net")
		img := ok(w.UploadTo(t.Context(), "/some/base"+path+"?x=1", file(1)))(t)
		equal(t, "uploaded id", img.ID, id)
	}
	up := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	last := up.UploadURL[len(up.UploadURL)-1:]
	wrong := strings.TrimSuffix(up.UploadURL, last) + "1"
	hash := strings.Replace(up.UploadURL, a.Hash(), w.Account("two").Hash(), 1)
	for _, u := range []string{wrong, hash, "", "/", "://", "/" + a.Hash(), "/" + a.Hash() + "/", "/" + a.Hash() + "/%zz", "nonsense"} {
		_, err := w.UploadTo(t.Context(), u, file(1))
		fails(t, err, api.ErrImageNotFound)
	}
	equal(t, "still a draft", get(t, a, up.ID).Draft, true)
}

func TestFailedUploadMayBeRepeated(t *testing.T) {
	w := New()
	a := w.Account("one")
	up := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	_, err := w.UploadTo(t.Context(), up.UploadURL, contract.Bytes("a.png", []byte("text")))
	fails(t, err, api.ErrUnsupportedImage)
	_, err = w.UploadTo(t.Context(), up.UploadURL, contract.Bytes("a.png", make([]byte, 11<<20)))
	fails(t, err, api.ErrImageTooLarge)
	_, err = w.UploadTo(t.Context(), up.UploadURL, nil)
	fails(t, err, api.ErrBadRequest)
	equal(t, "still a draft", get(t, a, up.ID).Draft, true)
	ok(w.UploadTo(t.Context(), up.UploadURL, file(1)))(t)
}

func TestExpiryWindow(t *testing.T) {
	clock := newClock()
	a := New(WithClock(clock.Now)).Account("one")
	for after, good := range map[time.Duration]bool{
		-time.Hour:                   false,
		2*time.Minute - 1:            false,
		2 * time.Minute:              true,
		3 * time.Minute:              true,
		5*time.Hour + 59*time.Minute: true,
		6 * time.Hour:                true,
		6*time.Hour + 1:              false,
	} {
		_, err := a.CreateDirectUpload(t.Context(), api.DirectUpload{Expiry: clock.Now().Add(after)})
		if good && err != nil {
			t.Errorf("%v: %v", after, err)
		} else if !good {
			fails(t, err, api.ErrBadRequest)
		}
	}
}

func TestDraftExpires(t *testing.T) {
	clock := newClock()
	w := New(WithClock(clock.Now))
	a := w.Account("one")
	up := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "mine"}))(t)
	clock.Advance(29 * time.Minute)
	equal(t, "draft", get(t, a, "mine").Draft, true)
	clock.Advance(time.Minute)
	_, err := w.UploadTo(t.Context(), up.UploadURL, file(1))
	fails(t, err, api.ErrImageNotFound)
	for _, err := range afterDelete(t, a, "mine") {
		fails(t, err, api.ErrImageNotFound)
	}
	// The id is free for a draft and for an image.
	ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "mine"}))(t)
	clock.Advance(31 * time.Minute)
	upload(t, a, 1, func(in *api.ImageUpload) { in.ID = "mine" })
	clock.Advance(24 * time.Hour)
	equal(t, "draft", get(t, a, "mine").Draft, false)
}

func TestDraftExpiresWhileItsFileArrives(t *testing.T) {
	clock := newClock()
	w := New(WithClock(clock.Now))
	a := w.Account("one")
	up := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	late := contract.Reader("a.png", slow{clock, strings.NewReader(string(pixel(1)))})
	_, err := w.UploadTo(t.Context(), up.UploadURL, late)
	fails(t, err, api.ErrImageNotFound)
	equal(t, "count", ok(a.GetStats(t.Context()))(t).Count.Current, 0)
}

// slow takes an hour for every read.
type slow struct {
	clock *testClock
	r     *strings.Reader
}

func (s slow) Read(p []byte) (int, error) {
	s.clock.Advance(time.Hour)
	return s.r.Read(p)
}

func TestDraftOccupiesItsID(t *testing.T) {
	w := New()
	a := w.Account("one")
	upload(t, a, 1, func(in *api.ImageUpload) { in.ID = "image" })
	ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "draft", Metadata: api.Meta{"first": true}}))(t)
	for _, id := range []string{"image", "draft"} {
		_, err := a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: id})
		fails(t, err, api.ErrResourceExists)
		_, err = a.UploadImage(t.Context(), api.ImageUpload{File: file(2), ID: id})
		fails(t, err, api.ErrResourceExists)
	}
	equal(t, "meta", get(t, a, "draft").Meta.String(), `{"first":true}`)
	_, err := a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "x", RequireSignedURLs: true})
	fails(t, err, api.ErrCustomIDCannotBePrivate)
	_, err = a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "/x"})
	fails(t, err, api.ErrInvalidCustomID)
	_, err = a.GetImage(t.Context(), "x")
	fails(t, err, api.ErrImageNotFound)
}

func TestDraftCanBeEditedAndDeleted(t *testing.T) {
	w := New()
	a := w.Account("one")
	up := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	edited := ok(a.EditImage(t.Context(), up.ID, api.ImageEdit{RequireSignedURLs: new(true), Metadata: api.Meta{"k": 1}}))(t)
	equal(t, "id", edited.ID, up.ID)
	img := ok(w.UploadTo(t.Context(), up.UploadURL, file(1)))(t)
	equal(t, "image", fmt.Sprint(img.RequireSignedURLs, img.Meta), `true {"k":1}`)

	up = ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	if err := a.DeleteImage(t.Context(), up.ID); err != nil {
		t.Fatal(err)
	}
	_, err := w.UploadTo(t.Context(), up.UploadURL, file(1))
	fails(t, err, api.ErrImageNotFound)
	_, err = a.GetImage(t.Context(), up.ID)
	fails(t, err, api.ErrImageNotFound)
}

func TestOneOfManyUploadsWins(t *testing.T) {
	w := New()
	a := w.Account("one")
	for range 20 {
		up := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
		var wins, winner atomic.Int64
		together(8, func(i int) {
			switch _, err := w.UploadTo(t.Context(), up.UploadURL, file(i)); {
			case err == nil:
				wins.Add(1)
				winner.Store(int64(i))
			case !errors.Is(err, api.ErrResourceExists):
				t.Errorf("loser got %v", err)
			}
		})
		equal(t, "wins", wins.Load(), 1)
		data, _ := blobOf(t, a, up.ID)
		equal(t, "blob", string(data), string(pixel(int(winner.Load()))))
	}
}

func TestExpiredDraftsAreForgotten(t *testing.T) {
	clock := newClock()
	a := New(WithClock(clock.Now)).Account("one")
	for range 5 * leastSweep {
		ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{Expiry: clock.Now().Add(2 * time.Minute)}))(t)
		clock.Advance(time.Second)
	}
	if n := a.records.Drafts(); n > leastSweep {
		t.Errorf("%d drafts are kept", n)
	}
}
