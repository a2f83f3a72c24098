package examples

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/examples/photo"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/metadata"
)

// TestTypedMetadata writes photos, finds them by their fields and reads them.
// Package photo is made from photo/photo.schema.json by `make gen`:
//
//	go run ./generator metadata -schema examples/photo/photo.schema.json -package photo -out examples/photo
func TestTypedMetadata(t *testing.T) {
	picture(t)
	ctx := t.Context()
	c := mock.Start(t).Client()
	photos := map[string]photo.Photo{
		"one": {
			Status: photo.StatusActive, Priority: 5, Rating: new(4.5), Done: new(true), TakenAt: new("2026-03-01T12:00:00Z"),
			Tags: []string{"cat", "roof"}, Region: photo.PhotoRegion{Name: "eu", Zone: new(int64(2))},
		},
		"two":   {Status: photo.StatusDraft, Priority: 3, Done: new(false), Tags: []string{}, Region: photo.PhotoRegion{Name: "us"}},
		"three": {Status: photo.StatusArchived, Region: photo.PhotoRegion{Name: "<ap> & 😀"}},
	}
	for _, id := range []string{"one", "two", "three"} {
		meta, err := photos[id].Meta()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.UploadImage(ctx, api.ImageUpload{File: api.OpenFile("cat.png"), ID: id, Metadata: meta}); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []struct {
		want string
		f    filter.Filter
	}{
		{"one", filter.All(photo.Status.Eq("active"))},
		{"one two", filter.All(photo.Status.In(photo.StatusActive, photo.StatusDraft))},
		{"one two", filter.All(photo.Region.Name.In("eu", "us"))},
		{"one two", filter.All(photo.Priority.Gte(3))},
		{"one", filter.All(photo.Done.Eq(true))},
		{"two", filter.All(photo.Done.Eq(false), photo.Priority.Lt(5))},
		{"one", filter.All(photo.Tags.Eq("cat"), photo.Tags.In("roof", "dog"), photo.Rating.Gt(4), photo.Region.Zone.Lte(2))},
		{"one", filter.All(photo.TakenAt.Eq("2026-03-01T12:00:00Z"))},
		{"three", filter.All(photo.Region.Name.Eq("<ap> & 😀"))},
		{"", filter.All(photo.Priority.Gt(5))},
	} {
		var got []string
		for img, err := range c.AllImages(ctx, api.ListImagesParams{Filter: e.f, SortOrder: api.SortOrderAsc, PerPage: 1}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, img.ID)
			read, err := photo.Decode(img.Meta)
			if err != nil || !reflect.DeepEqual(read, photos[img.ID]) {
				t.Errorf("%s is read as %+v, %v", img.ID, read, err)
			}
		}
		if want := strings.Fields(e.want); !slices.Equal(got, want) {
			t.Errorf("%s selects %v, want %v", e.f, got, want)
		}
	}
}

// TestMetadataLimit: what the service would refuse is an error when it is
// built, and what is just short enough is taken.
func TestMetadataLimit(t *testing.T) {
	picture(t)
	c := mock.Start(t).Client()
	p := photo.Photo{Region: photo.PhotoRegion{Name: ""}}
	empty, err := p.Meta()
	if err != nil {
		t.Fatal(err)
	}
	text, err := empty.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	p.Region.Name = strings.Repeat("x", api.MetaMaxBytes-len(text))
	meta, err := p.Meta()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.UploadImage(t.Context(), api.ImageUpload{File: api.OpenFile("cat.png"), Metadata: meta}); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	p.Region.Name += "é"
	_, err = p.Meta()
	tooLong, ok := errors.AsType[*metadata.SizeError](err)
	if !ok || tooLong.Size != 1026 || tooLong.Limit != 1024 {
		t.Errorf("beyond the limit: %v", err)
	}
}

// TestNoMetadata: an image without metadata is a zero photo.
func TestNoMetadata(t *testing.T) {
	picture(t)
	c := mock.Start(t).Client()
	img, err := c.UploadImage(t.Context(), api.ImageUpload{File: api.OpenFile("cat.png")})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := photo.Decode(img.Meta); err != nil || !reflect.DeepEqual(p, photo.Photo{}) {
		t.Errorf("%+v, %v", p, err)
	}
}
