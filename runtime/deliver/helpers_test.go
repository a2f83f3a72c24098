package deliver_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/origin"
	"github.com/cfimages/cfimages/runtime/sign"
)

const hash = "ZWd9g1K7eljCn_KDTu_MWA"

var start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// source is a service of one account.
type source struct {
	now      time.Time
	settings origin.Settings
	keys     []sign.Key
	variants map[string]api.Variant
	images   map[string]origin.Image
	fails    error
}

func (s *source) Now() time.Time { return s.now }

func (s *source) AccountByHash(h string) (origin.Account, bool) { return s, h == hash }

func (s *source) Settings() origin.Settings { return s.settings }

func (s *source) SigningKeys() []sign.Key { return s.keys }

func (s *source) Variant(name string) (api.Variant, bool) {
	v, ok := s.variants[name]
	return v, ok
}

func (s *source) Image(_ context.Context, id string) (origin.Image, error) {
	img, ok := s.images[id]
	switch {
	case s.fails != nil:
		return img, s.fails
	case !ok:
		return img, origin.ErrNotFound
	default:
		return img, nil
	}
}

// store adds an image.
func (s *source) store(id string, data []byte, private bool) {
	s.images[id] = origin.Image{Private: private, Sum: sha256.Sum256(data), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
}

func newSource(t testing.TB) *source {
	t.Helper()
	variant := func(fit api.VariantFit, w, h int64, never bool) api.Variant {
		return api.Variant{Options: api.VariantOptions{Fit: fit, Width: w, Height: h, Metadata: api.VariantMetadataNone}, NeverRequireSignedURLs: never}
	}
	s := &source{
		now:    start,
		keys:   []sign.Key{"first-key", "second-key"},
		images: map[string]origin.Image{},
		variants: map[string]api.Variant{
			"public": variant(api.VariantFitScaleDown, 1366, 768, false),
			"thumb":  variant(api.VariantFitCover, 20, 10, false),
			"teaser": variant(api.VariantFitContain, 5, 5, true),
		},
	}
	s.store("photo", pictureJPEG(t, 60, 40), false)
	s.store("drawing", picturePNG(t, 30, 30), false)
	s.store("private", picturePNG(t, 40, 40), true)
	s.store("a/b%c d/猫.png", picturePNG(t, 30, 20), false)
	s.store("a//b", picturePNG(t, 30, 20), false)
	s.store("vector", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>x</script><g/></svg>`), false)
	s.store("text", []byte("no image"), false)
	s.store("damaged", pictureJPEG(t, 60, 40)[:300], false)
	return s
}

func picture(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(5 * x), uint8(5 * y), uint8(x * y), 255})
		}
	}
	return img
}

func pictureJPEG(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func picturePNG(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture(w, h)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ask sends a request with headers, which are names and values by turns.
func ask(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	return ask(h, http.MethodGet, target, header...)
}

// size is that of the image in an answer.
func size(t testing.TB, w *httptest.ResponseRecorder) image.Point {
	t.Helper()
	c, _, err := image.DecodeConfig(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return image.Pt(c.Width, c.Height)
}
