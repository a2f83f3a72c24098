package rest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/runtime/sign"
)

// A client of oapi-codegen with plain values sends creator=&per_page=0, of which
// the first selects images without a creator, and cannot edit to false; v0 always
// sends requireSignedURLs.
func TestPeersAbsentIsNotZero(t *testing.T) {
	t.Parallel()
	r := sentBy(t, noPage, func(c *client.Client) error {
		_, err := c.ListImages(t.Context(), api.ListImagesParams{})
		return err
	})
	if r.req.URL.RawQuery != "" {
		t.Errorf("%s", r.req.URL.RawQuery)
	}
	for want, in := range map[string]api.ImageEdit{
		`{}`:                          {},
		`{"requireSignedURLs":false}`: {RequireSignedURLs: new(false)},
		`{"creator":""}`:              {Creator: new("")},
		`{"metadata":{}}`:             {Metadata: api.Meta{}},
	} {
		r := sentBy(t, oneImage, func(c *client.Client) error { _, err := c.EditImage(t.Context(), "a", in); return err })
		if r.body != want {
			t.Errorf("%+v is sent as %s", in, r.body)
		}
	}
}

// v7 knows no variant but one named hero.
func TestPeersEveryVariantIsListed(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{answer(200, `{"result":{"variants":{"public":{"id":"public"},"thumb":{"id":"thumb"}}},"success":true}`)}}
	got, err := dial(t, s).ListVariants(t.Context())
	if names := slices.Sorted(maps.Keys(got)); err != nil || !slices.Equal(names, []string{"public", "thumb"}) {
		t.Errorf("%v, %v", names, err)
	}
}

// v7 has no field for draft; v0 read metadata where the service answers meta
// (cloudflare-go#1378); ogen fails the whole call over a value that is new to it;
// oapi-codegen takes numbers as float32, which loses digits above 16,777,216.
func TestPeersAnswersAreReadWhole(t *testing.T) {
	t.Parallel()
	image := func(text string) *api.Image {
		s := &script{steps: []step{answer(200, `{"result":`+text+`,"success":true,"result_info":null}`)}}
		img, err := dial(t, s).GetImage(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	if img := image(`{"id":"a","draft":true,"meta":{"k":"v"},"metadata":{"k":"wrong"},"new":{"x":1}}`); !img.Draft || img.Meta.Map()["k"] != "v" {
		t.Errorf("%+v", img)
	}
	s := &script{steps: []step{answer(200, `{"result":{"variant":{"id":"a","options":{"fit":"squeeze","width":1,"height":1,"metadata":"some"}}},"success":true}`)}}
	if v, err := dial(t, s).GetVariant(t.Context(), "a"); err != nil || v.Options.Fit != "squeeze" || v.Options.Fit.Valid() {
		t.Errorf("%+v, %v", v, err)
	}
	s = &script{steps: []step{answer(200, `{"result":{"count":{"current":16777217,"allowed":9007199254740993}},"success":true}`)}}
	if st, err := dial(t, s).GetStats(t.Context()); err != nil || st.Count.Current != 16777217 || st.Count.Allowed != 9007199254740993 {
		t.Errorf("%+v, %v", st, err)
	}
}

// A host of the service writes codes as texts.
func TestPeersCodesMayBeTexts(t *testing.T) {
	t.Parallel()
	e := get(t.Context(), t, dial(t, &script{steps: []step{answer(403, `{"success":false,"errors":[{"code":"103","message":"forbidden endpoint"}]}`)}}))
	if e.Code() != 103 {
		t.Errorf("%v", e)
	}
}

// v7 tells the service about the caller's machine in seven headers.
func TestPeersNothingIsToldAboutTheCaller(t *testing.T) {
	t.Parallel()
	r := sentBy(t, oneImage, func(c *client.Client) error { _, err := c.GetImage(t.Context(), "a"); return err })
	if names := slices.Sorted(maps.Keys(r.req.Header)); strings.Join(names, " ") != "Accept Authorization User-Agent" {
		t.Errorf("%v", r.req.Header)
	}
}

// None of them signs the URL of a private image.
func TestPeersURLsAreSigned(t *testing.T) {
	t.Parallel()
	const image = "https://imagedelivery.net/testHash_AbC-123/0f8fad5b-d9cb-469f-a165-70867728950e/thumb"
	got, err := sign.Key("k3y-for-tests-0123456789abcdefgh").URL(image, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	if want := image + "?exp=1893456000&sig=2329ba84a4112c9ddd9795b6100b7c65a4ff619c0ea6b8b7c2546cadb202c21d"; got != want || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}
