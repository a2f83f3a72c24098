package main

import (
	"bytes"
	"context"
	"io"
	"net/http"

	v0 "github.com/cloudflare/cloudflare-go"
	v7 "github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/images"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

// v7Client is the official client of today.
type v7Client struct{ s *images.ImageService }

func newV7(rt http.RoundTripper) (client, error) {
	c := v7.NewClient(option.WithAPIToken(token), option.WithHTTPClient(&http.Client{Transport: rt}))
	return v7Client{c.Images}, nil
}

type v7Image images.Image

func (i *v7Image) seen() seen {
	s := seen{
		ID: i.ID, Filename: i.Filename, Creator: i.Creator, Variants: joined(i.Variants),
		Signed: i.RequireSignedURLs, Uploaded: i.Uploaded,
	}
	meta, _ := i.Meta.(map[string]any)
	metadata(&s, meta)
	return s
}

func asV7(i *images.Image) item { return (*v7Image)(i) }

func (c v7Client) get(ctx context.Context) (item, error) {
	i, err := c.s.V1.Get(ctx, imageID, images.V1GetParams{AccountID: v7.F(account)})
	return asV7(i), err
}

func (c v7Client) list(ctx context.Context, each func(item)) (int, error) {
	p, err := c.s.V2.List(ctx, images.V2ListParams{AccountID: v7.F(account), PerPage: v7.F(float64(pageSize))})
	if err != nil {
		return 0, err
	}
	return tell(p.Images, each, asV7), nil
}

// walk uses the only pager there is, which is for the deprecated list.
func (c v7Client) walk(ctx context.Context, each func(item)) (n int, err error) {
	pager := c.s.V1.ListAutoPaging(ctx, images.V1ListParams{AccountID: v7.F(account), PerPage: v7.F(float64(pageSize))})
	for pager.Next() {
		p := pager.Current()
		n += tell(p.Images, each, asV7)
	}
	return n, pager.Err()
}

func (c v7Client) upload(ctx context.Context, file io.Reader) (item, error) {
	i, err := c.s.V1.New(ctx, images.V1NewParams{AccountID: v7.F(account), File: v7.F(file)})
	return asV7(i), err
}

func (c v7Client) blob(ctx context.Context) (io.ReadCloser, error) {
	r, err := c.s.V1.Blobs.Get(ctx, imageID, images.V1BlobGetParams{AccountID: v7.F(account)})
	if err != nil {
		return nil, err
	}
	return r.Body, nil
}

// v0Client is the official client before it was generated. Its own limit of four
// requests a second is lifted. It knows the deprecated list only.
type v0Client struct {
	c *v0.API
	r *v0.ResourceContainer
}

func newV0(rt http.RoundTripper) (client, error) {
	c, err := v0.NewWithAPIToken(token, v0.HTTPClient(&http.Client{Transport: rt}), v0.UsingRateLimit(1e9))
	return v0Client{c, v0.AccountIdentifier(account)}, err
}

type v0Image v0.Image

func (i *v0Image) seen() seen {
	s := seen{ID: i.ID, Filename: i.Filename, Variants: joined(i.Variants), Signed: i.RequireSignedURLs, Uploaded: i.Uploaded}
	metadata(&s, i.Meta)
	return s
}

func asV0(i *v0.Image) item { return (*v0Image)(i) }

func (c v0Client) get(ctx context.Context) (item, error) {
	i, err := c.c.GetImage(ctx, c.r, imageID)
	return asV0(&i), err
}

func (c v0Client) page(ctx context.Context, n int) ([]v0.Image, error) {
	return c.c.ListImages(ctx, c.r, v0.ListImagesParams{ResultInfo: v0.ResultInfo{Page: n, PerPage: pageSize}})
}

func (c v0Client) list(ctx context.Context, each func(item)) (int, error) {
	p, err := c.page(ctx, 1)
	return tell(p, each, asV0), err
}

func (c v0Client) walk(ctx context.Context, each func(item)) (n int, err error) {
	for number := 1; ; number++ {
		p, err := c.page(ctx, number)
		if err != nil || len(p) == 0 {
			return n, err
		}
		n += tell(p, each, asV0)
	}
}

func (c v0Client) upload(ctx context.Context, file io.Reader) (item, error) {
	i, err := c.c.UploadImage(ctx, c.r, v0.UploadImageParams{File: io.NopCloser(file), Name: "cat.png"})
	return asV0(&i), err
}

func (c v0Client) blob(ctx context.Context) (io.ReadCloser, error) {
	b, err := c.c.GetBaseImage(ctx, c.r, imageID)
	return io.NopCloser(bytes.NewReader(b)), err
}
