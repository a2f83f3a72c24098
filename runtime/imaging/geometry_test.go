package imaging

import (
	"image"
	"image/color"
	stddraw "image/draw"
	"math"
	"testing"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// fits are the sizes of the results of each way to fit.
var fits = []Fit{ScaleDown, Contain, Cover, Crop, Pad, Squeeze, ScaleUp}

var shapes = []struct {
	name     string
	src, box image.Point
	want     [7]image.Point // by fits
}{
	{"a wide box", pt(300, 225), pt(50, 30), [7]image.Point{pt(40, 30), pt(40, 30), pt(50, 30), pt(50, 30), pt(50, 30), pt(50, 30), pt(300, 225)}},
	{"smaller", pt(100, 50), pt(200, 200), [7]image.Point{pt(100, 50), pt(200, 100), pt(200, 200), pt(100, 50), pt(200, 200), pt(200, 200), pt(200, 100)}},
	{"taller and narrower", pt(100, 400), pt(200, 200), [7]image.Point{pt(50, 200), pt(50, 200), pt(200, 200), pt(100, 200), pt(200, 200), pt(200, 200), pt(100, 400)}},
	{"equal", pt(90, 90), pt(90, 90), [7]image.Point{pt(90, 90), pt(90, 90), pt(90, 90), pt(90, 90), pt(90, 90), pt(90, 90), pt(90, 90)}},
	{"a line", pt(1, 1000), pt(100, 100), [7]image.Point{pt(1, 100), pt(1, 100), pt(100, 100), pt(1, 100), pt(100, 100), pt(100, 100), pt(1, 1000)}},
	{"width alone", pt(111, 259), pt(33, 0), [7]image.Point{pt(33, 77), pt(33, 77), pt(33, 77), pt(33, 77), pt(33, 77), pt(33, 77), pt(111, 259)}},
	{"height alone", pt(160, 120), pt(0, 60), [7]image.Point{pt(80, 60), pt(80, 60), pt(80, 60), pt(80, 60), pt(80, 60), pt(80, 60), pt(160, 120)}},
	{"width alone, larger", pt(50, 50), pt(100, 0), [7]image.Point{pt(50, 50), pt(100, 100), pt(100, 100), pt(50, 50), pt(100, 100), pt(100, 100), pt(100, 100)}},
	{"odd sides", pt(123, 457), pt(61, 61), [7]image.Point{pt(16, 61), pt(16, 61), pt(61, 61), pt(61, 61), pt(61, 61), pt(61, 61), pt(123, 457)}},
	{"a single pixel", pt(100, 75), pt(1, 1), [7]image.Point{pt(1, 1), pt(1, 1), pt(1, 1), pt(1, 1), pt(1, 1), pt(1, 1), pt(100, 75)}},
	{"no box", pt(200, 101), pt(0, 0), [7]image.Point{pt(200, 101), pt(200, 101), pt(200, 101), pt(200, 101), pt(200, 101), pt(200, 101), pt(200, 101)}},
	{"half a pixel", pt(50, 49), pt(25, 25), [7]image.Point{pt(25, 25), pt(25, 25), pt(25, 25), pt(25, 25), pt(25, 25), pt(25, 25), pt(50, 49)}},
}

func pt(x, y int) image.Point { return image.Pt(x, y) }

// TestGeometry compares sizes with a table, and pixels with those of another
// resampler that has the same filter and shrinks in one step.
func TestGeometry(t *testing.T) {
	t.Parallel()
	least := math.Inf(1)
	for _, shape := range shapes {
		src := photo(t, shape.src.X, shape.src.Y)
		file := pngOf(t, src)
		for i, fit := range fits {
			r, got := transformed(t, file, Options{Width: shape.box.X, Height: shape.box.Y, Fit: fit})
			if pt(r.Width, r.Height) != shape.want[i] {
				t.Errorf("%s, fit %d: %d x %d, want %v", shape.name, fit, r.Width, r.Height, shape.want[i])
				continue
			}
			alike := psnr(t, got, reference(src, shape.box, fit, shape.want[i]))
			if least = min(least, alike); alike < 38 {
				t.Errorf("%s, fit %d: %.1f dB", shape.name, fit, alike)
			}
		}
	}
	t.Logf("at least %.1f dB", least)
}

// reference scales an image by golang.org/x/image.
func reference(src *image.RGBA, box image.Point, fit Fit, size image.Point) image.Image {
	s := src.Rect.Size()
	x, y := float64(size.X)/float64(s.X), float64(size.Y)/float64(s.Y)
	dst := image.NewRGBA(image.Rectangle{Max: size})
	switch {
	case fit == Cover || fit == Crop && s.X >= size.X && s.Y >= size.Y && size == box:
		x = max(x, y)
		y = x
	case fit == Crop:
		x = min(max(x, y), 1)
		y = x
	case fit == Pad:
		stddraw.Draw(dst, dst.Rect, image.White, image.Point{}, stddraw.Src)
		scale := min(x, y)
		w, h := math.Max(math.Round(float64(s.X)*scale), 1), math.Max(math.Round(float64(s.Y)*scale), 1)
		at := image.Pt(int(float64(size.X)-w)/2, int(float64(size.Y)-h)/2)
		draw.CatmullRom.Scale(dst, image.Rectangle{at, at.Add(image.Pt(int(w), int(h)))}, src, src.Rect, draw.Src, nil)
		return dst
	default:
		draw.CatmullRom.Scale(dst, dst.Rect, src, src.Rect, draw.Src, nil)
		return dst
	}
	dx, dy := (float64(size.X)-x*float64(s.X))/2, (float64(size.Y)-y*float64(s.Y))/2
	if x == 1 {
		dx, dy = math.Ceil(dx), math.Ceil(dy)
	}
	draw.CatmullRom.Transform(dst, f64.Aff3{x, 0, dx, 0, y, dy}, src, src.Rect, draw.Src, nil)
	return dst
}

// TestPhotographs compares what is made of JPEG files, whose colour differences
// are scaled apart, with the reference made of the decoded file.
func TestPhotographs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"video-001.q50.444.jpeg", "video-001.q50.440.jpeg", "go-turns-two-280x360.jpeg", "video-005.gray.jpeg", "video-001.cmyk.jpeg"} {
		file := sample(t, name)
		src := decodeImage(t, file)
		whole := plain(src)
		for _, w := range []int{40, 67, 149} {
			r, got := transformed(t, file, Options{Width: w, Fit: Contain, Format: PNG})
			want := image.NewRGBA(got.Bounds())
			draw.CatmullRom.Scale(want, want.Rect, whole, whole.Rect, draw.Src, nil)
			if alike := psnr(t, got, want); alike < 38 {
				t.Errorf("%s, %d pixels: %.1f dB", name, r.Width, alike)
			}
		}
	}
	big := photo(t, 600, 450)
	file := jpegOf(t, big, 92)
	whole := plain(decodeImage(t, file))
	_, got := transformed(t, file, Options{Width: 150, Format: PNG})
	want := image.NewRGBA(got.Bounds())
	draw.CatmullRom.Scale(want, want.Rect, whole, whole.Rect, draw.Src, nil)
	alike := psnr(t, got, want)
	if t.Logf("photograph to a quarter: %.1f dB", alike); alike < 38 {
		t.Errorf("%.1f dB", alike)
	}
	_, inJPEG := transformed(t, file, Options{Width: 150, Quality: 100})
	if alike := psnr(t, inJPEG, decodeImage(t, jpegOf(t, want, 100))); alike < 38 {
		t.Errorf("colours at half the size: %.1f dB", alike)
	}
}

func TestGravity(t *testing.T) {
	t.Parallel()
	// Four quarters of different colours, of which a corner is kept.
	src := image.NewRGBA(image.Rect(0, 0, 64, 64))
	colours := [2][2]color.RGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{0, 0, 255, 255}, {9, 9, 9, 255}}}
	for y := range 64 {
		for x := range 64 {
			src.SetRGBA(x, y, colours[y/32][x/32])
		}
	}
	for _, c := range []struct {
		gravity  Gravity
		w, h     int
		x, y     int
		row, col int
	}{
		{Gravity{-0.5, 0}, 16, 64, 8, 8, 0, 0},
		{Gravity{0.5, 0}, 16, 64, 8, 8, 0, 1},
		{Gravity{0, -0.5}, 64, 16, 8, 8, 0, 0},
		{Gravity{0, 0.5}, 64, 16, 8, 8, 1, 0},
	} {
		for _, fit := range []Fit{Cover, Crop} {
			_, img := transformed(t, pngOf(t, src), Options{Width: c.w, Height: c.h, Fit: fit, Gravity: c.gravity})
			if got := color.RGBAModel.Convert(img.At(c.x, c.y)); got != colours[c.row][c.col] {
				t.Errorf("%+v, fit %d: %v", c, fit, got)
			}
		}
	}
}

func TestMeasureKnowsTheSize(t *testing.T) {
	t.Parallel()
	file := pngOf(t, photo(t, 90, 60))
	h := ok(Inspect(file))(t)
	for _, o := range []Options{{Width: 30}, {Width: 30, Height: 30, Fit: Pad}, {Turns: 1}, {Trim: Trim{1, 2, 3, 4}}} {
		r, _ := transformed(t, file, o)
		if w, ht, err := Measure(h, o); err != nil || w != r.Width || ht != r.Height {
			t.Errorf("%+v: %d x %d, %v, and is %d x %d", o, w, ht, err, r.Width, r.Height)
		}
	}
}
