package double_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/double"
)

// called is a mock with calls of each shape, most of them made by a client.
func called(t *testing.T) *mock.Mock {
	t.Helper()
	m := mock.New()
	c := m.Client()
	picture := api.Bytes("cat.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
	_, _ = c.UploadImage(t.Context(), api.ImageUpload{File: picture, ID: "cat", Metadata: api.Meta{"album": "cats", "n": 5, "deep": map[string]any{"x": []any{1, 2}}}})
	_, _ = c.EditImage(t.Context(), "cat", api.ImageEdit{Creator: new("me"), RequireSignedURLs: new(false)})
	_, _ = c.EditImage(t.Context(), "dog", api.ImageEdit{Creator: new("you")})
	_, _ = c.ListImages(t.Context(), api.ListImagesParams{PerPage: 10, Filter: filter.All(filter.Eq("album", "cats"))})
	_, _ = m.CreateDirectUpload(t.Context(), api.DirectUpload{Expiry: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	_, _ = c.GetStats(t.Context())
	return m
}

// expectation is what is asserted of the calls.
type expectation struct {
	name string
	op   *contract.Operation
	args []any
	want []string // in the failure; none: it holds
}

func TestAssertCalled(t *testing.T) {
	t.Parallel()
	m := called(t)
	file := func(name, text string) *api.File { return api.Bytes(name, []byte(text)) }
	svg := `<svg xmlns="http://www.w3.org/2000/svg"/>`
	meta := func(album string, n any, x ...any) api.Meta {
		return api.Meta{"album": album, "n": n, "deep": map[string]any{"x": x}}
	}
	albums := double.Where("an upload with an album", func(in api.ImageUpload) bool { return in.Metadata["album"] != nil })
	moon := time.FixedZone("moon", 3600)
	for _, tt := range []expectation{
		{"no arguments", api.OpUploadImage, nil, nil},
		{"all of it", api.OpUploadImage, []any{api.ImageUpload{File: file("cat.svg", svg), ID: "cat", Metadata: meta("cats", 5, 1, 2)}}, nil},
		{"a function", api.OpUploadImage, []any{albums}, nil},
		{"the first argument", api.OpEditImage, []any{"dog"}, nil},
		{"the second argument", api.OpEditImage, []any{double.Any, api.ImageEdit{Creator: new("you")}}, nil},
		{"a filter", api.OpListImages, []any{api.ListImagesParams{PerPage: 10, Filter: filter.All(filter.Eq("album", "cats"))}}, nil},
		{"a time elsewhere", api.OpCreateDirectUpload, []any{api.DirectUpload{Expiry: time.Date(2026, 1, 2, 4, 4, 5, 0, moon)}}, nil},

		{"another file", api.OpUploadImage, []any{api.ImageUpload{File: file("dog.svg", svg+" "), ID: "cat", Metadata: meta("cats", 5, 1, 2)}}, []string{
			`mock: no call UploadImage({File: file "dog.svg"`, "call 1 comes near:\n",
			`argument 1.File is file "cat.svg" (image/svg+xml, 41 bytes), want file "dog.svg" (image/svg+xml, 42 bytes)`,
		}},
		{"no file", api.OpUploadImage, []any{api.ImageUpload{ID: "cat", Metadata: meta("cats", 5, 1, 2)}}, []string{`argument 1.File is file "cat.svg" (image/svg+xml, 41 bytes), want nil`}},
		{"metadata", api.OpUploadImage, []any{api.ImageUpload{File: file("cat.svg", svg), ID: "cat", Metadata: api.Meta{"album": "dogs", "n": 6, "more": true, "deep": map[string]any{"x": []any{1, 3}}}}}, []string{
			`argument 1.Metadata["album"] is "cats", want "dogs"`, `argument 1.Metadata["deep"]["x"][1] is 2, want 3`,
			`argument 1.Metadata["more"] is nil, want true`, `argument 1.Metadata["n"] is 5, want 6`,
		}},
		{"metadata beside", api.OpUploadImage, []any{api.ImageUpload{File: file("cat.svg", svg), ID: "cat", Metadata: api.Meta{"album": "cats", "n": 5}}}, []string{
			`argument 1.Metadata["deep"] is {"x": [1, 2]}, want nil`,
		}},
		{"the nearest of two", api.OpEditImage, []any{"dog", api.ImageEdit{Creator: new("me")}}, []string{
			"call 3 comes near:\n  argument 2.Creator is \"you\", want \"me\"\nthe calls were:\n  1. UploadImage(", "\n  6. GetStats(): ok",
		}},
		{"nothing is like it", api.OpEditImage, []any{"owl", api.ImageEdit{}}, []string{
			"call 3 comes near:\n  argument 1 is \"dog\", want \"owl\"\n  argument 2.Creator is \"you\", want nil\nthe calls",
		}},
		{"another type", api.OpEditImage, []any{5}, []string{`call 2 comes near:`, `argument 1 is "cat", want 5`, `call 3 comes near:`}},
		{"too many arguments", api.OpGetStats, []any{"x"}, []string{`argument 1: there is none, want "x"`}},
		{"a function that refuses", api.OpUploadImage, []any{double.Where("an owl", func(api.ImageUpload) bool { return false })}, []string{`, want an owl`}},
		{"a function of something else", api.OpUploadImage, []any{double.Where("a text", func(string) bool { return true })}, []string{`, want a text`}},
		{"another filter", api.OpListImages, []any{api.ListImagesParams{PerPage: 10, Filter: filter.All(filter.Eq("album", "dogs"))}}, []string{"argument 1.Filter is meta.album[eq:string]=cats, want meta.album[eq:string]=dogs"}},
		{"never called", api.OpDeleteImage, []any{"cat"}, []string{`mock: no call DeleteImage("cat")` + "\nDeleteImage was not called; the calls were:\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var test tb
			got := m.AssertCalled(&test, tt.op, tt.args...)
			if (got.Op == tt.op) != (tt.want == nil) || test.Failed() != (tt.want != nil) {
				t.Errorf("got %v, and the failure %s", got, test.failure)
			}
			for _, want := range tt.want {
				if !strings.Contains(test.failure, want) {
					t.Errorf("%q is not in\n%s", want, test.failure)
				}
			}
		})
	}
}

// What is wanted may hold content; the test's own argument is left as it is.
func TestAssertCalledLeavesItsArguments(t *testing.T) {
	t.Parallel()
	m := mock.New()
	in := api.ImageUpload{File: api.Bytes("a.png", []byte("text"))}
	args := []any{in}
	m.AssertCalled(&tb{}, api.OpUploadImage, args...)
	if r, err := args[0].(api.ImageUpload).File.Open(); err != nil {
		t.Error(err)
	} else {
		_ = r.Close()
	}
	var test tb
	if m.AssertCalled(&test, api.OpGetStats); !strings.Contains(test.failure, "nothing was called") {
		t.Errorf("got %s", test.failure)
	}
}
