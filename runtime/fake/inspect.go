package fake

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"github.com/cfimages/cfimages/gen/api"
)

const (
	// maxSide limits each side of an image, in pixels. [documented] A side has
	// 12,000 at most, but for WebP.
	maxSide = 12_000
	// maxArea limits the area of an image, in pixels. [documented] An image, and all
	// frames of an animation together, have 100 million at most.
	maxArea = 100_000_000
)

// format is a kind of image the service takes.
type format struct {
	mediaType string
	is        func(data []byte) bool
	// measure reads the header; nil for what has no pixels.
	measure func(data []byte) (extent, error)
	// maxSide is 0 when there is no limit.
	maxSide int
}

// extent is the size of an image in pixels and frames.
type extent struct{ width, height, frames int }

// formats are the kinds of images an upload may have.
//
// [observed] Images are of the types that the message of [api.ErrUnsupportedImage]
// names. [observed] The bytes of a file decide what it is, not the declared type. [documented] HEIC
// and, for some accounts, AVIF are taken, too; they are refused here.
var formats = []format{
	{"image/jpeg", begins("\xff\xd8\xff"), still(jpeg.DecodeConfig), maxSide},
	{"image/png", begins("\x89PNG\r\n\x1a\n"), measurePNG, maxSide},
	{"image/gif", begins("GIF87a", "GIF89a"), measureGIF, maxSide},
	{"image/webp", isWebP, measureWebP, 0},
	{"image/svg+xml", isSVG, nil, 0},
}

// inspect returns the media type of an image, and refuses what is none or
// too large. No pixel is decoded: damage behind the header is noticed where
// the file's structure shows it, as a whole PNG, GIF or WebP does.
//
// [observed] A file that is recognised but not readable is an error of its own.
func inspect(data []byte) (mediaType string, err error) {
	if len(data) == 0 {
		return "", api.ErrBadRequest.At("file", "file: is empty") // [assumed] An empty file is a bad request.
	}
	for _, f := range formats {
		if !f.is(data) {
			continue
		}
		if f.measure != nil {
			if err := f.check(data); err != nil {
				return "", err
			}
		}
		return f.mediaType, nil
	}
	return "", api.ErrUnsupportedImage.New()
}

// check measures an image and compares it with the limits.
//
// [assumed] An image beyond a limit of size is answered like one of too many
// bytes, with a text of our own. [assumed] An animation has the area of its canvas
// times the number of its frames.
func (f *format) check(data []byte) error {
	e, err := f.measure(data)
	if err != nil || e.width < 1 || e.height < 1 {
		return api.ErrDecodeFailed.New()
	}
	area := int64(e.width) * int64(e.height)
	switch {
	case e.frames > 1 && area > maxArea/int64(e.frames):
		return api.ErrAnimationTooLarge.New() // [observed] An animation that is too large has an error of its own.
	case area > maxArea:
		return api.ErrImageTooLarge.With("Maximum image area of %d pixels is reached", maxArea)
	case f.maxSide > 0 && max(e.width, e.height) > f.maxSide:
		return api.ErrImageTooLarge.With("Maximum image side of %d pixels is reached", f.maxSide)
	default:
		return nil
	}
}

// decodeConfig reads the header of an image.
type decodeConfig = func(io.Reader) (image.Config, error)

// begins recognises data by its first bytes.
func begins(signatures ...string) func([]byte) bool {
	return func(data []byte) bool {
		for _, s := range signatures {
			if bytes.HasPrefix(data, []byte(s)) {
				return true
			}
		}
		return false
	}
}

// still measures a format that has one frame.
func still(decode decodeConfig) func([]byte) (extent, error) {
	return func(data []byte) (extent, error) { return header(decode, data) }
}

// header reads width and height with one of the decoders of images.
func header(decode decodeConfig, data []byte) (extent, error) {
	c, err := decode(bytes.NewReader(data))
	return extent{c.Width, c.Height, 1}, err
}

func measurePNG(data []byte) (extent, error) {
	if err := checkPNG(data); err != nil {
		return extent{}, err
	}
	return header(png.DecodeConfig, data)
}

func measureGIF(data []byte) (extent, error) {
	e, err := header(gif.DecodeConfig, data)
	if err != nil {
		return extent{}, err
	}
	if e.frames = gifFrames(data); e.frames == 0 {
		return extent{}, image.ErrFormat
	}
	return e, nil
}

func measureWebP(data []byte) (extent, error) {
	frames, err := webpFrames(data)
	if err != nil {
		return extent{}, err
	}
	e, err := header(webp.DecodeConfig, data)
	e.frames = frames
	return e, err
}
