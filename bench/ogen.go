package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	ogenhttp "github.com/ogen-go/ogen/http"
	"github.com/ogen-go/ogen/ogenerrors"

	"github.com/cfimages/cfimages/bench/internal/ogen"
)

// ogenClient is the client that ogen writes from our specification.
type ogenClient struct{ c *ogen.Client }

type ogenSecurity struct{}

func (ogenSecurity) APIToken(context.Context, ogen.OperationName) (ogen.APIToken, error) {
	return ogen.APIToken{Token: token}, nil
}

func (ogenSecurity) APIEmail(context.Context, ogen.OperationName) (ogen.APIEmail, error) {
	return ogen.APIEmail{}, ogenerrors.ErrSkipClientSecurity
}

func (ogenSecurity) APIKey(context.Context, ogen.OperationName) (ogen.APIKey, error) {
	return ogen.APIKey{}, ogenerrors.ErrSkipClientSecurity
}

func newOgen(rt http.RoundTripper) (client, error) {
	c, err := ogen.NewClient(baseURL, ogenSecurity{}, ogen.WithClient(&http.Client{Transport: rt}))
	return ogenClient{c}, err
}

type ogenImage ogen.Image

func (i *ogenImage) seen() seen {
	s := seen{
		ID: i.ID, Filename: i.Filename.Value, Creator: i.Creator.Value,
		Signed: i.RequireSignedURLs, Uploaded: i.Uploaded,
	}
	var variants []string
	for _, v := range i.Variants {
		variants = append(variants, v.String())
	}
	s.Variants = joined(variants)
	meta := map[string]any{}
	for name, text := range i.Meta.Value {
		var v any
		_ = json.Unmarshal(text, &v)
		meta[name] = v
	}
	metadata(&s, meta)
	return s
}

func asOgen(i *ogen.Image) item { return (*ogenImage)(i) }

func (c ogenClient) get(ctx context.Context) (item, error) {
	r, err := c.c.GetImage(ctx, ogen.GetImageParams{AccountID: account, ImageID: imageID})
	return ogenResult(r, err)
}

// ogenResult takes the image out of what any of its answers may be.
func ogenResult(r any, err error) (item, error) {
	if err != nil {
		return nil, err
	}
	ok, is := r.(*ogen.ImageResponse)
	if !is {
		return nil, fmt.Errorf("answered %T", r)
	}
	return asOgen(&ok.Result), nil
}

func (c ogenClient) page(ctx context.Context, after string) (*ogen.ImagePage, error) {
	params := ogen.ListImagesParams{AccountID: account, PerPage: ogen.NewOptInt64(pageSize)}
	if after != "" {
		params.ContinuationToken = ogen.NewOptString(after)
	}
	r, err := c.c.ListImages(ctx, params)
	if err != nil {
		return nil, err
	}
	ok, is := r.(*ogen.ImagePageResponse)
	if !is {
		return nil, fmt.Errorf("answered %T", r)
	}
	return &ok.Result, nil
}

func (c ogenClient) list(ctx context.Context, each func(item)) (int, error) {
	p, err := c.page(ctx, "")
	if err != nil {
		return 0, err
	}
	return tell(p.Images, each, asOgen), nil
}

func (c ogenClient) walk(ctx context.Context, each func(item)) (n int, err error) {
	for after := ""; ; {
		p, err := c.page(ctx, after)
		if err != nil {
			return n, err
		}
		n += tell(p.Images, each, asOgen)
		if after = p.ContinuationToken.Value; after == "" {
			return n, nil
		}
	}
}

func (c ogenClient) upload(ctx context.Context, file io.Reader) (item, error) {
	form := &ogen.ImageUploadMultipart{File: ogen.NewOptMultipartFile(ogenhttp.MultipartFile{Name: "cat.png", File: file})}
	r, err := c.c.UploadImage(ctx, form, ogen.UploadImageParams{AccountID: account})
	return ogenResult(r, err)
}

func (c ogenClient) blob(ctx context.Context) (io.ReadCloser, error) {
	r, err := c.c.GetImageBlob(ctx, ogen.GetImageBlobParams{AccountID: account, ImageID: imageID})
	if err != nil {
		return nil, err
	}
	ok, is := r.(*ogen.GetImageBlobOKHeaders)
	if !is {
		return nil, fmt.Errorf("answered %T", r)
	}
	return io.NopCloser(ok.Response.Data), nil
}
