// Package sdk0 drives the mock with the last version of the official Go SDK that
// was written by hand. It has functions for 12 of the operations: it knows neither
// signing keys nor the V2 list.
package sdk0

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/internal/realinput"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cloudflare/cloudflare-go"
)

const accountID = "023e105f4ecef8ad9ca31a8372d0c353"

// setup is one account of a mock, with a client of each kind.
type setup struct {
	mock    *mock.Mock
	ours    *client.Client
	sdk     *cloudflare.API
	account *cloudflare.ResourceContainer
	image   realinput.Sample // a small one
}

func start(t *testing.T, opts ...mock.Option) *setup {
	t.Helper()
	m := mock.Start(t, opts...).Account(accountID)
	sdk, err := cloudflare.NewWithAPIToken("token",
		cloudflare.BaseURL(m.URL()), cloudflare.UsingRateLimit(10_000), cloudflare.UsingRetryPolicy(0, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	samples, err := realinput.Samples()
	if err != nil {
		t.Fatal(err)
	}
	small := slices.MinFunc(samples, func(a, b realinput.Sample) int { return len(a.Content) - len(b.Content) })
	return &setup{m, m.Client(), sdk, cloudflare.AccountIdentifier(accountID), small}
}

// add uploads the small image.
func (s *setup) add(t *testing.T, metadata map[string]any) cloudflare.Image {
	t.Helper()
	img, err := s.sdk.UploadImage(t.Context(), s.account, cloudflare.UploadImageParams{
		File: io.NopCloser(bytes.NewReader(s.image.Content)), Name: s.image.Name, Metadata: metadata,
	})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// same compares an image of the SDK with what our client reads.
func (s *setup) same(t *testing.T, theirs cloudflare.Image) {
	t.Helper()
	ours, err := s.ours.GetImage(t.Context(), theirs.ID)
	if err != nil {
		t.Fatal(err)
	}
	if theirs.Filename != ours.Filename || theirs.RequireSignedURLs != ours.RequireSignedURLs ||
		!theirs.Uploaded.Equal(ours.Uploaded) || !slices.Equal(theirs.Variants, ours.Variants) || len(ours.Variants) == 0 {
		t.Errorf("the SDK decoded %+v, our client %+v", theirs, ours)
	}
	if len(theirs.Meta) != len(ours.Meta.Map()) || theirs.Meta["album"] != ours.Meta.Map()["album"] {
		t.Errorf("the SDK decoded the metadata %v, our client %v", theirs.Meta, ours.Meta.Map())
	}
}

// refused fails the test unless err is the API's answer with the status and the
// code given.
func refused(t *testing.T, err error, status, code int) {
	t.Helper()
	var e *cloudflare.Error
	var known interface{ ErrorCodes() []int }
	if errors.As(err, &known) {
		if got := known.ErrorCodes(); !slices.Equal(got, []int{code}) {
			t.Errorf("the codes are %v, want %d", got, code)
		}
	} else {
		t.Errorf("got %v (%T), want the code %d", err, err, code)
	}
	if errors.As(err, &e) && e.StatusCode != status {
		t.Errorf("the status is %d, want %d", e.StatusCode, status)
	}
}

func TestUploadGetBlob(t *testing.T) {
	t.Parallel()
	s := start(t)
	img := s.add(t, map[string]any{"album": "hats", "region": map[string]any{"name": "eu"}})
	if img.ID == "" || img.Filename != s.image.Name || img.RequireSignedURLs || img.Meta["album"] != "hats" {
		t.Errorf("the upload answered %+v", img)
	}
	s.same(t, img)
	got, err := s.sdk.GetImage(t.Context(), s.account, img.ID)
	if err != nil || got.ID != img.ID {
		t.Fatalf("got %+v, %v", got, err)
	}
	s.same(t, got)
	content, err := s.sdk.GetBaseImage(t.Context(), s.account, img.ID)
	if err != nil || !bytes.Equal(content, s.image.Content) {
		t.Errorf("the blob has %d bytes, want %d: %v", len(content), len(s.image.Content), err)
	}
	found, err := s.ours.ListImages(t.Context(), api.ListImagesParams{Filter: filter.All(filter.Eq("region.name", "eu"))})
	if err != nil || len(found.Images) != 1 || found.Images[0].ID != img.ID {
		t.Errorf("the metadata that the SDK sent finds %+v, %v", found, err)
	}
	private, err := s.sdk.UploadImage(t.Context(), s.account, cloudflare.UploadImageParams{
		File: io.NopCloser(bytes.NewReader(s.image.Content)), Name: "private.png", RequireSignedURLs: true,
	})
	if err != nil || !private.RequireSignedURLs || private.Filename != "private.png" {
		t.Errorf("the private upload answered %+v, %v", private, err)
	}
}

func TestUploadByURL(t *testing.T) {
	t.Parallel()
	s := start(t, fake.WithPrivateFetch())
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(s.image.Content) }))
	defer origin.Close()
	img, err := s.sdk.UploadImage(t.Context(), s.account, cloudflare.UploadImageParams{URL: origin.URL + "/logo.png"})
	if err != nil || img.Filename != "logo.png" {
		t.Fatalf("the upload answered %+v, %v", img, err)
	}
	s.same(t, img)
}

func TestListUpdateDelete(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	first, second := s.add(t, nil), s.add(t, map[string]any{"album": "caps"})
	list, err := s.sdk.ListImages(ctx, s.account, cloudflare.ListImagesParams{})
	if err != nil || len(list) != 2 || list[0].ID != second.ID || list[1].ID != first.ID {
		t.Fatalf("the list is %+v, %v", list, err)
	}
	for _, img := range list {
		s.same(t, img)
	}
	page, err := s.sdk.ListImages(ctx, s.account, cloudflare.ListImagesParams{ResultInfo: cloudflare.ResultInfo{Page: 2, PerPage: 1}})
	if err != nil || len(page) != 1 || page[0].ID != first.ID {
		t.Errorf("the second page is %+v, %v", page, err)
	}
	edited, err := s.sdk.UpdateImage(ctx, s.account, cloudflare.UpdateImageParams{ID: first.ID, Metadata: map[string]any{"album": "hats"}})
	if err != nil || edited.ID != first.ID || edited.Meta["album"] != "hats" {
		t.Fatalf("the edit answered %+v, %v", edited, err)
	}
	s.same(t, edited)
	moved, err := s.sdk.UpdateImage(ctx, s.account, cloudflare.UpdateImageParams{ID: first.ID, RequireSignedURLs: true})
	if err != nil || moved.ID == first.ID || !moved.RequireSignedURLs || moved.Meta["album"] != "hats" {
		t.Fatalf("making the image private answered %+v, %v", moved, err)
	}
	stats, err := s.sdk.GetImagesStats(ctx, s.account)
	if err != nil || stats.Current != 2 || stats.Allowed != 100_000 {
		t.Errorf("the statistics are %+v, %v", stats, err)
	}
	if err := s.sdk.DeleteImage(ctx, s.account, moved.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.sdk.GetImage(ctx, s.account, moved.ID)
	refused(t, err, 404, 5404)
	refused(t, s.sdk.DeleteImage(ctx, s.account, moved.ID), 404, 5404)
	if stats, err = s.sdk.GetImagesStats(ctx, s.account); err != nil || stats.Current != 1 {
		t.Errorf("the statistics are %+v, %v", stats, err)
	}
}

func TestDirectUpload(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	target, err := s.sdk.CreateImageDirectUploadURL(ctx, s.account, cloudflare.CreateImageDirectUploadURLParams{
		Version: cloudflare.ImagesAPIVersionV2, RequireSignedURLs: new(true),
		Expiry: new(time.Now().Add(time.Hour)), Metadata: map[string]any{"album": "hats"},
	})
	if err != nil || target.ID == "" || !strings.HasSuffix(target.UploadURL, "/"+target.ID) {
		t.Fatalf("the target is %+v, %v", target, err)
	}
	draft, err := s.ours.GetImage(ctx, target.ID)
	if err != nil || !draft.Draft || !draft.RequireSignedURLs || draft.Meta.Map()["album"] != "hats" {
		t.Errorf("the draft is %+v, %v", draft, err)
	}
	if _, err := client.UploadTo(ctx, target.UploadURL, api.Bytes(s.image.Name, s.image.Content)); err != nil {
		t.Fatal(err)
	}
	done, err := s.sdk.GetImage(ctx, s.account, target.ID)
	if err != nil || done.Filename != s.image.Name {
		t.Fatalf("the finished image is %+v, %v", done, err)
	}
	s.same(t, done)
}

// By default the SDK asks the first version of direct uploads, which the API has
// left behind.
func TestDefectDirectUploadV1(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, err := s.sdk.CreateImageDirectUploadURL(t.Context(), s.account, cloudflare.CreateImageDirectUploadURLParams{})
	if err == nil {
		t.Fatal("the first version is answered")
	}
	if calls := s.mock.Calls(api.OpCreateDirectUpload); len(calls) != 0 {
		t.Errorf("got %v", calls)
	}
}

func TestVariants(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	want := cloudflare.ImagesVariant{
		ID: "thumb", NeverRequireSignedURLs: new(true),
		Options: cloudflare.ImagesVariantsOptions{Fit: "cover", Metadata: "none", Width: 160, Height: 120},
	}
	made, err := s.sdk.CreateImagesVariant(ctx, s.account, cloudflare.CreateImagesVariantParams(want))
	if err != nil {
		t.Fatal(err)
	}
	s.variant(t, want, made)
	want.Options = cloudflare.ImagesVariantsOptions{Fit: "pad", Metadata: "copyright", Width: 320, Height: 240}
	edited, err := s.sdk.UpdateImagesVariant(ctx, s.account, cloudflare.UpdateImagesVariantParams(want))
	if err != nil {
		t.Fatal(err)
	}
	s.variant(t, want, edited)
	list, err := s.sdk.ListImagesVariants(ctx, s.account, cloudflare.ListImageVariantsParams{})
	if err != nil || !slices.Equal(slices.Sorted(maps.Keys(list.ImagesVariants)), []string{"public", "thumb"}) {
		t.Fatalf("the variants are %+v, %v", list, err)
	}
	s.variant(t, want, list.ImagesVariants["thumb"])
	if err := s.sdk.DeleteImagesVariant(ctx, s.account, "thumb"); err != nil {
		t.Fatal(err)
	}
	_, err = s.sdk.GetImagesVariant(ctx, s.account, "thumb")
	refused(t, err, 404, 5401)
	refused(t, s.sdk.DeleteImagesVariant(ctx, s.account, "thumb"), 404, 5401)
}

// variant compares an answer, and what the SDK and our client read, with the
// variant wanted.
func (s *setup) variant(t *testing.T, want, answer cloudflare.ImagesVariant) {
	t.Helper()
	read, err := s.sdk.GetImagesVariant(t.Context(), s.account, "thumb")
	if err != nil {
		t.Fatal(err)
	}
	for from, got := range map[string]cloudflare.ImagesVariant{"the change": answer, "the SDK": read} {
		if got.ID != want.ID || got.Options != want.Options || got.NeverRequireSignedURLs == nil || !*got.NeverRequireSignedURLs {
			t.Errorf("%s answered %+v, want %+v", from, got, want)
		}
	}
	ours, err := s.ours.GetVariant(t.Context(), "thumb")
	if err != nil || string(ours.Options.Fit) != want.Options.Fit || ours.Options.Width != int64(want.Options.Width) || !ours.NeverRequireSignedURLs {
		t.Errorf("our client reads %+v, %v", ours, err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	upload := func(content string) error {
		_, err := s.sdk.UploadImage(ctx, s.account, cloudflare.UploadImageParams{File: io.NopCloser(strings.NewReader(content)), Name: "a.png"})
		return err
	}
	refused(t, upload("no image"), 415, 5455)
	refused(t, upload(strings.Repeat("x", 11<<20)), 413, 5413)
	_, err := s.sdk.GetBaseImage(ctx, s.account, "missing")
	refused(t, err, 404, 5404)
	_, err = s.sdk.UpdateImage(ctx, s.account, cloudflare.UpdateImageParams{ID: "missing"})
	refused(t, err, 404, 5404)
	_, err = s.sdk.GetImagesVariant(ctx, s.account, "a-b")
	refused(t, err, 400, 5400)
	s.mock.FailNext(api.OpGetStats, api.ErrForbidden)
	_, err = s.sdk.GetImagesStats(ctx, s.account)
	refused(t, err, 403, 9109)
	s.mock.GetStatsFunc = func(context.Context) (*api.Stats, error) { return nil, errors.New("broken") }
	if _, err = s.sdk.GetImagesStats(ctx, s.account); err == nil {
		t.Error("a broken service is answered")
	}
}
