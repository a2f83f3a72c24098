package main

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonv2 is the floor with encoding/json/v2 as a library, and with metadata that
// stays text.
type jsonv2 struct{ floor }

func newJSONv2(rt http.RoundTripper) (client, error) {
	c, err := newFloor(rt)
	if err != nil {
		return nil, err
	}
	return jsonv2{c.(floor)}, nil
}

type jsonv2Image struct {
	ID                string         `json:"id"`
	Filename          string         `json:"filename"`
	Creator           *string        `json:"creator"`
	Meta              jsontext.Value `json:"meta"`
	RequireSignedURLs bool           `json:"requireSignedURLs"`
	Uploaded          time.Time      `json:"uploaded"`
	Variants          []string       `json:"variants"`
}

func (i *jsonv2Image) seen() seen {
	s := seen{
		ID: i.ID, Filename: i.Filename, Creator: value(i.Creator), Variants: joined(i.Variants),
		Signed: i.RequireSignedURLs, Uploaded: i.Uploaded,
	}
	var meta map[string]any
	_ = json.Unmarshal(i.Meta, &meta)
	metadata(&s, meta)
	return s
}

type jsonv2Page struct {
	Images            []jsonv2Image `json:"images"`
	ContinuationToken *string       `json:"continuation_token"`
}

func unmarshalV2(text []byte, v any) error { return json.Unmarshal(text, v) }

func asJSONv2(i *jsonv2Image) item { return i }

func (c jsonv2) get(ctx context.Context) (item, error) {
	resp, err := c.request(ctx, http.MethodGet, c.images+"/v1/"+url.PathEscape(imageID), nil, nil)
	return open[jsonv2Image](resp, err, unmarshalV2)
}

func (c jsonv2) page(ctx context.Context, after string) (*jsonv2Page, error) {
	resp, err := c.request(ctx, http.MethodGet, c.images+"/v2?"+pageQuery(after), nil, nil)
	return open[jsonv2Page](resp, err, unmarshalV2)
}

func (c jsonv2) list(ctx context.Context, each func(item)) (int, error) {
	p, err := c.page(ctx, "")
	if err != nil {
		return 0, err
	}
	return tell(p.Images, each, asJSONv2), nil
}

func (c jsonv2) walk(ctx context.Context, each func(item)) (n int, err error) {
	for after := ""; ; {
		p, err := c.page(ctx, after)
		if err != nil {
			return n, err
		}
		n += tell(p.Images, each, asJSONv2)
		if after = value(p.ContinuationToken); after == "" {
			return n, nil
		}
	}
}
