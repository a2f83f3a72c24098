package sdk

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/images"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

func TestGetEditDelete(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	img, other := s.add(t, nil), s.add(t, nil)
	edited, err := s.v1.Edit(ctx, img.ID, images.V1EditParams{
		AccountID: account,
		Metadata:  cloudflare.F[any](map[string]any{"album": "hats", "rating": 4}),
		Creator:   cloudflare.F("user-42"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if edited.ID != img.ID || edited.Creator != "user-42" || jsonOf(t, edited.Meta) != `{"album":"hats","rating":4}` {
		t.Errorf("the edit answered %s", edited.JSON.RawJSON())
	}
	moved, err := s.v1.Edit(ctx, img.ID, images.V1EditParams{AccountID: account, RequireSignedURLs: cloudflare.F(true)})
	if err != nil {
		t.Fatal(err)
	}
	if moved.ID == img.ID || !moved.RequireSignedURLs || moved.Creator != "user-42" {
		t.Errorf("making the image private answered %s", moved.JSON.RawJSON())
	}
	got, err := s.v1.Get(ctx, moved.ID, images.V1GetParams{AccountID: account})
	if err != nil || got.JSON.RawJSON() != moved.JSON.RawJSON() {
		t.Errorf("the edited image reads %v and %v, want %s", got, err, moved.JSON.RawJSON())
	}
	gone, err := s.v1.Delete(ctx, moved.ID, images.V1DeleteParams{AccountID: account})
	if err != nil || jsonOf(t, *gone) != `{}` {
		t.Errorf("the deletion answered %v and %v, want an empty object", gone, err)
	}
	for _, id := range []string{img.ID, moved.ID} {
		_, err = s.v1.Get(ctx, id, images.V1GetParams{AccountID: account})
		refused(t, err, 404, 5404)
	}
	if _, err := s.v1.Get(ctx, other.ID, images.V1GetParams{AccountID: account}); err != nil {
		t.Errorf("the other image is gone: %v", err)
	}
	s.stored(t, 1)
}

var keyValue = regexp.MustCompile(`^[0-9a-f]{32}$`)

func TestKeys(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	first, err := s.v1.Keys.List(ctx, images.V1KeyListParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	s.keys(t, first.Keys, "default")
	added, err := s.v1.Keys.Update(ctx, "second", images.V1KeyUpdateParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	s.keys(t, added.Keys, "default", "second")
	rotated, err := s.v1.Keys.Update(ctx, "second", images.V1KeyUpdateParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	s.keys(t, rotated.Keys, "default", "second")
	if rotated.Keys[0].Value != first.Keys[0].Value || rotated.Keys[1].Value == added.Keys[1].Value {
		t.Error("renewing a key left its value, or changed the other")
	}
	left, err := s.v1.Keys.Delete(ctx, "second", images.V1KeyDeleteParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	s.keys(t, left.Keys, "default")
	again, err := s.v1.Keys.List(ctx, images.V1KeyListParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	s.keys(t, again.Keys, "default")
	_, err = s.v1.Keys.Delete(ctx, "second", images.V1KeyDeleteParams{AccountID: account})
	refused(t, err, 404, 5404)
}

// keys compares the SDK's keys with our client's and with the names given.
func (s *setup) keys(t *testing.T, theirs []images.Key, names ...string) {
	t.Helper()
	ours, err := s.ours.ListSigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(theirs) != len(names) || len(ours) != len(names) {
		t.Fatalf("the SDK sees %d keys and our client %d, want %v", len(theirs), len(ours), names)
	}
	for i, k := range theirs {
		if k.Name != names[i] || k.Name != ours[i].Name || k.Value != ours[i].Value || !keyValue.MatchString(k.Value) {
			t.Errorf("the SDK sees the key %s, our client %+v, want the name %s", k.JSON.RawJSON(), ours[i], names[i])
		}
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	s := start(t)
	for want := range 3 {
		stats, err := s.v1.Stats.Get(t.Context(), images.V1StatGetParams{AccountID: account})
		if err != nil {
			t.Fatal(err)
		}
		if stats.Count.Current != float64(want) || stats.Count.Allowed != 100_000 {
			t.Errorf("with %d images the statistics are %s", want, stats.JSON.RawJSON())
		}
		s.add(t, nil)
	}
}

func TestVariants(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	made, err := s.v1.Variants.New(ctx, images.V1VariantNewParams{
		AccountID: account, ID: cloudflare.F("thumb"), NeverRequireSignedURLs: cloudflare.F(true),
		Options: cloudflare.F(images.V1VariantNewParamsOptions{
			Fit:      cloudflare.F(images.V1VariantNewParamsOptionsFitCover),
			Metadata: cloudflare.F(images.V1VariantNewParamsOptionsMetadataNone),
			Width:    cloudflare.F(160.0), Height: cloudflare.F(120.0),
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	const first = `{"id":"thumb","neverRequireSignedURLs":true,"options":{"fit":"cover","height":120,"metadata":"none","width":160}}`
	s.variant(t, first, made.Variant.JSON.RawJSON())
	if v := made.Variant; v.ID != "thumb" || !v.NeverRequireSignedURLs || v.Options.Width != 160 || v.Options.Height != 120 ||
		v.Options.Fit != "cover" || v.Options.Metadata != "none" {
		t.Errorf("the SDK decoded the new variant as %+v", v)
	}
	edited, err := s.v1.Variants.Edit(ctx, "thumb", images.V1VariantEditParams{
		AccountID: account,
		Options: cloudflare.F(images.V1VariantEditParamsOptions{
			Fit:      cloudflare.F(images.V1VariantEditParamsOptionsFitPad),
			Metadata: cloudflare.F(images.V1VariantEditParamsOptionsMetadataCopyright),
			Width:    cloudflare.F(320.0), Height: cloudflare.F(240.0),
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.variant(t, strings.NewReplacer("cover", "pad", "none", "copyright", "160", "320", "120", "240").Replace(first), edited.Variant.JSON.RawJSON())
	img := s.add(t, nil)
	if len(img.Variants) != 2 || !slices.ContainsFunc(img.Variants, func(u string) bool { return strings.HasSuffix(u, "/"+img.ID+"/thumb") }) {
		t.Errorf("a new image has the variants %v", img.Variants)
	}
	gone, err := s.v1.Variants.Delete(ctx, "thumb", images.V1VariantDeleteParams{AccountID: account})
	if err != nil || jsonOf(t, *gone) != `{}` {
		t.Errorf("the deletion answered %v and %v, want an empty object", gone, err)
	}
	_, err = s.v1.Variants.Get(ctx, "thumb", images.V1VariantGetParams{AccountID: account})
	refused(t, err, 404, 5401)
	_, err = s.v1.Variants.Delete(ctx, "thumb", images.V1VariantDeleteParams{AccountID: account})
	refused(t, err, 404, 5401)
}

// variant compares an answer, what the SDK gets and what our client gets with
// the variant wanted.
func (s *setup) variant(t *testing.T, want, answer string) {
	t.Helper()
	theirs, err := s.v1.Variants.Get(t.Context(), "thumb", images.V1VariantGetParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	ours, err := s.ours.GetVariant(t.Context(), "thumb")
	if err != nil {
		t.Fatal(err)
	}
	for from, got := range map[string]string{
		"the change": canonical(t, answer), "the SDK": canonical(t, theirs.Variant.JSON.RawJSON()), "our client": jsonOf(t, ours),
	} {
		if got != want {
			t.Errorf("%s answered the variant %s, want %s", from, got, want)
		}
	}
}

// TestV2List is about lists without a filter; TestRealImages walks a longer one.
func TestV2List(t *testing.T) {
	t.Parallel()
	s := start(t)
	var ids []string
	for i := range 5 {
		img := s.add(t, func(p *images.V1NewParams) {
			if i%2 == 0 {
				p.Creator = cloudflare.F("even")
			}
		})
		ids = append(ids, img.ID)
	}
	page, err := s.v2.List(t.Context(), images.V2ListParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Images) != 5 || page.ContinuationToken != "" {
		t.Fatalf("the list is %s", page.JSON.RawJSON())
	}
	for i, img := range page.Images {
		ours, err := s.ours.GetImage(t.Context(), ids[4-i])
		if err != nil {
			t.Fatal(err)
		}
		same(t, &img, ours)
	}
	asc := cloudflare.F(images.V2ListParamsSortOrderAsc)
	for _, tc := range []struct {
		name   string
		params images.V2ListParams
		want   []string
	}{
		{"ascending, in pages of two", images.V2ListParams{PerPage: cloudflare.F(2.0), SortOrder: asc}, ids},
		{"ascending, in pages of five", images.V2ListParams{PerPage: cloudflare.F(5.0), SortOrder: asc}, ids},
		{"of a creator", images.V2ListParams{Creator: cloudflare.F("even"), SortOrder: asc}, []string{ids[0], ids[2], ids[4]}},
		{"without a creator", images.V2ListParams{Creator: cloudflare.F(""), SortOrder: asc}, []string{ids[1], ids[3]}},
		{"of nobody", images.V2ListParams{Creator: cloudflare.F("nobody")}, nil},
	} {
		tc.params.AccountID = account
		if got := s.walk(t, tc.params); !slices.Equal(got, tc.want) {
			t.Errorf("%s: the list is %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestDirectUpload(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	target, err := s.v2.DirectUploads.New(ctx, images.V2DirectUploadNewParams{
		AccountID: account,
		Expiry:    cloudflare.F(time.Now().Add(time.Hour)),
		Metadata:  cloudflare.F[any](`{"album":"hats"}`),
		Creator:   cloudflare.F("user-42"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if target.ID == "" || !strings.HasPrefix(target.UploadURL, "http://") || !strings.HasSuffix(target.UploadURL, "/"+target.ID) {
		t.Fatalf("the target is %s", target.JSON.RawJSON())
	}
	draft, err := s.v1.Get(ctx, target.ID, images.V1GetParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	if draft.JSON.ExtraFields["draft"].Raw() != "true" || draft.Filename != "" || draft.Creator != "user-42" {
		t.Errorf("the draft is %s", draft.JSON.RawJSON())
	}
	s.stored(t, 0)
	in := sample(t)
	if _, err := client.UploadTo(ctx, target.UploadURL, api.Bytes(in.Name, in.Content), client.WithHTTPClient(&http.Client{})); err != nil {
		t.Fatal(err)
	}
	done, err := s.v1.Get(ctx, target.ID, images.V1GetParams{AccountID: account})
	if err != nil {
		t.Fatal(err)
	}
	if _, still := done.JSON.ExtraFields["draft"]; still || done.Filename != in.Name || jsonOf(t, done.Meta) != `{"album":"hats"}` {
		t.Errorf("the finished image is %s", done.JSON.RawJSON())
	}
	s.compare(t, in, target.ID)
	s.stored(t, 1)
	_, err = s.v2.DirectUploads.New(ctx, images.V2DirectUploadNewParams{AccountID: account, Expiry: cloudflare.F(time.Now().Add(time.Minute))})
	refused(t, err, 400, 5400)
}

func TestErrors(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	s.add(t, func(p *images.V1NewParams) { p.ID = cloudflare.F("taken") })
	text := upload{strings.NewReader("no image"), "a.png", "image/png"}
	large := upload{bytes.NewReader(make([]byte, 11<<20)), "a.png", "image/png"}
	long, err := json.Marshal(map[string]string{"k": strings.Repeat("x", 1017)})
	if err != nil {
		t.Fatal(err)
	}
	if len(long) != 1025 {
		t.Fatalf("the metadata is of %d bytes", len(long))
	}
	upload := func(change func(*images.V1NewParams)) func() error {
		return func() error {
			p := images.V1NewParams{AccountID: account, File: cloudflare.F(file(sample(t)))}
			change(&p)
			_, err := s.v1.New(ctx, p)
			return err
		}
	}
	get := func(id string, opts ...option.RequestOption) func() error {
		return func() error {
			_, err := s.v1.Get(ctx, id, images.V1GetParams{AccountID: account}, opts...)
			return err
		}
	}
	for _, tc := range []struct {
		name   string
		call   func() error
		status int
		code   int64
	}{
		{"get an unknown image", get("missing"), 404, 5404},
		{"no credentials", get("taken", option.WithHeaderDel("Authorization")), 401, 10000},
		{"an id that is taken", upload(func(p *images.V1NewParams) { p.ID = cloudflare.F("taken") }), 409, 5409},
		{"an invalid id", upload(func(p *images.V1NewParams) { p.ID = cloudflare.F("/slash") }), 400, 5411},
		{"no image", upload(func(p *images.V1NewParams) { p.File.Value = text }), 415, 5455},
		{"a large image", upload(func(p *images.V1NewParams) { p.File.Value = large }), 413, 5413},
		{"metadata of 1025 bytes", upload(func(p *images.V1NewParams) { p.Metadata = cloudflare.F[any](string(long)) }), 400, 5400},
		{"delete an unknown image", func() error {
			_, err := s.v1.Delete(ctx, "missing", images.V1DeleteParams{AccountID: account})
			return err
		}, 404, 5404},
		{"the blob of an unknown image", func() error {
			_, err := s.v1.Blobs.Get(ctx, "missing", images.V1BlobGetParams{AccountID: account})
			return err
		}, 404, 5404},
		{"a token that is none", func() error {
			_, err := s.v2.List(ctx, images.V2ListParams{AccountID: account, ContinuationToken: cloudflare.F("none")})
			return err
		}, 400, 5400},
		{"a variant whose name has a hyphen", func() error {
			_, err := s.v1.Variants.Get(ctx, "a-b", images.V1VariantGetParams{AccountID: account})
			return err
		}, 400, 5400},
	} {
		t.Run(tc.name, func(t *testing.T) { refused(t, tc.call(), tc.status, tc.code) })
	}
	s.stored(t, 1)
}
