package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/cfimages/cfimages/bench/server/ogen"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server/strict"
)

// strictService is the implementation for oapi-codegen's strict server, which
// leaves forms to be read.
type strictService struct{ strict.StrictServerInterface }

func (strictService) GetImage(ctx context.Context, r strict.GetImageRequestObject) (strict.GetImageResponseObject, error) {
	out, err := service{}.GetImage(ctx, r.ImageID)
	return strict.GetImage200JSONResponse{Result: *out, Success: true, Errors: noStrict, Messages: noStrict}, err
}

func (strictService) ListImages(ctx context.Context, r strict.ListImagesRequestObject) (strict.ListImagesResponseObject, error) {
	out, err := service{}.ListImages(ctx, api.ListImagesParams{Creator: r.Params.Creator, SortOrder: *r.Params.SortOrder, PerPage: *r.Params.PerPage})
	return strict.ListImages200JSONResponse{Result: *out, Success: true, Errors: noStrict, Messages: noStrict}, err
}

func (strictService) CreateVariant(ctx context.Context, r strict.CreateVariantRequestObject) (strict.CreateVariantResponseObject, error) {
	out, err := service{}.CreateVariant(ctx, *r.Body)
	return strict.CreateVariant200JSONResponse{Result: api.VariantResult{Variant: *out}, Success: true, Errors: noStrict, Messages: noStrict}, err
}

func (strictService) UploadImage(_ context.Context, r strict.UploadImageRequestObject) (strict.UploadImageResponseObject, error) {
	id := ""
	for {
		part, err := r.Body.NextPart()
		if err != nil {
			return nil, err
		}
		if part.FormName() == "file" {
			out, err := keep(id, part.FileName(), part, 10<<20)
			return strict.UploadImage200JSONResponse{Result: *out, Success: true, Errors: noStrict, Messages: noStrict}, err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		if part.FormName() == "id" {
			id = string(text)
		}
	}
}

// muxer lets the strict server have ServeMux, which refuses two of the routes.
type muxer struct{ *http.ServeMux }

func (m muxer) HandleFunc(pattern string, handle func(http.ResponseWriter, *http.Request)) {
	defer func() { _ = recover() }()
	m.ServeMux.HandleFunc(pattern, handle)
}

func strictServer() http.Handler {
	return strict.HandlerWithOptions(strict.NewStrictHandler(strictService{}, nil), strict.StdHTTPServerOptions{
		BaseURL: "/client/v4", BaseRouter: muxer{http.NewServeMux()},
	})
}

// validated puts kin-openapi's validator in front.
func validated(tb testing.TB, next http.Handler) http.Handler {
	doc, err := openapi3.NewLoader().LoadFromFile("../../spec/images.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: "/client/v4"}}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		tb.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, params, err := router.FindRoute(r)
		if err == nil {
			err = validate(r, route, params)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func validate(r *http.Request, route *routers.Route, params map[string]string) error {
	return openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
			if in.RequestValidationInput.Request.Header.Get("Authorization") == "" {
				return errors.New("no credentials")
			}
			return nil
		}},
	})
}

type ogenService struct{ ogen.UnimplementedHandler }

func (ogenService) HandleAPIEmail(ctx context.Context, _ ogen.OperationName, _ ogen.APIEmail) (context.Context, error) {
	return ctx, nil
}

func (ogenService) HandleAPIKey(ctx context.Context, _ ogen.OperationName, _ ogen.APIKey) (context.Context, error) {
	return ctx, nil
}

func (ogenService) HandleAPIToken(ctx context.Context, _ ogen.OperationName, _ ogen.APIToken) (context.Context, error) {
	return ctx, nil
}

func (ogenService) GetImage(ctx context.Context, in ogen.GetImageParams) (ogen.GetImageRes, error) {
	img, err := service{}.GetImage(ctx, in.ImageID)
	return &ogen.ImageResponse{Result: ogenImage(img), Success: true, Errors: none, Messages: none}, err
}

var none = []ogen.Message{}

var noStrict = []strict.Message{}

func ogenImage(img *api.Image) ogen.Image {
	out := ogen.Image{
		ID: img.ID, Filename: ogen.NewOptString(img.Filename), Creator: ogen.NewOptNilString(*img.Creator), Uploaded: img.Uploaded,
		Meta: ogen.NewOptStoredMeta(ogen.StoredMeta{"album": []byte(`"coast"`), "rating": []byte("5")}),
	}
	for _, v := range img.Variants {
		u, err := url.Parse(v)
		if err != nil {
			panic(err)
		}
		out.Variants = append(out.Variants, *u)
	}
	return out
}

func (ogenService) ListImages(ctx context.Context, in ogen.ListImagesParams) (ogen.ListImagesRes, error) {
	page, err := service{}.ListImages(ctx, api.ListImagesParams{Creator: &in.Creator.Value, PerPage: in.PerPage.Value})
	if err != nil {
		return nil, err
	}
	out := &ogen.ImagePageResponse{Success: true, Errors: none, Messages: none}
	for i := range page.Images {
		out.Result.Images = append(out.Result.Images, ogenImage(&page.Images[i]))
	}
	out.Result.ContinuationToken = ogen.NewOptNilString(*page.ContinuationToken)
	return out, nil
}

func (ogenService) CreateVariant(_ context.Context, in *ogen.VariantCreate, _ ogen.CreateVariantParams) (ogen.CreateVariantRes, error) {
	return &ogen.VariantResponse{
		Result:  ogen.VariantResult{Variant: ogen.Variant{ID: in.ID, Options: in.Options, NeverRequireSignedURLs: in.NeverRequireSignedURLs.Value}},
		Success: true, Errors: none, Messages: none,
	}, nil
}

func (ogenService) UploadImage(_ context.Context, in *ogen.ImageUploadMultipart, _ ogen.UploadImageParams) (ogen.UploadImageRes, error) {
	img, err := keep(in.ID.Value, in.File.Value.Name, in.File.Value.File, 10<<20)
	if err != nil {
		return nil, err
	}
	return &ogen.ImageResponse{Result: ogenImage(img), Success: true, Errors: none, Messages: none}, nil
}

func ogenServer(tb testing.TB) http.Handler {
	h, err := ogen.NewServer(ogenService{}, ogenService{}, ogen.WithPathPrefix("/client/v4"))
	if err != nil {
		tb.Fatal(err)
	}
	return h
}
