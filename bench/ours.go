package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/cfimages/cfimages/gen/api"
	own "github.com/cfimages/cfimages/gen/client"
)

// ours is the client of this repository, with its defaults.
type ours struct{ c *own.Client }

func newOurs(rt http.RoundTripper) (client, error) {
	c, err := own.New(account, own.WithToken(token), own.WithHTTPClient(&http.Client{Transport: rt}))
	return ours{c}, err
}

type ourImage api.Image

func (i *ourImage) seen() seen {
	s := seen{
		ID: i.ID, Filename: i.Filename, Creator: value(i.Creator), Variants: joined(i.Variants),
		Signed: i.RequireSignedURLs, Uploaded: i.Uploaded,
	}
	var meta map[string]any
	_ = json.Unmarshal(i.Meta, &meta)
	metadata(&s, meta)
	return s
}

func asOurs(i *api.Image) item { return (*ourImage)(i) }

func (c ours) get(ctx context.Context) (item, error) {
	i, err := c.c.GetImage(ctx, imageID)
	return asOurs(i), err
}

func (c ours) list(ctx context.Context, each func(item)) (int, error) {
	p, err := c.c.ListImages(ctx, api.ListImagesParams{PerPage: pageSize})
	if err != nil {
		return 0, err
	}
	return tell(p.Images, each, asOurs), nil
}

func (c ours) walk(ctx context.Context, each func(item)) (n int, err error) {
	for i, err := range c.c.AllImages(ctx, api.ListImagesParams{PerPage: pageSize}) {
		if err != nil {
			return n, err
		}
		n++
		if each != nil {
			each(asOurs(i))
		}
	}
	return n, nil
}

func (c ours) upload(ctx context.Context, file io.Reader) (item, error) {
	i, err := c.c.UploadImage(ctx, api.ImageUpload{File: api.Reader("cat.png", file)})
	return asOurs(i), err
}

func (c ours) blob(ctx context.Context) (io.ReadCloser, error) { return c.c.GetImageBlob(ctx, imageID) }
