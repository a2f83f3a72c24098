package fake

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// filesLost is a store whose files cannot be read.
type filesLost struct{ store.Store }

func failingFiles() store.Store { return filesLost{store.NewMemory()} }

func (filesLost) Keep(mediaType string, data []byte) (store.Content, error) {
	c, err := store.NewMemory().Keep(mediaType, data)
	return lostFile{c}, err
}

type lostFile struct{ store.Content }

func (lostFile) Open() (io.ReadSeekCloser, error) { return nil, errors.New("no such file") }

func parseFilter(t testing.TB, text string) metafilter.Filter {
	t.Helper()
	return ok(api.OpListImages.Filter.Parse(text))(t)
}

func TestWithoutV1List(t *testing.T) {
	a := New(WithoutV1List()).Account("one")
	_, err := a.ListImagesV1(t.Context(), api.ListImagesV1Params{})
	fails(t, err, api.ErrNoRoute)
	ok(a.ListImages(t.Context(), api.ListImagesParams{}))(t)
}

func TestWithoutRanges(t *testing.T) {
	a := New(WithoutRanges()).Account("one")
	for _, operator := range []string{"gt", "gte", "lt", "lte", "gte:number"} {
		_, err := a.ListImages(t.Context(), api.ListImagesParams{Filter: parseFilter(t, "meta.a[eq]=1&meta.n["+operator+"]=1")})
		fails(t, err, api.ErrBadRequest)
		name, _, _ := strings.Cut(operator, ":")
		if !strings.Contains(err.Error(), "Unsupported metadata filter operator: '"+name+"'") {
			t.Errorf("%s: %v", operator, err)
		}
	}
	for _, operator := range []string{"eq", "in", "in:number"} {
		ok(a.ListImages(t.Context(), api.ListImagesParams{Filter: parseFilter(t, "meta.n["+operator+"]=1")}))(t)
	}
}

func TestPublicDeleteRefused(t *testing.T) {
	a := New(WithPublicDeleteRefused()).Account("one")
	fails(t, a.DeleteVariant(t.Context(), "public"), api.ErrBadRequest)
	ok(a.GetVariant(t.Context(), "public"))(t)
	ok(a.CreateVariant(t.Context(), variant("big", 1)))(t)
	if err := a.DeleteVariant(t.Context(), "big"); err != nil {
		t.Error(err)
	}
}

func TestMetadataHidden(t *testing.T) {
	for hidden, opts := range map[bool][]Option{false: nil, true: {WithMetadataHidden()}} {
		a := New(opts...).Account("one")
		d := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{Metadata: api.Meta{"k": "v"}}))(t)
		made := ok(a.world.UploadTo(t.Context(), d.UploadURL, file(1)))(t)
		equal(t, "hidden", made.Meta == nil, hidden)
		equal(t, "metadata", get(t, a, d.ID).Meta.String(), `{"k":"v"}`)
	}
}

func TestPlainTextErrors(t *testing.T) {
	w := New(WithPlainTextErrors())
	upload := w.Account("one")
	d := ok(upload.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "d"}))(t)
	path := strings.TrimPrefix(d.UploadURL, defaultUploadURL)
	const asked = "text/plain, */*;q=0.5"
	for _, tt := range []struct{ method, path, accept, want string }{
		{"GET", "/accounts/one/images/v1/variants/big", "application/json", asked},
		{"GET", "/accounts/one/images/v1/variants/big", "", asked},
		{"GET", "/accounts/one/images/v1/variants", "", ""},
		{"DELETE", "/accounts/one/images/v1/variants/big", "", ""},
		{"POST", path, "*/*", asked},
		{"POST", "/upload" + path, "", asked},
		{"POST", path, "text/html, application/json", "text/html, application/json"},
		{"GET", path, "", ""},
		{"POST", "/accounts/one/images/v1", "", ""},
	} {
		got := acceptBehind(w, tt.method, tt.path, tt.accept)
		equal(t, tt.method+" "+tt.path+" "+tt.accept, got, tt.want)
	}
	equal(t, "default", acceptBehind(New(), "GET", "/accounts/one/images/v1/variants/big", "*/*"), "*/*")
}

// acceptBehind returns what a handler behind the edge is asked for.
func acceptBehind(w *World, method, path, accept string) (got string) {
	r := httptest.NewRequest(method, path, nil)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w.Edge(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Accept") })).ServeHTTP(httptest.NewRecorder(), r)
	return got
}

func TestWithoutPlan(t *testing.T) {
	a := New(WithoutPlan()).Account("one")
	_, err := a.UploadImage(t.Context(), api.ImageUpload{File: file(1)})
	fails(t, err, api.ErrNotEntitled)
	_, err = a.ListSigningKeys(t.Context())
	fails(t, err, api.ErrNotEntitled)
	_, err = a.PutSigningKey(t.Context(), "k")
	fails(t, err, api.ErrNotEntitled)
	_, err = a.GetStats(t.Context())
	fails(t, err, api.ErrNotEntitled)
	_, err = a.DeleteSigningKey(t.Context(), "k")
	fails(t, err, api.ErrImageNotFound)
	_, err = a.GetImage(t.Context(), "i")
	fails(t, err, api.ErrImageNotFound)
	d := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	_, err = a.world.UploadTo(t.Context(), d.UploadURL, file(1))
	fails(t, err, api.ErrNotEntitled)
	equal(t, "draft", get(t, a, d.ID).Draft, true)
	ok(a.CreateVariant(t.Context(), variant("big", 1)))(t)
	ok(a.ListImages(t.Context(), api.ListImagesParams{}))(t)
}
