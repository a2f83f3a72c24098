package imaging

import (
	"os"
	"testing"
)

// BenchmarkShrink makes a screen's picture of a camera's. IMAGING_SAMPLE names a
// JPEG file to use instead, or one to write if it is not there.
func BenchmarkShrink(b *testing.B) {
	file := camera(b)
	for _, format := range []struct {
		name string
		f    Format
	}{{"jpeg", JPEG}, {"webp", WebP}} {
		b.Run(format.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Transform(b.Context(), file, Options{Width: 1366, Height: 768, Format: format.f}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	r, err := newHeader(b, file).decode(file)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("scale", func(b *testing.B) {
		p, err := newPlan(*newHeader(b, file), &Options{Width: 1366, Height: 768})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			p.draw(r)
		}
	})
	b.Run("decode", func(b *testing.B) {
		h := newHeader(b, file)
		for b.Loop() {
			if _, err := h.decode(file); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func newHeader(t testing.TB, file []byte) *Header {
	h := ok(Inspect(file))(t)
	return &h
}

// camera is a JPEG file of 4000 x 3000 pixels.
func camera(t testing.TB) []byte {
	name := os.Getenv("IMAGING_SAMPLE")
	if data, err := os.ReadFile(name); err == nil {
		return data
	}
	data := jpegOf(t, photo(t, 4000, 3000), 85)
	if name != "" {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return data
}
