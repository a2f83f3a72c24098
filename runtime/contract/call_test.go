package contract_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/filter"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/metafilter"
	"github.com/cfimages/cfimages/runtime/rest"
)

// accepting is a service that answers every call that reaches it.
type accepting struct{ api.Unimplemented }

func (accepting) ListImages(context.Context, api.ListImagesParams) (*api.ImagePage, error) {
	return &api.ImagePage{}, nil
}

func (accepting) ListImagesV1(context.Context, api.ListImagesV1Params) (*api.ImageList, error) {
	return &api.ImageList{}, nil
}
func (accepting) GetImage(context.Context, string) (*api.Image, error) { return &api.Image{}, nil }
func (accepting) UploadImage(context.Context, api.ImageUpload) (*api.Image, error) {
	return &api.Image{}, nil
}

func (accepting) EditImage(context.Context, string, api.ImageEdit) (*api.Image, error) {
	return &api.Image{}, nil
}

func (accepting) CreateDirectUpload(context.Context, api.DirectUpload) (*api.DirectUploadTarget, error) {
	return &api.DirectUploadTarget{}, nil
}

func (accepting) CreateVariant(context.Context, api.VariantCreate) (*api.Variant, error) {
	return &api.Variant{}, nil
}

func (accepting) PutSigningKey(context.Context, string) ([]api.SigningKey, error) { return nil, nil }

// handler answers the requests of a client without a socket.
type handler struct{ http.Handler }

func (h handler) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, in)
	return w.Result(), nil
}

// TestCheckIsWhatAServerAnswers sends each call to a server, too.
func TestCheckIsWhatAServerAnswers(t *testing.T) {
	t.Parallel()
	core, err := rest.New(api.Contract, []string{"acc0"}, rest.WithToken("t"), rest.WithoutChecks(),
		rest.WithHTTPClient(&http.Client{Transport: handler{server.New(server.For(accepting{}), server.WithBasePath("/client/v4"))}}))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("é", 1024)
	png := api.Bytes("a.png", []byte("PNG"))
	get := func(id string) contract.Request { return contract.Request{Op: api.OpGetImage, Path: []string{id}} }
	list := func(in api.ListImagesParams) contract.Request {
		return contract.Request{Op: api.OpListImages, Query: in, Filter: in.Filter}
	}
	upload := func(in api.ImageUpload) contract.Request {
		return contract.Request{Op: api.OpUploadImage, Form: in, Files: in.Parts()}
	}
	direct := func(in api.DirectUpload) contract.Request {
		return contract.Request{Op: api.OpCreateDirectUpload, Form: in}
	}
	edit := func(in api.ImageEdit) contract.Request {
		return contract.Request{Op: api.OpEditImage, Path: []string{"a"}, JSON: in}
	}
	variant := func(change func(*api.VariantCreate)) contract.Request {
		in := api.VariantCreate{ID: "hero", Options: api.VariantOptions{Fit: api.VariantFitCover, Metadata: api.VariantMetadataNone, Width: 1, Height: 1}}
		change(&in)
		return contract.Request{Op: api.OpCreateVariant, JSON: in}
	}
	meta := func(n int) api.Meta { return api.Meta{"a": strings.Repeat("x", n-len(`{"a":""}`))} }
	sixth := filter.All(filter.Eq("a", 1), filter.Eq("a", 1), filter.Eq("a", 1), filter.Eq("a", 1), filter.Eq("a", 1), filter.Eq("a", 1))
	tests := []struct {
		name    string
		request contract.Request
		ok      bool
	}{
		{"id", get("a/b?c#d %2F"), true},
		{"longest id", get(long), true},
		{"id too long", get(long + "a"), false},
		{"id of bad UTF-8", get("a\xff"), false},
		{"key name", contract.Request{Op: api.OpPutSigningKey, Path: []string{"a b"}}, false},

		{"list", list(api.ListImagesParams{}), true},
		{"list with all", list(api.ListImagesParams{Creator: new(""), PerPage: 10000, SortOrder: "desc", ContinuationToken: "x", Filter: filter.All(filter.In("a.b", 1, 2))}), true},
		{"page too large", list(api.ListImagesParams{PerPage: 10001}), false},
		{"page negative", list(api.ListImagesParams{PerPage: -1}), false},
		{"order", list(api.ListImagesParams{SortOrder: "up"}), false},
		{"creator", list(api.ListImagesParams{Creator: new(long + "a")}), false},
		{"first by the contract's order", list(api.ListImagesParams{PerPage: -1, SortOrder: "up", Creator: new("\xff")}), false},
		{"query before filter", list(api.ListImagesParams{PerPage: -1, Filter: sixth}), false},
		{"list V1", contract.Request{Op: api.OpListImagesV1, Query: api.ListImagesV1Params{Page: -1}}, false},

		{"file", upload(api.ImageUpload{File: png, ID: "a/b", Metadata: meta(1024), RequireSignedURLs: true}), true},
		{"address", upload(api.ImageUpload{URL: "https://u:p@a.example/b?c"}), true},
		{"bad address", upload(api.ImageUpload{URL: "ftp://a.example/b"}), false},
		{"relative address", upload(api.ImageUpload{URL: "/b"}), false},
		{"custom id", upload(api.ImageUpload{File: png, ID: "a/"}), false},
		{"custom id too long", upload(api.ImageUpload{File: png, ID: long + "a"}), false},
		{"metadata", upload(api.ImageUpload{File: png, Metadata: meta(1025)}), false},
		{"metadata with separators", upload(api.ImageUpload{File: png, Metadata: api.Meta{"a": strings.Repeat("\u2028", 338)}}), true},
		{"metadata with signs", upload(api.ImageUpload{File: png, Metadata: api.Meta{"a": strings.Repeat("<", 1000)}}), true},
		{"file too large", upload(api.ImageUpload{File: api.Bytes("a", make([]byte, 10<<20+1))}), false},
		{"largest file", upload(api.ImageUpload{File: api.Bytes("a", make([]byte, 10<<20))}), true},
		{"text before file", upload(api.ImageUpload{File: api.Bytes("a", make([]byte, 10<<20+1)), Creator: new(long + "a")}), false},

		{"draft", direct(api.DirectUpload{}), true},
		{"draft with all", direct(api.DirectUpload{ID: "a", Expiry: time.Now().Add(time.Hour), Metadata: api.Meta{}, Creator: new("")}), true},
		{"draft id", direct(api.DirectUpload{ID: "/a"}), false},
		{"draft beyond the calendar", direct(api.DirectUpload{Expiry: time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)}), false},

		{"edit nothing", edit(api.ImageEdit{}), true},
		{"edit", edit(api.ImageEdit{Metadata: api.Meta{}, Creator: new("a"), RequireSignedURLs: new(false)}), true},
		{"edit metadata", edit(api.ImageEdit{Metadata: meta(1025)}), false},
		{"edit beyond bodies", edit(api.ImageEdit{Metadata: meta(1 << 20)}), false},
		{"edit twice wrong", edit(api.ImageEdit{Metadata: meta(1025), Creator: new(long + "a")}), false},

		{"variant", variant(func(*api.VariantCreate) {}), true},
		{"variant of nothing", contract.Request{Op: api.OpCreateVariant, JSON: api.VariantCreate{}}, false},
		{"variant id", variant(func(in *api.VariantCreate) { in.ID = "a-b" }), false},
		{"variant fit", variant(func(in *api.VariantCreate) { in.Options.Fit = "x" }), false},
		{"variant blur", variant(func(in *api.VariantCreate) { in.Options.Blur = new(int64(251)) }), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.request.Check(api.Contract)
			if (got == nil) != tt.ok {
				t.Errorf("Check: %v", got)
			}
			if sent := tt.request; sent.Filter.Err() != nil {
				sent.Filter = metafilter.Filter{} // no client sends such a one
				tt.request = sent
			}
			want := rest.None(t.Context(), core, tt.request)
			if a, b := describe(got), describe(want); a != b {
				t.Errorf("Check says  %s\na server says %s", a, b)
			}
		})
	}
}

// describe spells all of an error that passes over the wire.
func describe(err error) string {
	e, ok := errors.AsType[*contract.Error](err)
	if !ok {
		return fmt.Sprint(err)
	}
	text := fmt.Sprint(e.Status)
	for _, m := range e.Messages {
		text += fmt.Sprintf(" %d %s", m.Code, m.Message)
		if m.Source != nil {
			text += " at " + m.Source.Pointer
		}
	}
	return text
}

func TestCheckOfAFilter(t *testing.T) {
	t.Parallel()
	in := api.ListImagesParams{Filter: filter.All(filter.Eq("a.b.c.d.e.f", 1))}
	err := contract.Request{Op: api.OpListImages, Query: in, Filter: in.Filter}.Check(api.Contract)
	if !errors.Is(err, api.ErrBadRequest) || !strings.Contains(err.Error(), "Metadata filter 'meta.a.b.c.d.e.f") {
		t.Errorf("got %v", err)
	}
	if err := contract.FilterError(io.EOF, &api.Contract.Faults); !errors.Is(err, api.ErrBadRequest) {
		t.Errorf("got %v", err)
	}
}

func TestCheckOfWhatNoServerSees(t *testing.T) {
	t.Parallel()
	png := api.Bytes("a", []byte("x"))
	for want, in := range map[string]api.ImageUpload{
		"one of file or url is required":      {ID: "a"},
		"file and url are mutually exclusive": {File: png, URL: "https://a.example/"},
		"unsupported type":                    {File: png, Metadata: api.Meta{"a": func() {}}},
	} {
		err := contract.Request{Op: api.OpUploadImage, Form: in, Files: in.Parts()}.Check(api.Contract)
		if !errors.Is(err, api.ErrBadRequest) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	edit := contract.Request{Op: api.OpEditImage, Path: []string{"a"}, JSON: api.ImageEdit{Metadata: api.Meta{"a": func() {}}}}
	if err := edit.Check(api.Contract); !errors.Is(err, api.ErrBadRequest) {
		t.Errorf("got %v", err)
	}
}

// fields is an input of another API.
type fields []contract.Field

func (f fields) AppendFields(out *contract.Fields) { out.List = append(out.List, f...) }

func TestCheckOfRequiredFields(t *testing.T) {
	t.Parallel()
	text := &contract.Schema{Type: contract.TypeString}
	limited := &contract.Schema{Type: contract.TypeBinary, MaxBytes: 2}
	query := &contract.Operation{QueryParams: []contract.Param{{Name: "a", Required: true, Schema: text}}}
	posted := &contract.Operation{Body: &contract.Body{Kind: contract.BodyForm, Required: true, Schema: &contract.Schema{
		Properties: []contract.Property{{Name: "a", Required: true, Schema: text}, {Name: "f", Schema: limited}, {Name: "g", Schema: limited}},
	}}}
	file := func(name, content string) []contract.FilePart {
		return []contract.FilePart{{Name: name, File: contract.Bytes("x", []byte(content))}}
	}
	tests := []struct {
		name    string
		request contract.Request
		want    error
	}{
		{"query", contract.Request{Op: query, Query: fields{}}, api.ErrBadRequest},
		{"query, given", contract.Request{Op: query, Query: fields{{Name: "a"}}}, nil},
		{"nothing", contract.Request{Op: posted, Form: fields{}}, api.ErrNotMultipart},
		{"nothing but an absent file", contract.Request{Op: posted, Form: fields{}, Files: []contract.FilePart{{Name: "f"}}}, api.ErrNotMultipart},
		{"form", contract.Request{Op: posted, Form: fields{{Name: "b"}}}, api.ErrBadRequest},
		{"form, given", contract.Request{Op: posted, Form: fields{{Name: "a"}}}, nil},
		{"file", contract.Request{Op: posted, Form: fields{{Name: "a"}}, Files: file("g", "xx")}, nil},
		{"file too large", contract.Request{Op: posted, Form: fields{{Name: "a"}}, Files: file("g", "xxx")}, api.ErrEntityTooLarge},
	}
	for _, tt := range tests {
		if err := tt.request.Check(api.Contract); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}
