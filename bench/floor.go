package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"
)

// floor is what a careful programmer writes by hand for these tasks alone, with
// nothing but the standard library.
type floor struct {
	http   *http.Client
	images string // the address of the account's images
}

func newFloor(rt http.RoundTripper) (client, error) {
	return floor{&http.Client{Transport: rt}, baseURL + "/accounts/" + account + "/images"}, nil
}

type floorImage struct {
	ID                string         `json:"id"`
	Filename          string         `json:"filename"`
	Creator           *string        `json:"creator"`
	Meta              map[string]any `json:"meta"`
	RequireSignedURLs bool           `json:"requireSignedURLs"`
	Uploaded          time.Time      `json:"uploaded"`
	Variants          []string       `json:"variants"`
}

func (i *floorImage) seen() seen {
	s := seen{
		ID: i.ID, Filename: i.Filename, Creator: value(i.Creator), Variants: joined(i.Variants),
		Signed: i.RequireSignedURLs, Uploaded: i.Uploaded,
	}
	metadata(&s, i.Meta)
	return s
}

type floorPage struct {
	Images            []floorImage `json:"images"`
	ContinuationToken *string      `json:"continuation_token"`
}

type floorEnvelope[T any] struct {
	Result  T     `json:"result"`
	Success bool  `json:"success"`
	Errors  []any `json:"errors"`
}

// request sends a request and returns a successful answer.
func (c floor) request(ctx context.Context, method, target string, body io.Reader, change func(*http.Request)) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if change != nil {
		change(req)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	return resp, nil
}

// open reads an envelope with a library's function.
func open[T any](resp *http.Response, err error, unmarshal func([]byte, any) error) (*T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var e floorEnvelope[T]
	if err := unmarshal(text, &e); err != nil {
		return nil, err
	}
	if !e.Success {
		return nil, errors.New("no success")
	}
	return &e.Result, nil
}

func (c floor) get(ctx context.Context) (item, error) {
	resp, err := c.request(ctx, http.MethodGet, c.images+"/v1/"+url.PathEscape(imageID), nil, nil)
	return open[floorImage](resp, err, json.Unmarshal)
}

func (c floor) page(ctx context.Context, after string) (*floorPage, error) {
	resp, err := c.request(ctx, http.MethodGet, c.images+"/v2?"+pageQuery(after), nil, nil)
	return open[floorPage](resp, err, json.Unmarshal)
}

func pageQuery(after string) string {
	query := url.Values{"per_page": {"1000"}}
	if after != "" {
		query.Set("continuation_token", after)
	}
	return query.Encode()
}

func asFloor(i *floorImage) item { return i }

func (c floor) list(ctx context.Context, each func(item)) (int, error) {
	p, err := c.page(ctx, "")
	if err != nil {
		return 0, err
	}
	return tell(p.Images, each, asFloor), nil
}

func (c floor) walk(ctx context.Context, each func(item)) (n int, err error) {
	for after := ""; ; {
		p, err := c.page(ctx, after)
		if err != nil {
			return n, err
		}
		n += tell(p.Images, each, asFloor)
		if after = value(p.ContinuationToken); after == "" {
			return n, nil
		}
	}
}

// upload knows the length of what it sends when the file knows its own, and
// writes through a pipe otherwise.
func (c floor) upload(ctx context.Context, file io.Reader) (item, error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if sized, ok := file.(interface{ Len() int }); ok {
		n := int64(sized.Len())
		if _, err := w.CreateFormFile("file", "cat.png"); err != nil {
			return nil, err
		}
		before := form.Len()
		if err := w.Close(); err != nil {
			return nil, err
		}
		text := form.Bytes()
		body := io.MultiReader(bytes.NewReader(text[:before]), file, bytes.NewReader(text[before:]))
		return c.post(ctx, body, w.FormDataContentType(), int64(len(text))+n)
	}
	r, pipe := io.Pipe()
	w = multipart.NewWriter(pipe)
	go func() { _ = pipe.CloseWithError(write(w, file)) }()
	return c.post(ctx, r, w.FormDataContentType(), -1)
}

func write(w *multipart.Writer, file io.Reader) error {
	part, err := w.CreateFormFile("file", "cat.png")
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, file); err != nil {
		return err
	}
	return w.Close()
}

func (c floor) post(ctx context.Context, body io.Reader, contentType string, length int64) (item, error) {
	resp, err := c.request(ctx, http.MethodPost, c.images+"/v1", body, func(r *http.Request) {
		r.Header.Set("Content-Type", contentType)
		r.ContentLength = length
	})
	return open[floorImage](resp, err, json.Unmarshal)
}

func (c floor) blob(ctx context.Context) (io.ReadCloser, error) {
	resp, err := c.request(ctx, http.MethodGet, c.images+"/v1/"+url.PathEscape(imageID)+"/blob", nil, nil)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}
