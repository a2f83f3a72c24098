package sdk

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/images"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

// The tests in this file hold what the SDK is known to do wrong. One that fails
// says that the SDK was repaired: correct the record, and test the call among
// those that work.

// part is one part of a form.
type part struct{ name, filename, contentType, value string }

// parts reads the form of a request.
func (r request) parts(t *testing.T) []part {
	t.Helper()
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var all []part
	form := multipart.NewReader(bytes.NewReader(r.Body), params["boundary"])
	for {
		p, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		value, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, part{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(value)})
	}
}

func names(parts []part) []string {
	var all []string
	for _, p := range parts {
		all = append(all, p.name)
	}
	return all
}

// The pager looks for result.items; the API answers result.images.
func TestDefectV1PagerYieldsNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 3 {
		s.add(t, nil)
	}
	pager := s.v1.ListAutoPaging(t.Context(), images.V1ListParams{AccountID: account})
	n := 0
	for pager.Next() {
		n++
	}
	if n != 0 || pager.Err() != nil {
		t.Errorf("the pager yielded %d images and the error %v; it is known to yield none, without an error", n, pager.Err())
	}
	page, err := s.v1.List(t.Context(), images.V1ListParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	if raw := page.JSON.RawJSON(); strings.Count(raw, `"id"`) != 3 || len(page.Result.Items) != 0 {
		t.Errorf("the SDK found %d images in the answer %s; it is known to miss the three that are there", len(page.Result.Items), raw)
	}
}

// A map becomes one part per member; the API wants one part with JSON text.
func TestDefectMetadataIsExploded(t *testing.T) {
	t.Parallel()
	s := start(t)
	metadata := cloudflare.F[any](map[string]any{"album": "hats", "region": map[string]any{"name": "eu"}})
	_, err := s.v1.New(t.Context(), images.V1NewParams{AccountID: account, File: cloudflare.F(file(sample(t))), Metadata: metadata})
	if message := refused(t, err, 400, 5400); message != "Bad request: Error parsing form fields" {
		t.Errorf("the message is %q, and not that of the API", message)
	}
	want := []string{"file", "metadata.album", "metadata.region.name"}
	if got := names(s.wire.last(t).parts(t)); !slices.Equal(got, want) {
		t.Errorf("the SDK sent the parts %v; it is known to send %v", got, want)
	}
	_, err = s.v2.DirectUploads.New(t.Context(), images.V2DirectUploadNewParams{AccountID: account, Metadata: metadata})
	refused(t, err, 400, 5400)
	s.stored(t, 0)
	s.found(t, nil, api.Filter{})
}

// A plain reader is sent without its name and its type.
func TestDefectReaderIsAnonymous(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := sample(t)
	img := s.add(t, func(p *images.V1NewParams) { p.File.Value = bytes.NewReader(in.Content) })
	parts := s.wire.last(t).parts(t)
	want := []part{{"file", "anonymous_file", "application/octet-stream", string(in.Content)}}
	if !slices.Equal(parts, want) {
		t.Errorf("the SDK sent %.200q; it is known to send a file anonymous_file of application/octet-stream", parts)
	}
	if img.Filename != "anonymous_file" {
		t.Errorf("the image is named %q", img.Filename)
	}
	s.compare(t, in, img.ID)
}

// Without a field the form has no parts, which the API refuses.
func TestDefectDirectUploadWithoutFields(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, err := s.v2.DirectUploads.New(t.Context(), images.V2DirectUploadNewParams{AccountID: account})
	if message := refused(t, err, 400, 5400); !strings.Contains(message, "no parts") {
		t.Errorf("the message %q does not say that the form has no parts", message)
	}
	sent := s.wire.last(t)
	if got := names(sent.parts(t)); len(got) != 0 || len(sent.Body) == 0 {
		t.Errorf("the SDK sent %d bytes with the parts %v; it is known to send a form without parts", len(sent.Body), got)
	}
}

// The one filter the SDK has is the documentation's placeholder.
func TestDefectFilterIsThePlaceholder(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add(t, nil)
	_, err := s.v2.List(t.Context(), images.V2ListParams{
		AccountID: account,
		Meta:      cloudflare.F(images.V2ListParamsMeta{FieldOperator: cloudflare.F("active")}),
	})
	message := refused(t, err, 400, 5400)
	if !strings.Contains(message, "placeholder") || !strings.Contains(message, "replace <field> by a field name") {
		t.Errorf("the message %q gives no hint at what to write", message)
	}
	want := url.Values{"meta.<field>[<operator>]": {"active"}}
	if got := s.wire.last(t).Query; got.Encode() != want.Encode() {
		t.Errorf("the SDK sent the query %v; it is known to send %v", got, want)
	}
}

// What users do instead of filtering with the SDK's own parameter.
func TestFilterThroughAnOption(t *testing.T) {
	t.Parallel()
	s := start(t)
	want := s.add(t, func(p *images.V1NewParams) { p.Metadata = cloudflare.F[any](`{"status":"active","rating":5}`) })
	s.add(t, func(p *images.V1NewParams) { p.Metadata = cloudflare.F[any](`{"status":"active","rating":3}`) })
	page, err := s.v2.List(t.Context(), images.V2ListParams{AccountID: account},
		option.WithQuery("meta.status[in]", "active|pending"), option.WithQuery("meta.rating[gte:number]", "4"))
	if err != nil || len(page.Images) != 1 || page.Images[0].ID != want.ID {
		t.Errorf("the filtered list is %+v and the error %v, want only %s", page, err, want.ID)
	}
}

// An id is put in the path as it is.
func TestDefectIDsAreNotEscaped(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	for _, id := range []string{"a", "a?b", "a#b", "shop/hat"} {
		s.add(t, func(p *images.V1NewParams) { p.ID = cloudflare.F(id) })
	}
	for _, id := range []string{"a?b", "a#b"} {
		img, err := s.v1.Get(ctx, id, images.V1GetParams{AccountID: account})
		if err != nil || img.ID != "a" {
			t.Errorf("asked for %q the SDK got %v and %v; it is known to get the image a", id, img, err)
		}
	}
	_, err := s.v1.Get(ctx, "shop/hat", images.V1GetParams{AccountID: account})
	refused(t, err, 404, 7003)
	_, err = s.v1.Get(ctx, "../v1/stats", images.V1GetParams{AccountID: account})
	if got := s.wire.last(t).Path; err != nil || got != "/client/v4/accounts/"+accountID+"/images/v1/stats" {
		t.Errorf("the id ../v1/stats led to %s and the error %v; it is known to lead to the statistics", got, err)
	}
	if _, err := s.v1.Delete(ctx, "a?b", images.V1DeleteParams{AccountID: account}); err != nil {
		t.Fatal(err)
	}
	_, err = s.ours.GetImage(ctx, "a")
	if _, e := s.ours.GetImage(ctx, "a?b"); e != nil || !errors.Is(err, api.ErrImageNotFound) {
		t.Errorf("deleting a?b left a with %v and a?b with %v; the SDK is known to delete a", err, e)
	}
	s.stored(t, 3)
}

// What users do instead: they escape the id themselves.
func TestEscapedIDs(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	in := sample(t)
	for _, id := range []string{"shop/2026/hat.png", "a?b#c", "100%", "%2F", "b c+d", "héllo/🎩", "x/../y"} {
		made := s.add(t, func(p *images.V1NewParams) { p.ID = cloudflare.F(id) })
		img, err := s.v1.Get(ctx, url.PathEscape(id), images.V1GetParams{AccountID: account})
		if err != nil || img.ID != id || made.ID != id {
			t.Errorf("the image %q was made as %q and read as %v with the error %v", id, made.ID, img, err)
			continue
		}
		blob, err := s.v1.Blobs.Get(ctx, url.PathEscape(id), images.V1BlobGetParams{AccountID: account})
		if err != nil {
			t.Fatalf("blob of %q: %v", id, err)
		}
		content, err := io.ReadAll(blob.Body)
		_ = blob.Body.Close()
		if err != nil || !bytes.Equal(content, in.Content) {
			t.Errorf("the blob of %q has %d bytes and the error %v", id, len(content), err)
		}
		if _, err := s.v1.Delete(ctx, url.PathEscape(id), images.V1DeleteParams{AccountID: account}); err != nil {
			t.Errorf("deleting %q: %v", id, err)
		}
	}
	s.stored(t, 0)
}

// A conflict cannot go away by itself, yet the request is sent again.
func TestDefectConflictIsRetried(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add(t, func(p *images.V1NewParams) { p.ID = cloudflare.F("taken") })
	s.wire.requests()
	_, err := s.v1.New(t.Context(), images.V1NewParams{
		AccountID: account, ID: cloudflare.F("taken"), File: cloudflare.F(file(sample(t))),
	}, option.WithMaxRetries(1))
	refused(t, err, 409, 5409)
	if n := len(s.wire.requests()); n != 2 {
		t.Errorf("the SDK sent %d requests; it is known to retry a conflict once where it may retry once", n)
	}
	s.stored(t, 1)
}

// The list of variants has a member for one that is named hero, and no others.
func TestDefectVariantListKnowsHeroOnly(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, id := range []string{"hero", "thumb"} {
		_, err := s.ours.CreateVariant(t.Context(), api.VariantCreate{ID: id, Options: api.VariantOptions{
			Fit: api.VariantFitCover, Metadata: api.VariantMetadataNone, Width: 100, Height: 50,
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.v1.Variants.List(t.Context(), images.V1VariantListParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	if hero := list.Variants.Hero; hero.ID != "hero" || hero.Options.Width != 100 || hero.Options.Height != 50 {
		t.Errorf("the variant hero is %s", hero.JSON.RawJSON())
	}
	var others []string
	for id := range list.Variants.JSON.ExtraFields {
		others = append(others, id)
	}
	slices.Sort(others)
	if !slices.Equal(others, []string{"public", "thumb"}) {
		t.Errorf("beside hero the SDK found %v; it is known to have public and thumb as extra fields", others)
	}
}
