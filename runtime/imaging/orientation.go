package imaging

import "image"

// orientation turns an image by right angles and mirrors it. A pixel of the
// result is found in the source by exchanging its coordinates if swap is set,
// and then counting from the other side.
type orientation struct{ swap, flipX, flipY bool }

// exifOrientations are those of the EXIF tag, by its value.
var exifOrientations = [...]orientation{
	1: {},
	2: {flipX: true},
	3: {flipX: true, flipY: true},
	4: {flipY: true},
	5: {swap: true},
	6: {swap: true, flipY: true},
	7: {swap: true, flipX: true, flipY: true},
	8: {swap: true, flipX: true},
}

// quarterTurn returns a turn by n quarters, clockwise.
func quarterTurn(n int) orientation {
	return exifOrientations[[...]int{1, 6, 3, 8}[n%4]]
}

// then returns the orientation that does o first.
func (o orientation) then(next orientation) orientation {
	x, y := next.flipX, next.flipY
	if o.swap {
		x, y = y, x
	}
	return orientation{o.swap != next.swap, o.flipX != x, o.flipY != y}
}

// size is that of an image of size s after it was turned.
func (o orientation) size(s image.Point) image.Point {
	if o.swap {
		return image.Pt(s.Y, s.X)
	}
	return s
}

// rect is a part of an image, in pixels, which need not be whole ones.
type rect struct{ x0, y0, x1, y1 float64 }

// source returns where the part r of the turned image lies in the source, whose
// size is s.
func (o orientation) source(r rect, s image.Point) rect {
	if o.swap {
		r = rect{r.y0, r.x0, r.y1, r.x1}
	}
	if w := float64(s.X); o.flipX {
		r.x0, r.x1 = w-r.x1, w-r.x0
	}
	if h := float64(s.Y); o.flipY {
		r.y0, r.y1 = h-r.y1, h-r.y0
	}
	return r
}

// apply turns a plane.
func (o orientation) apply(src plane) plane {
	if o == (orientation{}) {
		return src
	}
	size := o.size(image.Pt(src.w, src.h))
	dst := newPlane(size.X, size.Y, src.channels)
	stepX, stepY := src.channels, src.stride
	origin := 0
	if o.flipX {
		origin += (src.w - 1) * src.channels
		stepX = -stepX
	}
	if o.flipY {
		origin += (src.h - 1) * src.stride
		stepY = -stepY
	}
	if o.swap {
		stepX, stepY = stepY, stepX
	}
	for y := range dst.h {
		row, p := dst.row(y), origin+y*stepY
		for x := 0; x < len(row); x += src.channels {
			copy(row[x:x+src.channels], src.pix[p:])
			p += stepX
		}
	}
	return dst
}
