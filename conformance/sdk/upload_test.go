package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/internal/realinput"
	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/images"
)

// TestRealImages uploads every sample with the SDK, reads it back with it, and
// finds it in lists and by filters.
func TestRealImages(t *testing.T) {
	t.Parallel()
	s := start(t)
	before := time.Now().Add(-time.Second)
	var ids []string
	kinds, large := map[string][]string{}, []string(nil)
	for _, in := range allSamples(t) {
		img := s.uploadSample(t, in)
		s.compare(t, in, img.ID)
		if img.Uploaded.Before(before) || img.Uploaded.After(time.Now().Add(time.Second)) {
			t.Errorf("%s: uploaded at %v", in.Name, img.Uploaded)
		}
		ids = append(ids, img.ID)
		kinds[in.Kind] = append(kinds[in.Kind], img.ID)
		if len(in.Content) > 20_000 {
			large = append(large, img.ID)
		}
	}
	s.stored(t, int64(len(ids)))
	if got := slices.Sorted(maps.Keys(kinds)); !slices.Equal(got, []string{"gif", "jpeg", "png", "webp"}) {
		t.Errorf("the samples are of the kinds %v", got)
	}
	s.found(t, ids, filter.All())
	for kind, want := range kinds {
		s.found(t, want, filter.All(filter.Eq("kind", kind)))
	}
	s.found(t, large, filter.All(filter.Gt("file.size", 20_000)))
	s.found(t, nil, filter.All(filter.Eq("kind", "tiff")))
	s.found(t, slices.Concat(kinds["gif"], kinds["webp"]), filter.All(filter.In("kind", "gif", "webp"), filter.Eq("real", true)))
	slices.Reverse(ids)
	if got := s.walk(t, images.V2ListParams{AccountID: account, PerPage: cloudflare.F(10.0)}); !slices.Equal(got, ids) {
		t.Errorf("V2.List, page by page, gave %v, want %v", got, ids)
	}
}

// uploadSample stores a sample with metadata and checks the answer.
func (s *setup) uploadSample(t *testing.T, in realinput.Sample) *images.Image {
	t.Helper()
	metadata := fmt.Sprintf(`{"kind":%q,"file":{"name":%q,"size":%d},"real":true}`, in.Kind, in.Name, len(in.Content))
	img, err := s.v1.New(t.Context(), images.V1NewParams{
		AccountID: account,
		File:      cloudflare.F(file(in)),
		Metadata:  cloudflare.F[any](metadata),
		Creator:   cloudflare.F("user-" + in.Kind),
	})
	if err != nil {
		t.Fatalf("%s: %v", in.Path, err)
	}
	if img.ID == "" || img.Filename != in.Name || img.Creator != "user-"+in.Kind || img.RequireSignedURLs || len(img.Variants) != 1 {
		t.Errorf("%s: the upload answered %s", in.Name, img.JSON.RawJSON())
	}
	if got := jsonOf(t, img.Meta); got != canonical(t, metadata) {
		t.Errorf("%s: the answer has the metadata %s, want %s", in.Name, got, metadata)
	}
	return img
}

// compare reads an image with the SDK and with our client.
func (s *setup) compare(t *testing.T, in realinput.Sample, id string) {
	t.Helper()
	theirs, err := s.v1.Get(t.Context(), id, images.V1GetParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	ours, err := s.ours.GetImage(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	same(t, theirs, ours)
	blob, err := s.v1.Blobs.Get(t.Context(), id, images.V1BlobGetParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = blob.Body.Close() }()
	content, err := io.ReadAll(blob.Body)
	if err != nil || !bytes.Equal(content, in.Content) {
		t.Errorf("%s came back with %d bytes and the error %v, want the %d bytes of the file", in.Name, len(content), err, len(in.Content))
	}
	if got := blob.Header.Get("Content-Type"); got != in.Type() {
		t.Errorf("%s came back as %s, want %s", in.Name, got, in.Type())
	}
	if got := blob.Header.Get("Content-Length"); got != strconv.Itoa(len(in.Content)) {
		t.Errorf("%s came back with the Content-Length %q, want %d", in.Name, got, len(in.Content))
	}
}

// same compares what the two clients decoded.
func same(t *testing.T, theirs *images.Image, ours *api.Image) {
	t.Helper()
	creator := ""
	if ours.Creator != nil {
		creator = *ours.Creator
	}
	if theirs.ID != ours.ID || theirs.Filename != ours.Filename || theirs.Creator != creator ||
		theirs.RequireSignedURLs != ours.RequireSignedURLs || !theirs.Uploaded.Equal(ours.Uploaded) ||
		!slices.Equal(theirs.Variants, ours.Variants) {
		t.Errorf("the SDK decoded %s, our client %+v", theirs.JSON.RawJSON(), ours)
	}
	if theirs.Meta != nil || ours.Meta != nil {
		if a, b := jsonOf(t, theirs.Meta), jsonOf(t, ours.Meta.Map()); a != b {
			t.Errorf("the SDK decoded the metadata %s, our client %s", a, b)
		}
	}
}

// found fails the test unless our client finds exactly the images given.
func (s *setup) found(t *testing.T, want []string, f api.Filter) {
	t.Helper()
	var got []string
	for img, err := range s.ours.AllImages(t.Context(), api.ListImagesParams{Filter: f, PerPage: 7}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, img.ID)
	}
	want = slices.Clone(want)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the filter %q found %d images, want %d", f.String(), len(got), len(want))
	}
}

// walk follows continuation tokens by hand, as a user of the SDK has to.
func (s *setup) walk(t *testing.T, params images.V2ListParams) []string {
	t.Helper()
	var ids []string
	for {
		page, err := s.v2.List(t.Context(), params)
		if err != nil {
			t.Fatal(err)
		}
		for _, img := range page.Images {
			ids = append(ids, img.ID)
		}
		if page.ContinuationToken == "" {
			return ids
		}
		if float64(len(page.Images)) != params.PerPage.Value {
			t.Fatalf("a page before the last one holds %d images, want %v", len(page.Images), params.PerPage.Value)
		}
		params.ContinuationToken = cloudflare.F(page.ContinuationToken)
	}
}

func TestUploadParameters(t *testing.T) {
	t.Parallel()
	s := start(t)
	custom := s.add(t, func(p *images.V1NewParams) { p.ID = cloudflare.F("hat") })
	if custom.ID != "hat" {
		t.Errorf("the upload with the id hat answered %s", custom.JSON.RawJSON())
	}
	private := s.add(t, func(p *images.V1NewParams) { p.RequireSignedURLs = cloudflare.F(true) })
	if !private.RequireSignedURLs {
		t.Errorf("the private upload answered %s", private.JSON.RawJSON())
	}
	params := images.V1NewParams{AccountID: account, File: cloudflare.F(file(sample(t)))}
	params.ID, params.RequireSignedURLs = cloudflare.F("cap"), cloudflare.F(true)
	_, err := s.v1.New(t.Context(), params)
	refused(t, err, 400, 5410)
	s.stored(t, 2)
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return canonical(t, string(b))
}

// canonical sorts the members of a JSON text.
func canonical(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
