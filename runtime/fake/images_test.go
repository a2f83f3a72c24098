package fake

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

func TestUploadedImageIsWhatWasSent(t *testing.T) {
	clock := newClock()
	a := New(WithClock(clock.Now)).Account("one")
	name := `a "b" c;ü.png`
	img := ok(a.UploadImage(t.Context(), api.ImageUpload{
		File:              contract.Bytes(name, pixel(7)).WithType("text/plain"),
		Metadata:          api.Meta{"n": 5, "s": "5", "deep": map[string]any{"list": []any{true, nil, "😀"}}},
		RequireSignedURLs: true,
		Creator:           new("user"),
	}))(t)
	equal(t, "filename", img.Filename, name)
	equal(t, "meta", img.Meta.String(), `{"deep":{"list":[true,null,"😀"]},"n":5,"s":"5"}`)
	equal(t, "creator", *img.Creator, "user")
	equal(t, "private", img.RequireSignedURLs, true)
	equal(t, "draft", img.Draft, false)
	equal(t, "uploaded", img.Uploaded.Format(time.RFC3339Nano), "2026-03-04T05:06:07.089Z")
	if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{10}00$`).MatchString(img.ID) {
		t.Errorf("generated id %q", img.ID)
	}
	equal(t, "variants", strings.Join(img.Variants, " "),
		"https://imagedelivery.net/"+a.Hash()+"/"+img.ID+"/public")
	data, mediaType := blobOf(t, a, img.ID)
	equal(t, "media type", mediaType, "image/png")
	equal(t, "blob", string(data), string(pixel(7)))
	got := ok(a.GetImage(t.Context(), img.ID))(t)
	equal(t, "fetched", fmt.Sprint(*got.Creator, got.Meta, got.Uploaded), fmt.Sprint(*img.Creator, img.Meta, img.Uploaded))
}

func TestPlainUploadHasNoExtras(t *testing.T) {
	a := New().Account("one")
	img := upload(t, a, 1)
	if img.Creator != nil || img.Meta != nil || img.RequireSignedURLs {
		t.Errorf("unexpected extras: %+v", img)
	}
	if again := upload(t, a, 1); again.ID == img.ID {
		t.Error("the same bytes got the same id")
	}
}

func TestRefusedUploadLeavesNoTrace(t *testing.T) {
	a := New().Account("one")
	upload(t, a, 1, func(in *api.ImageUpload) { in.ID = "taken" })
	long := api.Meta{"k": strings.Repeat("x", 1025-len(`{"k":""}`))}
	for _, c := range []struct {
		name string
		in   api.ImageUpload
		want error
	}{
		{"no source", api.ImageUpload{}, api.ErrBadRequest},
		{"two sources", api.ImageUpload{File: file(1), URL: "https://a.example/b.png"}, api.ErrBadRequest},
		{"text", api.ImageUpload{File: contract.Bytes("a.png", []byte("just text"))}, api.ErrUnsupportedImage},
		{"empty", api.ImageUpload{File: contract.Bytes("a.png", nil)}, api.ErrBadRequest},
		{"garbage", api.ImageUpload{File: contract.Bytes("a.png", []byte("\x89PNG\r\n\x1a\ngarbage"))}, api.ErrDecodeFailed},
		{"11 MiB", api.ImageUpload{File: contract.Bytes("a.png", make([]byte, 11<<20))}, api.ErrImageTooLarge},
		{"endless", api.ImageUpload{File: contract.Reader("a.png", endless{})}, api.ErrImageTooLarge},
		{"metadata", api.ImageUpload{File: file(1), Metadata: long}, api.ErrBadRequest},
		{"no JSON", api.ImageUpload{File: file(1), Metadata: api.Meta{"f": func() {}}}, api.ErrBadRequest},
		{"taken", api.ImageUpload{File: file(2), ID: "taken"}, api.ErrResourceExists},
		{"private", api.ImageUpload{File: file(1), ID: "x", RequireSignedURLs: true}, api.ErrCustomIDCannotBePrivate},
		{"uuid", api.ImageUpload{File: file(1), ID: "0f8fad5b-d9cb-469f-a165-70867728950e"}, api.ErrInvalidCustomID},
		{"name", api.ImageUpload{File: contract.Bytes(strings.Repeat("n", 256), pixel(1))}, api.ErrBadRequest},
		{"scheme", api.ImageUpload{URL: "file:///etc/passwd"}, api.ErrBadRequest},
		{"size", api.ImageUpload{File: file(1).WithSize(3)}, contract.ErrSize},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := a.UploadImage(t.Context(), c.in)
			if !errors.Is(err, c.want) {
				t.Fatalf("error is %v, want %v", err, c.want)
			}
			equal(t, "count", ok(a.GetStats(t.Context()))(t).Count.Current, 1)
			equal(t, "pages", fmt.Sprint(walk(t, a, api.ListImagesParams{})), "[[taken]]")
			data, _ := blobOf(t, a, "taken")
			equal(t, "blob", string(data), string(pixel(1)))
		})
	}
}

// endless is a reader without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestMissingFileKeepsItsCause(t *testing.T) {
	a := New().Account("one")
	used := contract.Reader("a.png", struct{ *strings.Reader }{strings.NewReader("")}).WithSize(0)
	_, err := a.UploadImage(t.Context(), api.ImageUpload{File: contract.OpenFile("/nowhere/a.png")})
	fails(t, err, api.ErrUploadFailed)
	if errors.Unwrap(err) == nil {
		t.Error("the cause is lost")
	}
	_, err = a.UploadImage(t.Context(), api.ImageUpload{File: used})
	fails(t, err, api.ErrBadRequest)
}

func TestLargeImageIsAccepted(t *testing.T) {
	a := New().Account("one")
	big := append(pixel(1), make([]byte, maxImage-len(pixel(1)))...)
	img := ok(a.UploadImage(t.Context(), api.ImageUpload{File: contract.Bytes("big.png", big)}))(t)
	data, _ := blobOf(t, a, img.ID)
	if !bytes.Equal(data, big) {
		t.Error("the bytes differ")
	}
	// From a stream of unknown length, one byte more.
	_, err := a.UploadImage(t.Context(), api.ImageUpload{
		File: contract.Reader("big.png", onlyReader{bytes.NewReader(append(big, 0))}),
	})
	fails(t, err, api.ErrImageTooLarge)
}

// onlyReader hides that a reader can do more.
type onlyReader struct{ r *bytes.Reader }

func (o onlyReader) Read(p []byte) (int, error) { return o.r.Read(p) }

func TestIdsAreTakenLiterally(t *testing.T) {
	a := New().Account("one")
	all := []string{"a", "ab", "Ab", "p/a", "p/ab", "p/a/b", "x", "x/blob", "100%", "%2F", "a b", "😀", "e\u0301", "é", "a?b#c"}
	for i, id := range all {
		img := upload(t, a, i, func(in *api.ImageUpload) { in.ID = id })
		equal(t, "id", img.ID, id)
		for _, v := range img.Variants {
			u := ok(url.Parse(v))(t)
			equal(t, "delivery path", u.Path, "/"+a.Hash()+"/"+id+"/public")
			equal(t, "query", u.RawQuery+u.Fragment, "")
		}
	}
	for i, id := range all {
		if err := a.DeleteImage(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		for _, err := range afterDelete(t, a, id) {
			fails(t, err, api.ErrImageNotFound)
		}
		for j, other := range all[i+1:] {
			data, _ := blobOf(t, a, other)
			equal(t, "blob of "+other, string(data), string(pixel(i+1+j)))
		}
	}
}

// afterDelete uses an id in every way there is.
func afterDelete(t *testing.T, a *Account, id string) []error {
	_, get := a.GetImage(t.Context(), id)
	_, edit := a.EditImage(t.Context(), id, api.ImageEdit{})
	_, blob := a.GetImageBlob(t.Context(), id)
	return []error{get, edit, blob, a.DeleteImage(t.Context(), id)}
}

func TestDeletedIdIsFree(t *testing.T) {
	a := New().Account("one")
	set := func(in *api.ImageUpload) { in.ID, in.Metadata = "again", api.Meta{"old": true} }
	upload(t, a, 1, set)
	if err := a.DeleteImage(t.Context(), "again"); err != nil {
		t.Fatal(err)
	}
	img := upload(t, a, 2, func(in *api.ImageUpload) { in.ID = "again" })
	equal(t, "meta", img.Meta.String(), "")
}

func TestAllowance(t *testing.T) {
	w := New(WithAllowance(1))
	a := w.Account("one")
	draft := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	img := upload(t, a, 1)
	_, err := a.UploadImage(t.Context(), api.ImageUpload{File: file(2)})
	fails(t, err, api.ErrLimitReached)
	_, err = w.UploadTo(t.Context(), draft.UploadURL, file(3))
	fails(t, err, api.ErrLimitReached)
	equal(t, "stats", ok(a.GetStats(t.Context()))(t).Count, api.StatsCount{Current: 1, Allowed: 1})
	if err := a.DeleteImage(t.Context(), img.ID); err != nil {
		t.Fatal(err)
	}
	ok(w.UploadTo(t.Context(), draft.UploadURL, file(3)))(t)
}

func TestResultsAreCopies(t *testing.T) {
	a := New().Account("one")
	creator := "c"
	img := upload(t, a, 1, func(in *api.ImageUpload) { in.Metadata, in.Creator = api.Meta{"k": "v"}, &creator })
	creator = "changed"
	want := fmt.Sprint(ok(a.GetImage(t.Context(), img.ID))(t).Meta)
	img.Meta[2], *img.Creator, img.Variants[0] = 'X', "changed", "changed"
	got := get(t, a, img.ID)
	equal(t, "meta", got.Meta.String(), want)
	equal(t, "creator", *got.Creator, "c")
	if got.Variants[0] == "changed" {
		t.Error("variants are shared")
	}
}
