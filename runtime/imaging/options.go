package imaging

import "image/color"

// Metadata says what of an image's metadata is passed on, where the format of
// the result can hold it.
type Metadata uint8

// What is passed on. The orientation is applied in any case.
const (
	None      Metadata = iota // nothing
	Copyright                 // the copyright tag of EXIF
	Keep                      // EXIF and the colour profile
)

// DefaultQuality is that of [Options] without one. [sdk]
const DefaultQuality = 85

// Options say what is made of an image. The zero value re-encodes it without its
// metadata. Values can be compared, and mean the same when they are equal.
type Options struct {
	// Width and Height are the box, in pixels; 0 is open.
	Width, Height int
	Fit           Fit
	Gravity       Gravity
	// Trim cuts off pixels at the sides before anything else.
	Trim Trim
	// FlipX and FlipY mirror the image, from left to right and from top to bottom;
	// then it is turned by Turns quarters, clockwise. [sdk]
	FlipX, FlipY bool
	Turns        int
	// Background fills what is transparent, or padded. One without alpha is none:
	// padding and formats without transparency are white then.
	Background color.NRGBA
	// Blur is a radius in pixels of the result; 0 is none.
	Blur float64
	// Sharpen is the strength of an unsharp mask; 0 is none.
	Sharpen float64
	// Brightness, Contrast and Gamma are factors; 0 and 1 change nothing.
	Brightness, Contrast, Gamma float64
	// Saturation is added to the factor 1; -1 makes an image grey.
	Saturation float64
	// Format is that of the result. WebP says what Auto means.
	Format Format
	WebP   WebPUse
	// Quality is from 1 to 100, or 0 for [DefaultQuality]. 100 makes WebP
	// lossless. [assumed]
	Quality int
	// Still takes the first frame of an animation.
	Still    bool
	Metadata Metadata
}

// WebPUse says where WebP is the format of a result that may have any.
type WebPUse uint8

// The uses of WebP.
const (
	WebPStays WebPUse = iota // of what is WebP already
	WebPMade                 // of everything
	WebPNever                // of nothing: a photograph becomes JPEG, the rest PNG or GIF
)

// Trim is what is cut off at each side, in pixels.
type Trim struct{ Top, Right, Bottom, Left int }

func (o *Options) quality() int {
	if o.Quality == 0 {
		return DefaultQuality
	}
	return min(max(o.Quality, 1), 100)
}

// background is the colour behind what is transparent, for what needs one.
func (o *Options) background() color.NRGBA {
	if o.Background.A == 0 {
		return color.NRGBA{255, 255, 255, 255}
	}
	return o.Background
}

// recolours reports whether colours are to change.
func (o *Options) recolours() bool {
	neutral := func(factor float64) bool { return factor == 0 || factor == 1 }
	return !neutral(o.Brightness) || !neutral(o.Contrast) || !neutral(o.Gamma) || o.Saturation != 0
}

// retouches reports whether pixels are to change after they were scaled.
func (o *Options) retouches() bool {
	return o.recolours() || o.Blur > 0 || o.Sharpen > 0 || o.Background.A > 0
}
