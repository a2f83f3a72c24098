package imaging

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// blur smooths a plane as a Gaussian filter of this radius would, whose standard
// deviation is half of it [assumed]. Three running means come close to it.
func (p plane) blur(radius float64) plane {
	const passes = 3
	sigma := radius / 2
	for _, width := range boxes(sigma, passes) {
		if width > 1 {
			p = p.mean(width / 2)
		}
	}
	return p
}

// boxes are odd widths whose means, one after another, have a deviation.
func boxes(sigma float64, n int) []int {
	ideal := math.Sqrt(12*sigma*sigma/float64(n) + 1)
	low := int(ideal)
	if low%2 == 0 {
		low--
	}
	l, m := float64(low), float64(n)
	small := int(math.Round((12*sigma*sigma - m*l*l - 4*m*l - 3*m) / (-4*l - 4)))
	out := make([]int, n)
	for i := range out {
		out[i] = low
		if i >= small {
			out[i] += 2
		}
	}
	return out
}

// mean replaces each sample by the mean of those up to radius away, in both
// directions.
func (p plane) mean(radius int) plane {
	rows := newPlane(p.w, p.h, p.channels)
	for y := range p.h {
		for c := range p.channels {
			runningMean(rows.row(y)[c:], p.row(y)[c:], p.channels, p.channels, p.w, radius)
		}
	}
	out := newPlane(p.w, p.h, p.channels)
	for x := range p.w * p.channels {
		runningMean(out.pix[x:], rows.pix[x:], out.stride, rows.stride, p.h, radius)
	}
	return out
}

// runningMean does so for n samples that are a step apart. The edge goes on for
// ever.
func runningMean(dst, src []uint8, stepDst, stepSrc, n, radius int) {
	last := (n - 1) * stepSrc
	width := uint32(2*radius + 1)
	sum := uint32(src[0]) * uint32(radius+1)
	for i := 1; i <= radius; i++ {
		sum += uint32(src[min(i*stepSrc, last)])
	}
	for i := range n {
		dst[i*stepDst] = uint8((sum + width/2) / width)
		sum += uint32(src[min((i+radius+1)*stepSrc, last)])
		sum -= uint32(src[max((i-radius)*stepSrc, 0)])
	}
}

// sharpen strengthens what a slight blur would take away.
func (p plane) sharpen(amount float64) plane {
	soft := p.blur(2)
	factor := int32(min(amount, 100) * 256)
	for y := range p.h {
		for i, v := range p.row(y) {
			d := int32(v) - int32(soft.row(y)[i])
			soft.row(y)[i] = uint8(min(max(int32(v)+d*factor>>8, 0), 255))
		}
		if p.channels == 4 {
			copyAlpha(soft.row(y), p.row(y))
		}
	}
	return soft
}

func copyAlpha(dst, src []uint8) {
	for i := 3; i < len(src); i += 4 {
		dst[i] = src[i]
	}
	limitColours(dst)
}

// recolour applies brightness, contrast, gamma and saturation to an RGBA raster,
// in this order [assumed]. It leaves the raster as it is: frames share pixels.
func (r *raster) recolour(o *Options) raster {
	curve := o.curve()
	img := r.straight()
	out := newPlane(r.size.X, r.size.Y, 4)
	for y := range r.size.Y {
		src, dst := img.Pix[y*img.Stride:], out.row(y)
		for i := 0; i < len(dst); i += 4 {
			red, green, blue := curve[src[i]], curve[src[i+1]], curve[src[i+2]]
			if o.Saturation != 0 {
				grey := 0.299*float64(red) + 0.587*float64(green) + 0.114*float64(blue)
				red, green, blue = o.saturate(red, grey), o.saturate(green, grey), o.saturate(blue, grey)
			}
			a := src[i+3]
			dst[i], dst[i+1], dst[i+2], dst[i+3] = mul(red, a), mul(green, a), mul(blue, a), a
		}
	}
	return raster{r.size, []plane{out}, r.opaque}
}

func (o *Options) saturate(v uint8, grey float64) uint8 {
	return toByte(grey + (float64(v)-grey)*(1+o.Saturation))
}

func toByte(v float64) uint8 { return uint8(math.Round(min(max(v, 0), 255))) }

// curve is what becomes of each value of a channel.
func (o *Options) curve() *[256]uint8 {
	var c [256]uint8
	for i := range c {
		v := float64(i) / 255
		if o.Brightness > 0 {
			v *= o.Brightness
		}
		if o.Contrast > 0 {
			v = (v-0.5)*o.Contrast + 0.5
		}
		if o.Gamma > 0 {
			v = math.Pow(max(v, 0), 1/o.Gamma)
		}
		c[i] = toByte(v * 255)
	}
	return &c
}

// onto places an RGBA raster on a canvas of one colour.
func (r *raster) onto(canvas, at image.Point, background color.NRGBA) raster {
	out := image.NewRGBA(image.Rectangle{Max: canvas})
	draw.Draw(out, out.Rect, image.NewUniform(background), image.Point{}, draw.Src)
	draw.Draw(out, image.Rectangle{at, at.Add(r.size)}, r.image(), image.Point{}, draw.Over)
	return rgbaRaster(out)
}
