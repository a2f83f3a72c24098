package fake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// testClock is a clock that moves when it is told to.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock {
	return &testClock{now: time.Date(2026, 3, 4, 5, 6, 7, 89_765_432, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// onePixel is a PNG of one pixel.
var onePixel = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// pixel returns an image of one pixel; different n give different bytes, behind
// the end of the image.
func pixel(n int) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(onePixel()), uint64(n))
}

func file(n int) *contract.File { return fileOf(fmt.Sprintf("%d.png", n), pixel(n)) }

func fileOf(name string, data []byte) *contract.File { return contract.Bytes(name, data) }

// upload stores an image made of n.
func upload(t testing.TB, a *Account, n int, change ...func(*api.ImageUpload)) *api.Image {
	t.Helper()
	in := api.ImageUpload{File: file(n)}
	for _, f := range change {
		f(&in)
	}
	return ok(a.UploadImage(t.Context(), in))(t)
}

// ok returns a result whose call must have succeeded.
func ok[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return v
	}
}

// get returns an image that must exist.
func get(t testing.TB, a *Account, id string) *api.Image {
	t.Helper()
	return ok(a.GetImage(t.Context(), id))(t)
}

// fails checks that a call was refused with an error of this kind.
func fails(t testing.TB, err error, kind *contract.ErrorKind) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("error is %v, want %s", err, kind.Name)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

// blobOf returns the bytes and media type of an image.
func blobOf(t testing.TB, a *Account, id string) ([]byte, string) {
	t.Helper()
	s := ok(a.GetImageBlob(t.Context(), id))(t)
	defer func() { _ = s.Close() }()
	data := ok(io.ReadAll(s))(t)
	equal(t, "size", s.Size, int64(len(data)))
	return data, s.ContentType
}

// walk follows the tokens of a list and returns the ids of each page.
func walk(t testing.TB, a *Account, in api.ListImagesParams, between ...func()) [][]string {
	t.Helper()
	var pages [][]string
	for {
		page := ok(a.ListImages(t.Context(), in))(t)
		pages = append(pages, ids(page.Images))
		if page.ContinuationToken == nil {
			return pages
		}
		in.ContinuationToken = *page.ContinuationToken
		for _, f := range between {
			f()
		}
	}
}

func ids(images []api.Image) []string {
	out := make([]string, len(images))
	for i := range images {
		out[i] = images[i].ID
	}
	return out
}

// sample reads an image of the Go distribution.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	return ok(os.ReadFile(filepath.Join(runtime.GOROOT(), "src", "image", filepath.FromSlash(name))))(t)
}
