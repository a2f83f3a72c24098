package imaging

import (
	"image"
	"math"
)

// Samples are scaled by the Catmull-Rom filter, in two passes. What is shrunk a
// lot is first averaged over whole blocks, which is much faster: gap is what is
// left for the filter to do then, at least.
const gap = 1.9

// resize scales the part from of an image to a size. With full, all planes of the
// result have the same size; without, colour differences have half of it.
func (r *raster) resize(from rect, size image.Point, full bool) raster {
	out := raster{size: size, opaque: r.opaque}
	for i, p := range r.planes {
		part := rect{from.x0 / float64(p.perX), from.y0 / float64(p.perY), from.x1 / float64(p.perX), from.y1 / float64(p.perY)}
		w, h, per := size.X, size.Y, 1
		if i > 0 && !full {
			per = 2
			w, h = (w+1)/2, (h+1)/2
			// The last sample of an odd side stands for a pixel that is not there.
			part.x1 = part.x0 + (part.x1-part.x0)*float64(2*w)/float64(size.X)
			part.y1 = part.y0 + (part.y1-part.y0)*float64(2*h)/float64(size.Y)
		}
		scaled := p.resample(part, w, h)
		scaled.perX, scaled.perY = per, per
		out.planes = append(out.planes, scaled)
	}
	return out
}

// resample scales the part from of a plane to w x h samples.
func (p plane) resample(from rect, w, h int) plane {
	kx, ky := blocks(from.x1-from.x0, w), blocks(from.y1-from.y0, h)
	if kx > 1 || ky > 1 {
		p, from = p.shrink(from, kx, ky)
	}
	across, down := newAxis(p.w, from.x0, from.x1, w), newAxis(p.h, from.y0, from.y1, h)
	top, bottom := down.span()
	strip := p
	strip.pix, strip.h = p.pix[top*p.stride:], bottom-top
	if !across.identity(p.w) {
		strip = across.across(strip)
	}
	if down.identity(p.h) {
		return strip
	}
	return down.down(strip, top)
}

// blocks is how many samples are averaged when a length is scaled to n. The last
// block may be a part of one, which would show among few.
func blocks(length float64, n int) int {
	const least = 32
	return max(int(min(length/float64(n)/gap, length/least)), 1)
}

// shrink averages blocks of kx x ky samples, and translates a part of the plane.
func (p plane) shrink(from rect, kx, ky int) (plane, rect) {
	w, h := (p.w+kx-1)/kx, (p.h+ky-1)/ky
	out := newPlane(w, h, p.channels)
	sums := make([]uint32, w*p.channels)
	for y := range h {
		clear(sums)
		rows := min(ky, p.h-y*ky)
		for i := range rows {
			addBlocks(sums, p.row(y*ky+i), kx, p.channels)
		}
		dst := out.row(y)
		full := uint32(kx * rows)
		for i, s := range sums {
			dst[i] = uint8((s + full/2) / full)
		}
		if rest := p.w - (w-1)*kx; rest < kx {
			n := uint32(rest * rows)
			for i := len(sums) - p.channels; i < len(sums); i++ {
				dst[i] = uint8((sums[i] + n/2) / n)
			}
		}
	}
	x, y := float64(kx), float64(ky)
	return out, rect{from.x0 / x, from.y0 / y, from.x1 / x, from.y1 / y}
}

// addBlocks adds up each k samples of a row.
func addBlocks(sums []uint32, row []uint8, k, channels int) {
	if channels == 1 {
		i := 0
		if k == 2 { // by far the most frequent
			for ; i < len(row)/2; i++ {
				pair := row[2*i : 2*i+2 : 2*i+2]
				sums[i] += uint32(pair[0]) + uint32(pair[1])
			}
		}
		for ; i < len(sums); i++ {
			block := row[i*k : min(i*k+k, len(row))]
			var s uint32
			for _, v := range block {
				s += uint32(v)
			}
			sums[i] += s
		}
		return
	}
	for i := 0; i < len(sums); i += 4 {
		block := row[i*k : min((i+4)*k, len(row))]
		sum := sums[i : i+4 : i+4]
		for ; len(block) >= 4; block = block[4:] {
			sum[0] += uint32(block[0])
			sum[1] += uint32(block[1])
			sum[2] += uint32(block[2])
			sum[3] += uint32(block[3])
		}
	}
}

// axis says which samples of a side make up each sample of the result.
type axis struct {
	first   []int // the first of them
	taps    int
	weights []int32 // taps for each, which add up to one
}

const one = 1 << 14

// newAxis scales the part between from and to of n samples to size ones. Samples
// around that part count as far as the filter reaches, and the image ends at its
// edge.
func newAxis(n int, from, to float64, size int) axis {
	step := (to - from) / float64(size)
	stretch := max(step, 1)
	reach := 2 * stretch
	a := axis{first: make([]int, size), taps: min(int(2*reach)+2, n)}
	a.weights = make([]int32, size*a.taps)
	exact := make([]float64, a.taps)
	for i := range size {
		centre := from + (float64(i)+0.5)*step - 0.5
		first := min(max(int(math.Ceil(centre-reach)), 0), n-a.taps)
		sum := 0.0
		for j := range exact {
			exact[j] = catmullRom((float64(first+j) - centre) / stretch)
			sum += exact[j]
		}
		a.first[i] = first
		quantise(a.weights[i*a.taps:(i+1)*a.taps], exact, sum)
	}
	return a
}

// catmullRom is the filter, which is 0 beyond 2.
func catmullRom(x float64) float64 {
	switch x = math.Abs(x); {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	default:
		return 0
	}
}

// quantise turns weights into whole numbers that add up to one.
func quantise(dst []int32, exact []float64, sum float64) {
	var total int32
	largest := 0
	for i, w := range exact {
		dst[i] = int32(math.Round(w / sum * one))
		total += dst[i]
		if dst[i] > dst[largest] {
			largest = i
		}
	}
	dst[largest] += one - total
}

// span returns the first sample that counts, and the one behind the last.
func (a *axis) span() (first, end int) {
	last := len(a.first) - 1
	return a.first[0], a.first[last] + a.taps
}

// identity reports whether n samples stay what they are.
func (a *axis) identity(n int) bool {
	if len(a.first) != n {
		return false
	}
	for i, first := range a.first {
		if at := i - first; at < 0 || at >= a.taps || a.weights[i*a.taps+at] != one {
			return false
		}
	}
	return true
}

func clamp(v int32) uint8 {
	return uint8(min(max((v+one/2)>>14, 0), 255))
}

// across scales rows.
func (a *axis) across(src plane) plane {
	dst := newPlane(len(a.first), src.h, src.channels)
	for y := range src.h {
		if src.channels == 1 {
			a.row(dst.row(y), src.row(y))
		} else {
			a.row4(dst.row(y), src.row(y))
		}
	}
	return dst
}

func (a *axis) row(dst, src []uint8) {
	weights := a.weights
	for i, first := range a.first {
		part := src[first : first+a.taps]
		w := weights[:len(part)]
		weights = weights[len(part):]
		var sum int32
		for j, v := range part {
			sum += int32(v) * w[j]
		}
		dst[i] = clamp(sum)
	}
}

func (a *axis) row4(dst, src []uint8) {
	weights := a.weights
	for i, first := range a.first {
		part := src[4*first : 4*(first+a.taps)]
		var r, g, b, alpha int32
		for _, w := range weights[:a.taps] {
			r += int32(part[0]) * w
			g += int32(part[1]) * w
			b += int32(part[2]) * w
			alpha += int32(part[3]) * w
			part = part[4:]
		}
		weights = weights[a.taps:]
		out := dst[4*i : 4*i+4 : 4*i+4]
		// No colour is stronger than its alpha.
		out[3] = clamp(alpha)
		out[0], out[1], out[2] = min(clamp(r), out[3]), min(clamp(g), out[3]), min(clamp(b), out[3])
	}
}

// down scales columns of a plane that begins at the row top.
func (a *axis) down(src plane, top int) plane {
	dst := newPlane(src.w, len(a.first), src.channels)
	sums := make([]int32, src.w*src.channels)
	for y, first := range a.first {
		clear(sums)
		for j, w := range a.weights[y*a.taps : (y+1)*a.taps] {
			if w == 0 {
				continue
			}
			for x, v := range src.row(first - top + j) {
				sums[x] += int32(v) * w
			}
		}
		row := dst.row(y)
		for x, s := range sums {
			row[x] = clamp(s)
		}
		if src.channels == 4 {
			limitColours(row)
		}
	}
	return dst
}

// limitColours makes no premultiplied colour stronger than its alpha.
func limitColours(row []uint8) {
	for ; len(row) >= 4; row = row[4:] {
		a := row[3]
		row[0], row[1], row[2] = min(row[0], a), min(row[1], a), min(row[2], a)
	}
}
