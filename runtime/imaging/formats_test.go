package imaging

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"testing"
)

// TestOddFiles decodes what the formats have beside the usual, and compares it
// with what the decoder of the standard library makes of it.
func TestOddFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"video-001.cmyk.jpeg", "video-001.progressive.jpeg", "video-001.221212.jpeg", "video-001.rgb.jpeg", "video-001.restart2.jpeg",
		"video-005.gray.jpeg", "video-001.q50.410.progressive.jpeg", "video-001.q50.411.jpeg", "video-001.q50.422.jpeg",
		"basn0g16.png", "basn2c16.png", "basn3p08.png", "basn3p01.png", "basn4a16.png", "basn6a08.png", "basn2c08.png", "basn3p04-31i.png", "benchRGB-interlace.png", "gray-gradient.interlaced.png", "ftbbn3p08.png",
		"video-001.gif", "video-001.interlaced.gif", "triangle-001.gif",
		"yellow_rose.lossless.webp", "gopher-doc.with-alpha.lossless.webp", "tux.lossless.webp",
	} {
		file := sample(t, name)
		_, got := transformed(t, file, Options{Format: PNG})
		if alike := psnr(t, got, decodeImage(t, file)); alike < 38 {
			t.Errorf("%s: %.1f dB", name, alike)
		}
		for _, format := range []Format{JPEG, PNG, GIF, WebP} {
			r, _ := transformed(t, file, Options{Format: format, Width: 20})
			if r.Format != format || Sniff(r.Data) != format {
				t.Errorf("%s is format %d and not %d", name, r.Format, format)
			}
		}
	}
}

// TestWebPColours compares lossy files with their lossless originals: a decoder
// that took the range of video for that of JPEG would be far off.
func TestWebPColours(t *testing.T) {
	t.Parallel()
	for lossy, original := range map[string]string{
		"yellow_rose.lossy.webp":            "yellow_rose.png",
		"yellow_rose.lossy-with-alpha.webp": "yellow_rose.png",
		"blue-purple-pink.lossy.webp":       "blue-purple-pink.png",
	} {
		_, got := transformed(t, sample(t, lossy), Options{Format: PNG, Background: color.NRGBA{255, 255, 255, 255}})
		_, want := transformed(t, sample(t, original), Options{Format: PNG, Background: color.NRGBA{255, 255, 255, 255}})
		alike := psnr(t, got, want)
		if t.Logf("%s: %.1f dB", lossy, alike); alike < 33 {
			t.Errorf("%s: %.1f dB", lossy, alike)
		}
	}
}

// TestWebPIsWritten compares what is written with what was to be written.
func TestWebPIsWritten(t *testing.T) {
	t.Parallel()
	src := photo(t, 320, 240)
	rose := decodeImage(t, sample(t, "yellow_rose.png"))
	for name, c := range map[string]struct {
		file  []byte
		o     Options
		least float64
	}{
		"photograph":   {pngOf(t, src), Options{}, 32},
		"transparent":  {pngOf(t, rose), Options{}, 32},
		"lossless":     {pngOf(t, src), Options{Quality: 100}, 99},
		"lossless too": {pngOf(t, rose), Options{Quality: 100}, 50}, // invisible colours may differ
	} {
		c.o.Format = WebP
		r, err := Transform(t.Context(), c.file, c.o)
		if err != nil {
			t.Fatal(err)
		}
		h := ok(scanWebP(r.Data))(t)
		got := ok(h.frames[0].decode())(t)
		raster := newRaster(got)
		even := raster.evenly()
		want := newRaster(decodeImage(t, c.file))
		if alike := psnr(t, even.image(), want.image()); alike < c.least {
			t.Errorf("%s: %.1f dB", name, alike)
		}
	}
}

func TestOrientations(t *testing.T) {
	t.Parallel()
	upright := photo(t, 60, 40)
	for value := 1; value <= 8; value++ {
		turn := exifOrientations[value]
		file := metadata{exif: orientationTIFF(value)}.intoPNG(pngOf(t, stored(upright, turn)))
		h := ok(Inspect(file))(t)
		if h.Width != 60 || h.Height != 40 {
			t.Errorf("orientation %d: %d x %d", value, h.Width, h.Height)
		}
		r, got := transformed(t, file, Options{Metadata: Keep})
		if alike := psnr(t, got, upright); alike < 60 {
			t.Errorf("orientation %d: %.1f dB", value, alike)
		}
		if again := ok(Inspect(r.Data))(t); again.orientation != (orientation{}) || again.meta.exif == nil {
			t.Errorf("orientation %d is applied and still told: %+v", value, again)
		}
		_, want := transformed(t, pngOf(t, upright), Options{Width: 13, Height: 21, Fit: Cover, Gravity: Gravity{0.3, -0.2}, FlipX: true, Turns: 3, Trim: Trim{1, 2, 3, 4}})
		_, got = transformed(t, file, Options{Width: 13, Height: 21, Fit: Cover, Gravity: Gravity{0.3, -0.2}, FlipX: true, Turns: 3, Trim: Trim{1, 2, 3, 4}})
		if alike := psnr(t, got, want); alike < 48 {
			t.Errorf("orientation %d, all at once: %.1f dB", value, alike)
		}
	}
}

// stored is how an image is stored that has an orientation.
func stored(upright *image.RGBA, turn orientation) *image.RGBA {
	s := upright.Rect.Size()
	raw := turn.size(s)
	out := image.NewRGBA(image.Rectangle{Max: raw})
	for y := range s.Y {
		for x := range s.X {
			u, v := x, y
			if turn.swap {
				u, v = y, x
			}
			if turn.flipX {
				u = raw.X - 1 - u
			}
			if turn.flipY {
				v = raw.Y - 1 - v
			}
			out.SetRGBA(u, v, upright.RGBAAt(x, y))
		}
	}
	return out
}

// orientationTIFF is EXIF data with an orientation, most significant byte first.
func orientationTIFF(value int) []byte {
	return append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), byte(value), 0, 0, 0, 0, 0, 0)
}

// TestTurns follows single pixels through flips and turns. A flip is first.
func TestTurns(t *testing.T) {
	t.Parallel()
	src := image.NewGray(image.Rect(0, 0, 3, 2))
	copy(src.Pix, []byte{10, 20, 30, 40, 50, 60})
	for _, c := range []struct {
		o    Options
		w    int
		want []byte
	}{
		{Options{}, 3, []byte{10, 20, 30, 40, 50, 60}},
		{Options{FlipX: true}, 3, []byte{30, 20, 10, 60, 50, 40}},
		{Options{FlipY: true}, 3, []byte{40, 50, 60, 10, 20, 30}},
		{Options{Turns: 1}, 2, []byte{40, 10, 50, 20, 60, 30}},
		{Options{Turns: 2}, 3, []byte{60, 50, 40, 30, 20, 10}},
		{Options{Turns: 3}, 2, []byte{30, 60, 20, 50, 10, 40}},
		{Options{FlipX: true, Turns: 1}, 2, []byte{60, 30, 50, 20, 40, 10}},
		{Options{Trim: Trim{Top: 1, Right: 1}}, 2, []byte{40, 50}},
	} {
		_, img := transformed(t, pngOf(t, src), c.o)
		got := img.(*image.Gray)
		if got.Rect.Dx() != c.w || !bytes.Equal(got.Pix, c.want) {
			t.Errorf("%+v: %v, %d wide", c.o, got.Pix, got.Rect.Dx())
		}
	}
}

func TestWebPUse(t *testing.T) {
	t.Parallel()
	jpegFile, lossy, lossless := sample(t, "video-001.jpeg"), sample(t, "video-001.lossy.webp"), sample(t, "tux.lossless.webp")
	for _, c := range []struct {
		file []byte
		use  WebPUse
		want Format
	}{
		{jpegFile, WebPStays, JPEG}, {jpegFile, WebPMade, WebP}, {jpegFile, WebPNever, JPEG},
		{lossy, WebPStays, WebP}, {lossy, WebPMade, WebP}, {lossy, WebPNever, JPEG},
		{lossless, WebPStays, WebP}, {lossless, WebPNever, PNG},
	} {
		if r, _ := transformed(t, c.file, Options{WebP: c.use}); r.Format != c.want {
			t.Errorf("use %d: format %d, want %d", c.use, r.Format, c.want)
		}
	}
}

func TestRetouching(t *testing.T) {
	t.Parallel()
	src := photo(t, 64, 48)
	flat := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range flat.Pix {
		flat.Pix[i] = [4]uint8{100, 50, 200, 255}[i%4]
	}
	at := func(file []byte, o Options) color.RGBA {
		o.Format = PNG
		_, img := transformed(t, file, o)
		return color.RGBAModel.Convert(img.At(4, 4)).(color.RGBA)
	}
	for _, c := range []struct {
		o    Options
		want color.RGBA
	}{
		{Options{Brightness: 1.1}, color.RGBA{110, 55, 220, 255}},
		{Options{Contrast: 2}, color.RGBA{73, 0, 255, 255}},
		{Options{Gamma: 2}, color.RGBA{160, 113, 226, 255}},
		{Options{Saturation: -1}, color.RGBA{82, 82, 82, 255}},
		{Options{Blur: 20}, color.RGBA{100, 50, 200, 255}},
		{Options{Sharpen: 5}, color.RGBA{100, 50, 200, 255}},
	} {
		if got := at(pngOf(t, flat), c.o); !near(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.o, got, c.want)
		}
	}
	sharpness := func(o Options) (sum int) {
		o.Format = PNG
		_, img := transformed(t, pngOf(t, src), o)
		for y := range 48 {
			for x := range 63 {
				a, b := color.GrayModel.Convert(img.At(x, y)).(color.Gray), color.GrayModel.Convert(img.At(x+1, y)).(color.Gray)
				sum += max(int(a.Y), int(b.Y)) - min(int(a.Y), int(b.Y))
			}
		}
		return sum
	}
	plain := sharpness(Options{})
	if sharp, soft, softer := sharpness(Options{Sharpen: 2}), sharpness(Options{Blur: 4}), sharpness(Options{Blur: 250}); sharp <= plain || soft >= plain || softer >= soft {
		t.Errorf("%d as it is, %d sharpened, %d and %d blurred", plain, sharp, soft, softer)
	}
}

func TestBackground(t *testing.T) {
	t.Parallel()
	empty := pngOf(t, image.NewNRGBA(image.Rect(0, 0, 10, 10)))
	red, none, white := color.NRGBA{255, 0, 0, 255}, color.NRGBA{}, color.NRGBA{255, 255, 255, 255}
	for _, c := range []struct {
		o    Options
		want color.NRGBA
	}{
		{Options{Format: PNG}, none},
		{Options{Format: JPEG}, white},
		{Options{Format: PNG, Background: red}, red},
		{Options{Format: PNG, Width: 20, Height: 10, Fit: Pad}, white},
		{Options{Format: PNG, Width: 20, Height: 10, Fit: Pad, Background: red}, red},
	} {
		_, img := transformed(t, empty, c.o)
		if got := color.NRGBAModel.Convert(img.At(1, 1)).(color.NRGBA); got != c.want {
			t.Errorf("%+v: %v, want %v", c.o, got, c.want)
		}
	}
}

// TestColourCount keeps images of few colours, and comes near to others.
func TestColourCount(t *testing.T) {
	t.Parallel()
	src := photo(t, 64, 64)
	if alike := psnr(t, reduce(src), src); alike < 30 {
		t.Errorf("256 colours: %.1f dB", alike)
	}
	few := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		few.SetRGBA(i%16, i/16, color.RGBA{uint8(i), uint8(255 - i), 7, 255})
	}
	if got := reduce(few); psnr(t, got, few) < 99 {
		t.Errorf("an image of 256 colours changes")
	}
	few.SetRGBA(3, 3, color.RGBA{})
	few.SetRGBA(4, 3, color.RGBA{1, 2, 3, 255})
	got := reduce(few)
	if len(got.Palette) > mostColours || got.At(3, 3) != (color.RGBA{}) || psnr(t, got, few) < 40 {
		t.Errorf("%d colours and a transparent one: %.1f dB", len(got.Palette), psnr(t, got, few))
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	file := pngOf(t, photo(t, 30, 20))
	for name, c := range map[string]struct {
		data []byte
		o    Options
		want error
	}{
		"empty":          {nil, Options{}, ErrFormat},
		"text":           {[]byte("hello"), Options{}, ErrFormat},
		"too large":      {file, Options{Width: MaxSide + 1, Fit: Contain}, ErrTooLarge},
		"far too large":  {file, Options{Width: 1 << 30, Height: 1 << 30, Fit: Pad}, ErrTooLarge},
		"nothing left":   {file, Options{Trim: Trim{Top: 10, Bottom: 10}}, ErrTooLarge},
		"a negative cut": {file, Options{Trim: Trim{Top: -1}}, ErrTooLarge},
	} {
		if r, err := Transform(t.Context(), c.data, c.o); !errors.Is(err, c.want) || r.Data != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
