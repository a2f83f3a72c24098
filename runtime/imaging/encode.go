package imaging

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"

	"github.com/deepteams/webp"
)

// encode writes a raster in a format that is not Auto or SVG.
func (r *raster) encode(format Format, o *Options, meta metadata) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch format {
	case JPEG:
		err = jpeg.Encode(&b, r.image(), &jpeg.Options{Quality: o.quality()})
	case PNG:
		err = (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&b, r.exact())
	case GIF:
		colour := r.colour()
		err = gif.Encode(&b, reduce(colour.image().(*image.RGBA)), nil)
	default:
		err = webp.Encode(&b, r.exact(), webpOptions(o, meta))
	}
	if err != nil {
		return nil, fmt.Errorf("imaging: %w", err)
	}
	switch format {
	case JPEG:
		return meta.intoJPEG(b.Bytes()), nil
	case PNG:
		return meta.intoPNG(b.Bytes()), nil
	default:
		return b.Bytes(), nil
	}
}

// exact is the image for formats whose transparency is not premultiplied.
func (r *raster) exact() image.Image {
	if len(r.planes) == 1 && !r.rgba() {
		return r.image()
	}
	colour := r.colour()
	if colour.opaque {
		return colour.image()
	}
	return colour.straight()
}

// webpOptions are those of the encoder. Its method 2 is three times as fast as
// its default, at the same quality and a tenth more bytes.
func webpOptions(o *Options, meta metadata) *webp.EncoderOptions {
	opts := webp.DefaultOptions()
	opts.Quality, opts.Method = float32(o.quality()), 2
	if opts.Lossless = o.quality() == 100; opts.Lossless {
		opts.Quality = 25 // of lossless compression, it is the effort
	}
	if len(meta.exif) > 0 {
		opts.EXIF = meta.exif
	}
	if meta.icc != nil {
		opts.ICC = meta.icc()
	}
	return opts
}
