package imaging

import (
	"fmt"
	"image"
)

// Fit says how an image is put into a box.
type Fit uint8

// The ways to fit. [documented] and, for the last two, [sdk]; that a box without a
// width or a height is open to that side is [assumed].
const (
	ScaleDown Fit = iota // shrunk to lie within the box, never enlarged
	Contain              // shrunk or enlarged to lie within the box
	Cover                // scaled to fill the box, and cropped
	Crop                 // as Cover, but never enlarged
	Pad                  // as Contain, and the rest of the box filled
	Squeeze              // scaled to the box, without regard to its shape
	ScaleUp              // enlarged to lie within the box, never shrunk
)

// Gravity says which part is kept where an image is cropped, from -0.5 for the
// left or upper end to 0.5 for the right or lower one. [assumed] The default is the
// centre.
type Gravity struct{ X, Y float64 }

// placement says what is made of an image: the part from is scaled to size, and
// stands at an offset on the canvas.
type placement struct {
	from   rect
	size   image.Point
	canvas image.Point
	at     image.Point
}

// place fits an image of size s.
func (o *Options) place(s image.Point) (placement, error) {
	box := o.box(s)
	p := placement{from: rect{0, 0, float64(s.X), float64(s.Y)}}
	switch o.Fit {
	case Contain, Pad:
		p.size = within(s, box)
	case ScaleDown:
		p.size = s
		if s.X > box.X || s.Y > box.Y {
			p.size = within(s, box)
		}
	case ScaleUp:
		p.size = s
		if s.X < box.X && s.Y < box.Y {
			p.size = within(s, box)
		}
	case Cover:
		p.size, p.from = box, o.Gravity.cut(s, box)
	case Crop:
		if s.X >= box.X && s.Y >= box.Y {
			p.size, p.from = box, o.Gravity.cut(s, box)
			break
		}
		p.size = image.Pt(min(s.X, box.X), min(s.Y, box.Y))
		p.from = o.Gravity.window(s, p.size)
	case Squeeze:
		p.size = box
	}
	p.canvas = p.size
	if o.Fit == Pad {
		p.canvas = box
		p.at = box.Sub(p.size).Div(2)
	}
	return p, checkOutput(p.canvas)
}

// checkOutput limits what is made as images are limited. [assumed]
func checkOutput(s image.Point) error {
	if max(s.X, s.Y) > MaxSide || int64(s.X)*int64(s.Y) > MaxArea {
		return fmt.Errorf("%w: the result would have %d x %d pixels", ErrTooLarge, s.X, s.Y)
	}
	return nil
}

// maxBox keeps sizes within what can be calculated with, far beyond what can be
// made.
const maxBox = 1 << 24

// box is the box that an image of size s is put into.
func (o *Options) box(s image.Point) image.Point {
	w, h := min(max(o.Width, 0), maxBox), min(max(o.Height, 0), maxBox)
	switch {
	case w == 0 && h == 0:
		return s
	case w == 0:
		w = scaled(s.X, h, s.Y)
	case h == 0:
		h = scaled(s.Y, w, s.X)
	}
	return image.Pt(w, h)
}

// scaled is n·num/den, rounded, and at least 1.
func scaled(n, num, den int) int {
	return int(max((2*int64(n)*int64(num)+int64(den))/(2*int64(den)), 1))
}

// within is the largest size of the shape of s that lies within the box.
func within(s, box image.Point) image.Point {
	if int64(box.X)*int64(s.Y) <= int64(box.Y)*int64(s.X) {
		return image.Pt(box.X, min(scaled(s.Y, box.X, s.X), box.Y))
	}
	return image.Pt(min(scaled(s.X, box.Y, s.Y), box.X), box.Y)
}

// cut is the largest part of s that has the shape of the box.
func (g Gravity) cut(s, box image.Point) rect {
	w, h := float64(s.X), float64(s.Y)
	if int64(s.X)*int64(box.Y) > int64(box.X)*int64(s.Y) {
		w = h * float64(box.X) / float64(box.Y)
	} else {
		h = w * float64(box.Y) / float64(box.X)
	}
	x, y := (float64(s.X)-w)*(0.5+g.X), (float64(s.Y)-h)*(0.5+g.Y)
	return rect{x, y, x + w, y + h}
}

// window is a part of s of the given size, which starts at a whole pixel.
func (g Gravity) window(s, size image.Point) rect {
	x, y := int(float64(s.X-size.X)*(0.5+g.X)), int(float64(s.Y-size.Y)*(0.5+g.Y))
	return rect{float64(x), float64(y), float64(x + size.X), float64(y + size.Y)}
}
