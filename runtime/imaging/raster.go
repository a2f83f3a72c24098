package imaging

import (
	"image"
	"image/color"
	"image/draw"
)

// plane is a rectangle of samples, each of one or four channels.
type plane struct {
	pix        []uint8
	stride     int
	w, h       int
	channels   int
	perX, perY int // pixels of the image that a sample stands for
}

func newPlane(w, h, channels int) plane {
	return plane{pix: make([]uint8, w*h*channels), stride: w * channels, w: w, h: h, channels: channels, perX: 1, perY: 1}
}

// row returns the samples of a row.
func (p *plane) row(y int) []uint8 {
	return p.pix[y*p.stride : y*p.stride+p.w*p.channels]
}

// raster is an image: one plane of grey, three of luma and colour differences as
// in JPEG, or one of RGBA, premultiplied.
type raster struct {
	size   image.Point
	planes []plane
	opaque bool
}

func (r *raster) rgba() bool { return r.planes[0].channels == 4 }

// newRaster takes over a decoded image, whose pixels it may change.
func newRaster(img image.Image) raster {
	size := img.Bounds().Size()
	switch img := img.(type) {
	case *image.YCbCr:
		return raster{size, yccPlanes(img), true}
	case *image.Gray:
		return raster{size, []plane{{pix: img.Pix, stride: img.Stride, w: size.X, h: size.Y, channels: 1, perX: 1, perY: 1}}, true}
	case *image.RGBA:
		return rgbaRaster(img)
	case *image.NRGBA:
		return rgbaRaster(premultiply(img))
	case *image.NRGBA64:
		return rgbaRaster(premultiply(&image.NRGBA{Pix: narrow(img.Pix), Stride: img.Stride / 2, Rect: img.Rect}))
	case *image.RGBA64:
		return rgbaRaster(&image.RGBA{Pix: narrow(img.Pix), Stride: img.Stride / 2, Rect: img.Rect})
	case *image.Gray16:
		return newRaster(&image.Gray{Pix: narrow(img.Pix), Stride: img.Stride / 2, Rect: img.Rect})
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	switch img := img.(type) {
	case *image.CMYK:
		paintCMYK(out, img)
	case *image.NYCbCrA:
		paintNYCbCrA(out, img)
	default:
		draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	}
	return rgbaRaster(out)
}

// narrow keeps the upper halves of samples of 16 bits, in place.
func narrow(pix []uint8) []uint8 {
	half := pix[:len(pix)/2]
	for i := range half {
		half[i] = pix[2*i]
	}
	return half
}

// premultiply turns colours into premultiplied ones, in place.
func premultiply(img *image.NRGBA) *image.RGBA {
	for pix := img.Pix; len(pix) >= 4; pix = pix[4:] {
		if a := pix[3]; a != 255 {
			pix[0], pix[1], pix[2] = mul(pix[0], a), mul(pix[1], a), mul(pix[2], a)
		}
	}
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

func rgbaRaster(img *image.RGBA) raster {
	p := plane{pix: img.Pix, stride: img.Stride, w: img.Rect.Dx(), h: img.Rect.Dy(), channels: 4, perX: 1, perY: 1}
	return raster{img.Rect.Size(), []plane{p}, img.Opaque()}
}

func yccPlanes(img *image.YCbCr) []plane {
	b := img.Bounds()
	x, y := 1, 1
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		x = 2
	case image.YCbCrSubsampleRatio420:
		x, y = 2, 2
	case image.YCbCrSubsampleRatio440:
		y = 2
	case image.YCbCrSubsampleRatio411:
		x = 4
	case image.YCbCrSubsampleRatio410:
		x, y = 4, 2
	}
	w, h := (b.Dx()+x-1)/x, (b.Dy()+y-1)/y
	return []plane{
		{pix: img.Y, stride: img.YStride, w: b.Dx(), h: b.Dy(), channels: 1, perX: 1, perY: 1},
		{pix: img.Cb, stride: img.CStride, w: w, h: h, channels: 1, perX: x, perY: y},
		{pix: img.Cr, stride: img.CStride, w: w, h: h, channels: 1, perX: x, perY: y},
	}
}

func paintCMYK(dst *image.RGBA, src *image.CMYK) {
	for y := range dst.Rect.Dy() {
		in, out := src.Pix[y*src.Stride:], dst.Pix[y*dst.Stride:]
		for i := 0; i < 4*dst.Rect.Dx(); i += 4 {
			out[i], out[i+1], out[i+2] = color.CMYKToRGB(in[i], in[i+1], in[i+2], in[i+3])
			out[i+3] = 255
		}
	}
}

func paintNYCbCrA(dst *image.RGBA, src *image.NYCbCrA) {
	b := src.Bounds()
	for y := range b.Dy() {
		out := dst.Pix[y*dst.Stride:]
		for x := range b.Dx() {
			i, c := src.YOffset(b.Min.X+x, b.Min.Y+y), src.COffset(b.Min.X+x, b.Min.Y+y)
			a := src.A[src.AOffset(b.Min.X+x, b.Min.Y+y)]
			r, g, bl := color.YCbCrToRGB(src.Y[i], src.Cb[c], src.Cr[c])
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = mul(r, a), mul(g, a), mul(bl, a), a
		}
	}
}

// mul is c·a/255, rounded.
func mul(c, a uint8) uint8 { return uint8((uint32(c)*uint32(a) + 127) / 255) }

// colour returns the image as one plane of RGBA. Its planes have equal size.
func (r *raster) colour() raster {
	if r.rgba() {
		return *r
	}
	out := newPlane(r.size.X, r.size.Y, 4)
	for y := range out.h {
		dst := out.row(y)
		luma := r.planes[0].row(y)
		if len(r.planes) == 1 {
			for x, v := range luma {
				dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] = v, v, v, 255
			}
			continue
		}
		cb, cr := r.planes[1].row(y), r.planes[2].row(y)
		for x, v := range luma {
			dst[4*x], dst[4*x+1], dst[4*x+2] = color.YCbCrToRGB(v, cb[x], cr[x])
			dst[4*x+3] = 255
		}
	}
	return raster{r.size, []plane{out}, true}
}

// image returns the image as one of the standard library.
func (r *raster) image() image.Image {
	p, b := r.planes[0], image.Rectangle{Max: r.size}
	switch {
	case r.rgba():
		return &image.RGBA{Pix: p.pix, Stride: p.stride, Rect: b}
	case len(r.planes) == 1:
		return &image.Gray{Pix: p.pix, Stride: p.stride, Rect: b}
	}
	c := r.planes[1]
	ratio := image.YCbCrSubsampleRatio444
	if c.perX == 2 {
		ratio = image.YCbCrSubsampleRatio420
	}
	return &image.YCbCr{Y: p.pix, Cb: c.pix, Cr: r.planes[2].pix, YStride: p.stride, CStride: c.stride, SubsampleRatio: ratio, Rect: b}
}

// straight returns an RGBA raster with colours that are not premultiplied.
func (r *raster) straight() *image.NRGBA {
	p := &r.planes[0]
	out := image.NewNRGBA(image.Rectangle{Max: r.size})
	for y := range r.size.Y {
		src, dst := p.row(y), out.Pix[y*out.Stride:]
		for i := 0; i < len(src); i += 4 {
			unmultiply(dst[i:i+4:i+4], src[i:i+4:i+4])
		}
	}
	return out
}

func unmultiply(dst, src []uint8) {
	a := uint32(src[3])
	switch a {
	case 0:
		clear(dst)
	case 255:
		copy(dst, src)
	default:
		for i, c := range src[:3] {
			dst[i] = uint8(min((uint32(c)*255+a/2)/a, 255))
		}
		dst[3] = uint8(a)
	}
}
