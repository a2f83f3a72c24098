package fake

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
)

func TestEditChangesOnlyWhatIsGiven(t *testing.T) {
	clock := newClock()
	a := New(WithClock(clock.Now)).Account("one")
	first := upload(t, a, 1, func(in *api.ImageUpload) {
		in.Metadata, in.Creator = api.Meta{"a": 1, "b": 2}, new("c")
	})
	clock.Advance(time.Hour)
	state := func(img *api.Image) string {
		creator := "none"
		if img.Creator != nil {
			creator = *img.Creator
		}
		got := ok(a.GetImage(t.Context(), img.ID))(t)
		equal(t, "stored", fmt.Sprint(got.Meta, got.RequireSignedURLs), fmt.Sprint(img.Meta, img.RequireSignedURLs))
		equal(t, "uploaded", img.Uploaded, first.Uploaded)
		equal(t, "filename", img.Filename, first.Filename)
		data, _ := blobOf(t, a, img.ID)
		equal(t, "blob", string(data), string(pixel(1)))
		return fmt.Sprint(creator, img.Meta, img.RequireSignedURLs)
	}
	for _, c := range []struct {
		in   api.ImageEdit
		want string
	}{
		{api.ImageEdit{}, `c{"a":1,"b":2}false`},
		{api.ImageEdit{Metadata: api.Meta{"c": 3}}, `c{"c":3}false`},
		{api.ImageEdit{Creator: new("d")}, `d{"c":3}false`},
		{api.ImageEdit{RequireSignedURLs: new(false)}, `d{"c":3}false`},
		{api.ImageEdit{Metadata: api.Meta{}}, `d{}false`},
		{api.ImageEdit{Creator: new("")}, `none{}false`},
	} {
		img := ok(a.EditImage(t.Context(), first.ID, c.in))(t)
		equal(t, "id", img.ID, first.ID)
		if got := strings.ReplaceAll(state(img), " ", ""); got != c.want {
			t.Errorf("after %+v: %s, want %s", c.in, got, c.want)
		}
	}
	_, err := a.EditImage(t.Context(), first.ID, api.ImageEdit{
		Creator: new("e"), Metadata: api.Meta{"k": strings.Repeat("x", 1024)},
	})
	fails(t, err, api.ErrBadRequest)
	equal(t, "after a refusal", strings.ReplaceAll(state(get(t, a, first.ID)), " ", ""), `none{}false`)
}

func TestPrivacyChangesTheID(t *testing.T) {
	a := New().Account("one")
	older, img, newer := upload(t, a, 1), upload(t, a, 2), upload(t, a, 3)
	private := ok(a.EditImage(t.Context(), img.ID, api.ImageEdit{RequireSignedURLs: new(true)}))(t)
	if private.ID == img.ID || !private.RequireSignedURLs {
		t.Fatalf("edited image is %+v", private)
	}
	if !strings.Contains(private.Variants[0], private.ID) {
		t.Errorf("variants %v do not name %s", private.Variants, private.ID)
	}
	for _, err := range afterDelete(t, a, img.ID) {
		fails(t, err, api.ErrImageNotFound)
	}
	data, _ := blobOf(t, a, private.ID)
	equal(t, "blob", string(data), string(pixel(2)))
	equal(t, "uploaded", private.Uploaded, img.Uploaded)
	equal(t, "order", fmt.Sprint(walk(t, a, api.ListImagesParams{})[0]), fmt.Sprint([]string{newer.ID, private.ID, older.ID}))
	public := ok(a.EditImage(t.Context(), private.ID, api.ImageEdit{RequireSignedURLs: new(false)}))(t)
	equal(t, "private", public.RequireSignedURLs, false)
	equal(t, "count", ok(a.GetStats(t.Context()))(t).Count.Current, 3)
}

func TestStableIDs(t *testing.T) {
	a := New(WithStableIDs()).Account("one")
	img := upload(t, a, 1)
	private := ok(a.EditImage(t.Context(), img.ID, api.ImageEdit{RequireSignedURLs: new(true)}))(t)
	equal(t, "id", private.ID, img.ID)
	equal(t, "private", private.RequireSignedURLs, true)
}

func TestCustomIDStaysPublic(t *testing.T) {
	a := New().Account("one")
	upload(t, a, 1, func(in *api.ImageUpload) { in.ID = "mine" })
	_, err := a.EditImage(t.Context(), "mine", api.ImageEdit{RequireSignedURLs: new(true), Creator: new("x")})
	fails(t, err, api.ErrCustomIDCannotBePrivate)
	img := get(t, a, "mine")
	if img.RequireSignedURLs || img.Creator != nil {
		t.Errorf("the refused edit left %+v", img)
	}
	ok(a.EditImage(t.Context(), "mine", api.ImageEdit{RequireSignedURLs: new(false)}))(t)
}
