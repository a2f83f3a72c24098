package imaging

import (
	"bytes"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"testing"
	"time"

	"github.com/deepteams/webp/animation"
)

// movie is an animation of three frames, each drawn over what the one before
// leaves.
func movie(t testing.TB) []byte {
	t.Helper()
	g := gif.GIF{Config: image.Config{Width: 80, Height: 60}, LoopCount: 4}
	for i, c := range []struct {
		at       image.Rectangle
		disposal byte
	}{{image.Rect(0, 0, 80, 60), gif.DisposalNone}, {image.Rect(20, 20, 40, 40), gif.DisposalPrevious}, {image.Rect(40, 0, 60, 20), gif.DisposalBackground}} {
		frame := image.NewPaletted(c.at, palette.Plan9)
		for j := range frame.Pix {
			frame.Pix[j] = uint8(40 + 60*i)
		}
		g.Image, g.Delay, g.Disposal = append(g.Image, frame), append(g.Delay, 10*(i+1)), append(g.Disposal, c.disposal)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnimations(t *testing.T) {
	t.Parallel()
	file := movie(t)
	at := func(i int) color.RGBA { return color.RGBAModel.Convert(palette.Plan9[40+60*i]).(color.RGBA) }
	check := func(what string, data []byte, delays []time.Duration) {
		h := ok(Inspect(data))(t)
		i := 0
		for frame, err := range h.frames(data) {
			if err != nil {
				t.Fatal(what, err)
			}
			// The middle of each patch, at half the size.
			first, second, third := frame.img.RGBAAt(4, 4), frame.img.RGBAAt(15, 15), frame.img.RGBAAt(25, 5)
			wantSecond, wantThird := at(0), at(0)
			switch i {
			case 1:
				wantSecond = at(1)
			case 2:
				wantThird = at(2)
			}
			if !near(first, at(0)) || !near(second, wantSecond) || !near(third, wantThird) || frame.wait != delays[i] {
				t.Errorf("%s, frame %d: %v %v %v, %v", what, i, first, second, third, frame.wait)
			}
			i++
		}
		if i != 3 || h.Width != 40 || h.Height != 30 || h.loops(data) != 5 {
			t.Errorf("%s: %d frames, %d x %d, %d loops", what, i, h.Width, h.Height, h.loops(data))
		}
	}
	delays := []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 300 * time.Millisecond}
	for _, format := range []Format{Auto, WebP} {
		r, err := Transform(t.Context(), file, Options{Width: 40, Format: format})
		if err != nil {
			t.Fatal(err)
		}
		check("from GIF", r.Data, delays)
		again, err := Transform(t.Context(), r.Data, Options{WebP: WebPNever})
		if err != nil || again.Format != GIF {
			t.Fatal(again.Format, err)
		}
		check("to GIF", again.Data, delays)
	}
	for _, o := range []Options{{Still: true}, {Format: PNG}, {Format: JPEG}} {
		r, img := transformed(t, file, o)
		if h := ok(Inspect(r.Data))(t); h.Frames != 1 || !near(color.RGBAModel.Convert(img.At(30, 30)).(color.RGBA), at(0)) {
			t.Errorf("%+v: %d frames, %v", o, h.Frames, img.At(30, 30))
		}
	}
}

func near(a, b color.RGBA) bool {
	d := func(x, y uint8) int { return max(int(x), int(y)) - min(int(x), int(y)) }
	return d(a.R, b.R) < 12 && d(a.G, b.G) < 12 && d(a.B, b.B) < 12 && d(a.A, b.A) < 12
}

// TestFramesAreApart changes one frame after another, none twice.
func TestFramesAreApart(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	g := gif.GIF{Config: image.Config{Width: 8, Height: 8}}
	for i := range 5 {
		frame := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.RGBA{0, 0, 200, 255}, color.RGBA{}})
		if i > 0 {
			frame = image.NewPaletted(image.Rect(0, 0, 1, 1), frame.Palette)
		}
		g.Image, g.Delay, g.Disposal = append(g.Image, frame), append(g.Delay, 1), append(g.Disposal, gif.DisposalNone)
	}
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	r, err := Transform(t.Context(), b.Bytes(), Options{Brightness: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	h := ok(Inspect(r.Data))(t)
	for frame, err := range h.frames(r.Data) {
		if got := frame.img.RGBAAt(4, 4); err != nil || got != (color.RGBA{0, 0, 100, 255}) {
			t.Errorf("%v, %v", got, err)
		}
	}
}

// TestAnimatedWebP reads what another encoder wrote, with transparent frames.
func TestAnimatedWebP(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	enc := animation.NewEncoder(&b, 32, 32, &animation.EncodeOptions{Quality: 90, Lossless: true})
	for i := range 4 {
		frame := image.NewNRGBA(image.Rect(0, 0, 32, 32))
		for j := range 16 {
			frame.SetNRGBA(8*i+j%4, j, color.NRGBA{255, 0, uint8(60 * i), 255})
		}
		if err := enc.AddFrame(frame, 40*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	h := ok(Inspect(b.Bytes()))(t)
	if h.Frames != 4 {
		t.Fatalf("%d frames", h.Frames)
	}
	r, err := Transform(t.Context(), b.Bytes(), Options{Format: GIF})
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	out := ok(Inspect(r.Data))(t)
	for frame, err := range out.frames(r.Data) {
		want := color.RGBA{255, 0, uint8(60 * i), 255}
		if got := frame.img.RGBAAt(8*i+1, 1); err != nil || !near(got, want) || frame.img.RGBAAt(31, 31).A != 0 {
			t.Errorf("frame %d: %v, %v", i, got, err)
		}
		i++
	}
	if i != 4 {
		t.Errorf("%d frames", i)
	}
}

// TestLargeAnimation passes on what has more pixels than are transformed.
func TestLargeAnimation(t *testing.T) {
	t.Parallel()
	g := gif.GIF{Config: image.Config{Width: 6000, Height: 3000}}
	for range 3 {
		g.Image, g.Delay = append(g.Image, image.NewPaletted(image.Rect(0, 0, 1, 1), palette.Plan9)), append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	r, err := Transform(t.Context(), b.Bytes(), Options{Width: 10, Format: WebP})
	if err != nil || !bytes.Equal(r.Data, b.Bytes()) || r.Format != GIF {
		t.Errorf("%d bytes of format %d, %v", len(r.Data), r.Format, err)
	}
}
