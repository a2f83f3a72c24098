package imaging

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

// FuzzInspect reads any header, and decodes what claims to be small.
func FuzzInspect(f *testing.F) {
	// Small ones: the fuzzer tries to make smaller whatever it finds.
	for _, name := range []string{"video-005.gray.q50.2x2.progressive.jpeg", "basn3p02.png", "basn6a16.png"} {
		f.Add(sample(f, name), uint16(7), uint16(9), byte(0))
	}
	tiny := photo(f, 9, 7)
	for _, format := range []Format{JPEG, PNG, GIF, WebP} {
		r, err := Transform(context.Background(), pngOf(f, tiny), Options{Format: format})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(r.Data, uint16(5), uint16(9), byte(format))
	}
	f.Add(movie(f), uint16(30), uint16(30), byte(WebP))
	f.Add(gifHeader(10, 10, 2), uint16(3), uint16(0), byte(GIF))
	f.Add(append(vp8x(10, 10, 2), vp8l(10, 10)...), uint16(3), uint16(0), byte(PNG))
	f.Add(metadata{exif: orientationTIFF(7)}.intoJPEG(jpegHeader(10, 10)), uint16(3), uint16(0), byte(JPEG))
	f.Fuzz(func(t *testing.T, data []byte, w, h uint16, format byte) {
		head, err := Inspect(data)
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
			return
		}
		if head.Format == SVG || head.Frames < 1 || head.area() > 1<<16 {
			return
		}
		o := Options{Width: int(w % 64), Height: int(h % 64), Fit: Fit(w % 7), Format: Format(format % 5), Metadata: Keep, Turns: int(h % 4)}
		r, err := Transform(context.Background(), data, o)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
			return
		}
		again, err := Inspect(r.Data)
		if err != nil || again.Width != r.Width || again.Height != r.Height || again.Format != r.Format {
			t.Fatalf("%+v, %v, of %d x %d", again, err, r.Width, r.Height)
		}
	})
}

// FuzzSanitise leaves nothing that runs, and nothing to do a second time.
func FuzzSanitise(f *testing.F) {
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><a href="x"><g onclick="y" style="fill:url(#a)"/></a><style>a{}</style></svg>`))
	f.Add([]byte(`<?xml version="1.0" encoding="latin1"?><!DOCTYPE svg><svg:svg><svg:script/><set attributeName="href"/>&x;&#9;</svg:svg>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		once, err := Sanitise(data)
		if err != nil {
			return
		}
		twice, err := Sanitise(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%q\nbecomes %q\n%v", once, twice, err)
		}
		lower := bytes.ToLower(once)
		for _, bad := range []string{"<script", "<foreignobject", "<a ", "<a>", "<iframe", "<!", "<?", " onload=", " onclick="} {
			if bytes.Contains(lower, []byte(bad)) {
				t.Fatalf("%s is left in %q", bad, once)
			}
		}
	})
}
