package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/cfimages/cfimages/bench/internal/oapi"
)

// oapiClient is the client that oapi-codegen writes from our specification. It
// leaves forms to its caller, who fills a buffer here, as its users do.
type oapiClient struct{ c *oapi.ClientWithResponses }

func newOapi(rt http.RoundTripper) (client, error) {
	c, err := oapi.NewClientWithResponses(baseURL,
		oapi.WithHTTPClient(&http.Client{Transport: rt}),
		oapi.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}))
	return oapiClient{c}, err
}

type oapiImage oapi.Image

func (i *oapiImage) seen() seen {
	s := seen{
		ID: i.ID, Filename: i.Filename, Creator: value(i.Creator), Variants: joined(i.Variants),
		Signed: i.RequireSignedURLs, Uploaded: i.Uploaded,
	}
	if i.Meta != nil {
		metadata(&s, *i.Meta)
	}
	return s
}

func asOapi(i *oapi.Image) item { return (*oapiImage)(i) }

func (c oapiClient) get(ctx context.Context) (item, error) {
	r, err := c.c.GetImageWithResponse(ctx, account, imageID)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, fmt.Errorf("status %d", r.StatusCode())
	}
	return asOapi(&r.JSON200.Result), nil
}

func (c oapiClient) page(ctx context.Context, after string) (*oapi.ImagePage, error) {
	params := &oapi.ListImagesParams{PerPage: new(int64(pageSize))}
	if after != "" {
		params.ContinuationToken = &after
	}
	r, err := c.c.ListImagesWithResponse(ctx, account, params)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, fmt.Errorf("status %d", r.StatusCode())
	}
	return &r.JSON200.Result, nil
}

func (c oapiClient) list(ctx context.Context, each func(item)) (int, error) {
	p, err := c.page(ctx, "")
	if err != nil {
		return 0, err
	}
	return tell(p.Images, each, asOapi), nil
}

func (c oapiClient) walk(ctx context.Context, each func(item)) (n int, err error) {
	for after := ""; ; {
		p, err := c.page(ctx, after)
		if err != nil {
			return n, err
		}
		n += tell(p.Images, each, asOapi)
		if after = value(p.ContinuationToken); after == "" {
			return n, nil
		}
	}
}

func (c oapiClient) upload(ctx context.Context, file io.Reader) (item, error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if err := write(w, file); err != nil {
		return nil, err
	}
	r, err := c.c.UploadImageWithBodyWithResponse(ctx, account, w.FormDataContentType(), &form)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, fmt.Errorf("status %d", r.StatusCode())
	}
	return asOapi(&r.JSON200.Result), nil
}

func (c oapiClient) blob(ctx context.Context) (io.ReadCloser, error) {
	r, err := c.c.GetImageBlobWithResponse(ctx, account, imageID)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(r.Body)), nil
}
