package rest_test

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
)

// still is a transport that answers from memory and reads bodies into memory of
// its own.
type still struct {
	text []byte
	buf  [32 << 10]byte
}

func (s *still) RoundTrip(req *http.Request) (*http.Response, error) {
	for req.Body != nil {
		if _, err := req.Body.Read(s.buf[:]); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(s.text)), ContentLength: int64(len(s.text)), Request: req,
	}, nil
}

// costs measures a call: its allocations and their bytes, the least of twelve
// times. Pools are empty after a collection, and the race detector empties them
// at random.
func costs(t *testing.T, call func(context.Context) error) (allocs, size float64) {
	t.Helper()
	allocs, size = math.Inf(1), math.Inf(1)
	for range 12 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		allocs = min(allocs, float64(after.Mallocs-before.Mallocs))
		size = min(size, float64(after.TotalAlloc-before.TotalAlloc))
	}
	return allocs, size
}

func limit(t *testing.T, what string, got, most float64) {
	t.Helper()
	t.Logf("%s: %.0f", what, got)
	if got > most {
		t.Errorf("%s: %.0f, more than %.0f", what, got, most)
	}
}

// stillClient is a client over one answer, with the options it has by default.
func stillClient(t *testing.T, text string) *client.Client {
	t.Helper()
	c, err := client.New(account, client.WithToken(token), client.WithHTTPClient(&http.Client{Transport: &still{text: []byte(text)}}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCostOfGet(t *testing.T) {
	c := stillClient(t, oneImage)
	allocs, _ := costs(t, func(ctx context.Context) error {
		_, err := c.GetImage(ctx, "a")
		return err
	})
	limit(t, "allocations", allocs, 50)
}

// TestCostOfList would fail by far if a page of the usual kind were left to
// encoding/json: it needs 11,000 allocations without decoding metadata, 29,000
// with it, and 1.5 MB.
func TestCostOfList(t *testing.T) {
	c := stillClient(t, page(1000))
	allocs, size := costs(t, func(ctx context.Context) error {
		p, err := c.ListImages(ctx, api.ListImagesParams{})
		if err == nil && len(p.Images) != 1000 {
			t.Fatalf("%d images", len(p.Images))
		}
		return err
	})
	limit(t, "allocations", allocs, 9000)
	limit(t, "bytes", size, 9e5)
}

// page is a page of images as the service answers it.
func page(n int) string {
	var b strings.Builder
	b.WriteString(`{"result":{"images":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		id := strconv.Itoa(i) + "-84ab-4f3e-19d6-b2a7c0e45f00"
		b.WriteString(`{"id":"` + id + `","filename":"lighthouse.jpg","creator":"user-42","meta":{"album":"coast","rating":5},` +
			`"requireSignedURLs":false,"uploaded":"2026-05-11T08:31:45.207Z","variants":["https://imagedelivery.net/k/` + id +
			`/public","https://imagedelivery.net/k/` + id + `/thumb"]}`)
	}
	b.WriteString(`],"continuation_token":null},"success":true,"errors":[],"messages":[]}`)
	return b.String()
}

// TestCostOfUpload wants the cost of an upload not to depend on the size of
// its file.
func TestCostOfUpload(t *testing.T) {
	c := stillClient(t, oneImage)
	content := bytes.Repeat([]byte("\x89PNG\r\n\x1a\n"), 10<<20/8)
	upload := func(file func() io.Reader) (allocs, size float64) {
		return costs(t, func(ctx context.Context) error {
			_, err := c.UploadImage(ctx, api.ImageUpload{File: api.Reader("cat.png", file())})
			return err
		})
	}
	small, smallSize := upload(func() io.Reader { return bytes.NewReader(content[:1<<20]) })
	large, largeSize := upload(func() io.Reader { return bytes.NewReader(content) })
	_, unknownSize := upload(func() io.Reader { return struct{ io.Reader }{bytes.NewReader(content)} })
	limit(t, "allocations", large, 150)
	limit(t, "bytes", largeSize, 12e3)
	limit(t, "bytes of an unknown size", unknownSize, 16e3)
	limit(t, "difference of allocations in percent", 100*math.Abs(large/small-1), 2)
	limit(t, "difference of bytes in percent", 100*math.Abs(largeSize/smallSize-1), 2)
}

func TestCostOfBlob(t *testing.T) {
	s := &still{text: bytes.Repeat([]byte("\x89PNG\r\n\x1a\n"), 10<<20/8)}
	c, err := client.New(account, client.WithToken(token), client.WithHTTPClient(&http.Client{Transport: s}))
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 32<<10)
	_, size := costs(t, func(ctx context.Context) error {
		stream, err := c.GetImageBlob(ctx, "a")
		for err == nil {
			_, err = stream.Read(buf)
		}
		if err != io.EOF {
			return err
		}
		return stream.Close()
	})
	limit(t, "bytes", size, 7e3)
}
