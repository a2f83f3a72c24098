// Package system tests the whole: client, server, mock and fake together.
package system

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
)

func pngBytes(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	img.Set(0, 0, color.RGBA{R: 200, A: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// services are the ways to reach one implementation.
func services(t *testing.T) map[string]func(t *testing.T) api.Service {
	t.Helper()
	return map[string]func(t *testing.T) api.Service{
		"in process":     func(t *testing.T) api.Service { return mock.New() },
		"without socket": func(t *testing.T) api.Service { return mock.New().Client() },
		"over HTTP":      func(t *testing.T) api.Service { return mock.Start(t).Client() },
		"through a proxy": func(t *testing.T) api.Service {
			handler := server.New(server.For(mock.Start(t).Client()), server.WithBasePath("/client/v4"))
			front := httptest.NewServer(handler)
			t.Cleanup(front.Close)
			c, err := client.New("any", client.WithToken("t"), client.WithBaseURL(front.URL+"/client/v4"))
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
	}
}

func TestEveryOperation(t *testing.T) {
	t.Parallel()
	for name, service := range services(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyOperation(t, service(t), time.Now().Add(time.Hour))
		})
	}
}

func everyOperation(t *testing.T, s api.Service, expiry time.Time) {
	ctx := t.Context()
	content := pngBytes(t, 3, 2)
	img, err := s.UploadImage(ctx, api.ImageUpload{
		File:     api.Bytes("cat.png", content),
		Metadata: api.Meta{"album": "cats", "rating": 5, "region": map[string]any{"name": "eu"}},
		Creator:  new("user-42"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if img.Filename != "cat.png" || *img.Creator != "user-42" || img.Meta.Map()["album"] != "cats" {
		t.Errorf("upload answered %+v", img)
	}
	got, err := s.GetImage(ctx, img.ID)
	if err != nil || got.ID != img.ID || !got.Uploaded.Equal(img.Uploaded) {
		t.Fatalf("get answered %+v, %v", got, err)
	}
	blob, err := s.GetImageBlob(ctx, img.ID)
	if err != nil {
		t.Fatal(err)
	}
	read, err := io.ReadAll(blob)
	if err != nil || blob.Close() != nil || !bytes.Equal(read, content) || blob.ContentType != "image/png" {
		t.Errorf("blob: %d bytes of %s, %v", len(read), blob.ContentType, err)
	}
	list, err := s.ListImages(ctx, api.ListImagesParams{
		Filter: filter.All(filter.Eq("album", "cats"), filter.Gte("rating", 3), filter.In("region.name", "eu", "us")),
	})
	if err != nil || len(list.Images) != 1 {
		t.Fatalf("list answered %+v, %v", list, err)
	}
	list, err = s.ListImages(ctx, api.ListImagesParams{Filter: filter.All(filter.Lt("rating", 5))})
	if err != nil || len(list.Images) != 0 {
		t.Fatalf("list answered %+v, %v", list, err)
	}
	old, err := s.ListImagesV1(ctx, api.ListImagesV1Params{PerPage: 10})
	if err != nil || len(old.Images) != 1 {
		t.Fatalf("v1 list answered %+v, %v", old, err)
	}
	edited, err := s.EditImage(ctx, img.ID, api.ImageEdit{RequireSignedURLs: new(true)})
	if err != nil || !edited.RequireSignedURLs || edited.ID == img.ID {
		t.Fatalf("edit answered %+v, %v", edited, err)
	}
	if _, err := s.GetImage(ctx, img.ID); !errors.Is(err, api.ErrImageNotFound) {
		t.Errorf("the old id answers %v", err)
	}
	keys, err := s.ListSigningKeys(ctx)
	if err != nil || len(keys) != 1 || keys[0].Name != "default" {
		t.Fatalf("keys answered %+v, %v", keys, err)
	}
	if keys, err = s.PutSigningKey(ctx, "second"); err != nil || len(keys) != 2 {
		t.Fatalf("put key answered %+v, %v", keys, err)
	}
	if keys, err = s.DeleteSigningKey(ctx, "second"); err != nil || len(keys) != 1 {
		t.Fatalf("delete key answered %+v, %v", keys, err)
	}
	stats, err := s.GetStats(ctx)
	if err != nil || stats.Count.Current != 1 {
		t.Fatalf("stats answered %+v, %v", stats, err)
	}
	options := api.VariantOptions{Fit: api.VariantFitCover, Width: 100, Height: 80, Metadata: api.VariantMetadataNone}
	v, err := s.CreateVariant(ctx, api.VariantCreate{ID: "thumb", Options: options})
	if err != nil || v.ID != "thumb" || v.NeverRequireSignedURLs {
		t.Fatalf("create variant answered %+v, %v", v, err)
	}
	options.Width = 200
	if v, err = s.EditVariant(ctx, "thumb", api.VariantEdit{Options: options}); err != nil || v.Options.Width != 200 {
		t.Fatalf("edit variant answered %+v, %v", v, err)
	}
	if v, err = s.GetVariant(ctx, "thumb"); err != nil || v.Options.Width != 200 {
		t.Fatalf("get variant answered %+v, %v", v, err)
	}
	variants, err := s.ListVariants(ctx)
	if err != nil || len(variants) != 2 {
		t.Fatalf("variants answered %+v, %v", variants, err)
	}
	if err := s.DeleteVariant(ctx, "thumb"); err != nil {
		t.Fatal(err)
	}
	if err := s.EditConfig(ctx, api.ConfigEdit{BrowserTTL: new(int64(3600)), FlexibleVariants: new(true)}); err != nil {
		t.Fatal(err)
	}
	up, err := s.CreateDirectUpload(ctx, api.DirectUpload{Expiry: expiry, Metadata: api.Meta{"from": "draft"}})
	if err != nil {
		t.Fatal(err)
	}
	uploaded(ctx, t, s, up, content)
	if err := s.DeleteImage(ctx, edited.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteImage(ctx, edited.ID); !errors.Is(err, api.ErrImageNotFound) {
		t.Errorf("the second delete answers %v", err)
	}
}

func uploaded(ctx context.Context, t *testing.T, s api.Service, up *api.DirectUploadTarget, content []byte) {
	t.Helper()
	draft, err := s.GetImage(ctx, up.ID)
	if err != nil || !draft.Draft {
		t.Fatalf("the draft is %+v, %v", draft, err)
	}
	upload := func() (*api.Image, error) { return client.UploadTo(ctx, up.UploadURL, api.Bytes("d.png", content)) }
	own, ok := s.(interface {
		UploadTo(ctx context.Context, url string, file *api.File) (*api.Image, error)
	})
	if ok {
		upload = func() (*api.Image, error) { return own.UploadTo(ctx, up.UploadURL, api.Bytes("d.png", content)) }
	}
	if !ok && strings.HasPrefix(up.UploadURL, "http://mock.invalid") {
		return // no socket, and the client's own transport is not reachable from here
	}
	img, err := upload()
	if err != nil || img.Draft || img.ID != up.ID {
		t.Fatalf("the upload answered %+v, %v", img, err)
	}
	if _, err := upload(); err == nil {
		t.Error("the URL can be used twice")
	}
}
