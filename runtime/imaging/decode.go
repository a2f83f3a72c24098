package imaging

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
)

// decode decodes a still image, or the first frame of an animation.
func (h *Header) decode(data []byte) (raster, error) {
	var img image.Image
	var err error
	switch h.Format {
	case JPEG:
		img, err = jpeg.Decode(bytes.NewReader(data))
	case PNG:
		img, err = png.Decode(bytes.NewReader(data))
	default:
		return h.firstFrame(data)
	}
	if err != nil {
		return raster{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return newRaster(img), nil
}

// firstFrame is what an animation begins with.
func (h *Header) firstFrame(data []byte) (raster, error) {
	if h.Format == WebP && !h.animated() {
		f, err := scanWebP(data)
		if err != nil {
			return raster{}, err
		}
		img, err := f.frames[0].decode()
		if err != nil {
			return raster{}, err
		}
		return newRaster(img), nil
	}
	var first raster
	var failed error
	for frame, err := range h.frames(data) {
		first, failed = rgbaRaster(frame.img), err
		break
	}
	return first, failed
}

// decode decodes a frame of a WebP file, as if it were a file of its own.
func (w *webpFrame) decode() (image.Image, error) {
	name := "VP8 "
	if w.lossless {
		name = "VP8L"
	}
	var body []byte
	if w.alpha != nil && !w.lossless {
		const alphaFlag = 16
		head := []byte{alphaFlag, 0, 0, 0}
		head = appendUint24(appendUint24(head, w.size.X-1), w.size.Y-1)
		body = riffChunk(riffChunk(body, "VP8X", head), "ALPH", w.alpha)
	}
	body = riffChunk(body, name, w.bits)
	file := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(4+len(body)))...)
	img, err := webp.Decode(bytes.NewReader(append(append(file, "WEBP"...), body...)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	switch img := img.(type) {
	case *image.YCbCr:
		widen(img)
	case *image.NYCbCrA:
		widen(&img.YCbCr)
	}
	return img, nil
}

// widen turns the range that video has, 16 to 235, into that of JPEG, which is
// what the colours of the standard library mean. The decoder leaves it undone.
func widen(img *image.YCbCr) {
	var luma, chroma [256]uint8
	for i := range luma {
		luma[i] = toByte((float64(i) - 16) * 255 / 219)
		chroma[i] = toByte((float64(i)-128)*255/224 + 128)
	}
	for i, v := range img.Y {
		img.Y[i] = luma[v]
	}
	for i, v := range img.Cb {
		img.Cb[i] = chroma[v]
	}
	for i, v := range img.Cr {
		img.Cr[i] = chroma[v]
	}
}

func riffChunk(b []byte, name string, body []byte) []byte {
	b = binary.LittleEndian.AppendUint32(append(b, name...), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func appendUint24(b []byte, v int) []byte { return append(b, byte(v), byte(v>>8), byte(v>>16)) }
