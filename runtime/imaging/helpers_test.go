package imaging

import (
	"bytes"
	"go/build"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

func ok[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// sample reads an image of the Go distribution or of golang.org/x/image.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	ximage := ok(build.Import("golang.org/x/image/webp", ".", build.FindOnly))(t).Dir
	for _, dir := range []string{
		filepath.Join(runtime.GOROOT(), "src", "image", "testdata"),
		filepath.Join(runtime.GOROOT(), "src", "image", "png", "testdata"),
		filepath.Join(runtime.GOROOT(), "src", "image", "png", "testdata", "pngsuite"),
		filepath.Join(filepath.Dir(ximage), "testdata"),
	} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			return data
		}
	}
	t.Fatalf("there is no sample %s", name)
	return nil
}

func decodeImage(t testing.TB, data []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// portrait is a rose before another picture.
var portrait struct {
	once sync.Once
	img  *image.RGBA
}

// photo is a photograph of the given size: a smaller one, mirrored again and
// again, so that it has as much detail as it had.
func photo(t testing.TB, w, h int) *image.RGBA {
	t.Helper()
	portrait.once.Do(func() {
		rose := decodeImage(t, sample(t, "yellow_rose.png"))
		portrait.img = image.NewRGBA(image.Rectangle{Max: rose.Bounds().Size()})
		draw.Draw(portrait.img, portrait.img.Rect, decodeImage(t, sample(t, "blue-purple-pink-large.png")), image.Point{}, draw.Src)
		draw.Draw(portrait.img, portrait.img.Rect, rose, rose.Bounds().Min, draw.Over)
	})
	src := portrait.img
	fold := func(v, n int) int {
		if v %= 2 * n; v >= n {
			return 2*n - 1 - v
		}
		return v
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		from, to := src.Pix[fold(y, src.Rect.Dy())*src.Stride:], out.Pix[y*out.Stride:]
		for x := range w {
			copy(to[4*x:4*x+4], from[4*fold(x, src.Rect.Dx()):])
		}
	}
	return out
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// psnr compares two images, in decibels: more is more alike.
func psnr(t testing.TB, a, b image.Image) float64 {
	t.Helper()
	if a.Bounds().Size() != b.Bounds().Size() {
		t.Fatalf("sizes %v and %v", a.Bounds().Size(), b.Bounds().Size())
	}
	p, q, sum := plain(a), plain(b), 0.0
	for i, v := range p.Pix {
		d := float64(v) - float64(q.Pix[i])
		sum += d * d
	}
	if sum == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(255*255/(sum/float64(len(p.Pix))))
}

// plain returns an image as RGBA.
func plain(img image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// transformed transforms and decodes.
func transformed(t testing.TB, data []byte, o Options) (Result, image.Image) {
	t.Helper()
	r, err := Transform(t.Context(), data, o)
	if err != nil {
		t.Fatal(err)
	}
	img := decodeImage(t, r.Data)
	if s := img.Bounds().Size(); s != image.Pt(r.Width, r.Height) {
		t.Fatalf("the result says %d x %d and is %v", r.Width, r.Height, s)
	}
	return r, img
}
