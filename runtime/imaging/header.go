package imaging

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
)

const (
	// MaxSide limits each side of an image, in pixels. [documented] WebP is
	// exempt; its format ends at 16,383.
	MaxSide = 12_000
	// MaxArea limits the area of an image, and of all frames of an animation
	// together, in pixels. [documented]
	MaxArea = 100_000_000
	// MaxAnimation is the area of all frames together up to which an animation is
	// transformed; a larger one is passed on as it is. [documented]
	MaxAnimation = 50_000_000
)

// Header is what a file says about its image before the pixels.
type Header struct {
	Format Format
	// Width and Height are those of the image as it is to be looked at, in
	// pixels, 0 for SVG.
	Width, Height int
	// Frames is 1 for a still image.
	Frames int

	stored      image.Point // size before the orientation is applied
	orientation orientation
	// depth is an upper bound of what decoding takes, in bytes a pixel.
	depth int64
	meta  metadata
	// opaque is set for WebP that is known to have no transparency.
	opaque bool
}

// metadata is what a file carries beside the pixels. It shares the file's bytes.
type metadata struct {
	exif []byte // a TIFF file
	icc  func() []byte
}

// Inspect reads the header of an image. It reads a file in one pass and holds no
// pixels, however large the image is. The error wraps [ErrFormat], [ErrDamaged]
// or [ErrTooLarge].
func Inspect(data []byte) (Header, error) {
	h, err := inspect(data)
	if err != nil || h.Format == SVG {
		return h, err
	}
	if err := h.checkSize(); err != nil {
		return h, err
	}
	h.orientation = exifOrientation(h.meta.exif)
	size := h.orientation.size(h.stored)
	h.Width, h.Height = size.X, size.Y
	return h, nil
}

func inspect(data []byte) (Header, error) {
	switch format := Sniff(data); format {
	case JPEG:
		return inspectJPEG(data)
	case PNG:
		return inspectPNG(data)
	case GIF:
		return inspectGIF(data)
	case WebP:
		return inspectWebP(data)
	case SVG:
		return Header{Format: SVG, Frames: 1}, nil
	default:
		return Header{}, ErrFormat
	}
}

// checkSize compares the image with the limits.
func (h *Header) checkSize() error {
	w, ht := int64(h.stored.X), int64(h.stored.Y)
	if w < 1 || ht < 1 {
		return fmt.Errorf("%w: it has no pixels", ErrDamaged)
	}
	if h.Format != WebP && max(w, ht) > MaxSide {
		return fmt.Errorf("%w: a side has more than %d pixels", ErrTooLarge, MaxSide)
	}
	if w*ht > MaxArea/int64(h.Frames) { // sides are below 2^31
		return fmt.Errorf("%w: it has more than %d pixels", ErrTooLarge, MaxArea)
	}
	return nil
}

// area is the number of pixels of all frames.
func (h *Header) area() int64 {
	return int64(h.stored.X) * int64(h.stored.Y) * int64(h.Frames)
}

// animated reports whether the image moves.
func (h *Header) animated() bool { return h.Frames > 1 }

// config asks the decoder itself for the size, so that what is checked is what
// will be decoded.
func (h *Header) config(c image.Config, err error) (Header, error) {
	if err != nil {
		return Header{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	h.stored = image.Pt(c.Width, c.Height)
	h.Frames = max(h.Frames, 1)
	return *h, nil
}

func inspectJPEG(data []byte) (Header, error) {
	s := scanJPEG(data)
	h := Header{Format: JPEG, depth: s.depth(), meta: s.metadata()}
	return h.config(jpeg.DecodeConfig(bytes.NewReader(data)))
}

func inspectPNG(data []byte) (Header, error) {
	h := Header{Format: PNG, depth: pngDepth(data), meta: scanPNG(data)}
	return h.config(png.DecodeConfig(bytes.NewReader(data)))
}

func inspectGIF(data []byte) (Header, error) {
	f := scanGIF(data)
	if len(f.frames) == 0 {
		return Header{}, fmt.Errorf("%w: it has no frame", ErrDamaged)
	}
	return Header{Format: GIF, depth: 1, Frames: len(f.frames), stored: f.canvas()}, nil
}
