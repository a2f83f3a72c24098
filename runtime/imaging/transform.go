package imaging

import (
	"context"
	"fmt"
	"image"
)

// Result is a file that [Transform] made.
type Result struct {
	Data   []byte
	Format Format
	// Width and Height are in pixels, 0 for SVG.
	Width, Height int
}

// Measure returns the size in pixels that the result would have.
func Measure(h Header, o Options) (width, height int, err error) {
	if h.Format == SVG {
		return 0, 0, nil
	}
	p, err := newPlan(h, &o)
	return p.canvas.X, p.canvas.Y, err
}

// Transform makes another file of an image. An SVG is sanitised and stays one;
// the other options do not apply to it. The error wraps [ErrFormat],
// [ErrDamaged] or [ErrTooLarge], or is that of ctx, which is looked at between
// the steps.
func Transform(ctx context.Context, data []byte, o Options) (Result, error) {
	h, err := Inspect(data)
	if err != nil {
		return Result{}, err
	}
	return h.transform(ctx, data, &o)
}

func (h *Header) transform(ctx context.Context, data []byte, o *Options) (Result, error) {
	if h.Format == SVG {
		out, err := Sanitise(data)
		return Result{Data: out, Format: SVG}, err
	}
	if h.animated() && h.area() > MaxAnimation && !o.Still {
		return Result{data, h.Format, h.Width, h.Height}, nil // [documented]
	}
	p, err := newPlan(*h, o)
	if err != nil {
		return Result{}, err
	}
	var out []byte
	if p.moves {
		out, err = p.film(ctx, data)
	} else {
		out, err = p.still(ctx, data)
	}
	return Result{out, p.format, p.canvas.X, p.canvas.Y}, err
}

// plan is what is to be done with an image.
type plan struct {
	placement
	header Header
	o      *Options
	format Format
	moves  bool
	// part is what is scaled, in the image as it is stored.
	part rect
	turn orientation
}

func newPlan(h Header, o *Options) (plan, error) {
	p := plan{header: h, o: o, format: o.format(&h)}
	p.moves = h.animated() && !o.Still && (p.format == GIF || p.format == WebP)
	upright := image.Pt(h.Width, h.Height)
	visible, err := o.Trim.of(upright)
	if err != nil {
		return p, err
	}
	mirrored := orientation{flipX: o.FlipX, flipY: o.FlipY}.then(quarterTurn(((o.Turns % 4) + 4) % 4))
	shown := visible.Size()
	if p.placement, err = o.place(mirrored.size(shown)); err != nil {
		return p, err
	}
	if p.moves && int64(p.canvas.X)*int64(p.canvas.Y) > MaxArea/int64(h.Frames) {
		return p, fmt.Errorf("%w: the result would have more than %d pixels", ErrTooLarge, MaxArea)
	}
	p.part = mirrored.source(p.from, shown)
	p.part.x0, p.part.x1 = p.part.x0+float64(visible.Min.X), p.part.x1+float64(visible.Min.X)
	p.part.y0, p.part.y1 = p.part.y0+float64(visible.Min.Y), p.part.y1+float64(visible.Min.Y)
	p.part = h.orientation.source(p.part, h.stored)
	p.turn = h.orientation.then(mirrored)
	return p, nil
}

// format is that of the result.
func (o *Options) format(h *Header) Format {
	switch {
	case o.Format != Auto:
		return o.Format
	case o.WebP == WebPMade:
		return WebP
	case h.Format != WebP || o.WebP == WebPStays:
		return h.Format
	case h.animated() && !o.Still:
		return GIF
	case h.opaque:
		return JPEG
	default:
		return PNG
	}
}

// of is what trimming leaves of an image of size s.
func (t Trim) of(s image.Point) (image.Rectangle, error) {
	r := image.Rect(t.Left, t.Top, s.X-t.Right, s.Y-t.Bottom)
	if t.Left+t.Right >= s.X || t.Top+t.Bottom >= s.Y || min(t.Left, t.Top, t.Right, t.Bottom) < 0 {
		return r, fmt.Errorf("%w: trimming leaves nothing of it", ErrTooLarge)
	}
	return r, nil
}

// still makes a still image.
func (p *plan) still(ctx context.Context, data []byte) ([]byte, error) {
	r, err := p.header.decode(data)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r = p.draw(r)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.encode(p.format, p.o, p.header.meta.choose(p.o.Metadata))
}

// film makes an animation.
func (p *plan) film(ctx context.Context, data []byte) ([]byte, error) {
	meta := p.header.meta.choose(p.o.Metadata)
	out := newFilm(p.format, p.canvas, p.header.loops(data), p.o, meta)
	for frame, err := range p.header.frames(data) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		r := p.draw(rgbaRaster(frame.img))
		if err := out.add(&r, frame.wait); err != nil {
			return nil, fmt.Errorf("imaging: %w", err)
		}
	}
	return out.end()
}

// draw scales, turns, retouches and places the pixels.
func (p *plan) draw(r raster) raster {
	// JPEG stores colour differences at half the size, so they need no more unless
	// something is done to them.
	full := p.format != JPEG || p.turn != (orientation{}) || p.o.retouches() || p.canvas != p.size
	r = r.resize(p.part, p.turn.size(p.size), full)
	for i, pl := range r.planes {
		r.planes[i] = p.turn.apply(pl)
	}
	r.size = p.size
	for i := range r.planes {
		if p.o.Blur > 0 {
			r.planes[i] = r.planes[i].blur(p.o.Blur)
		}
		if p.o.Sharpen > 0 && i == 0 {
			r.planes[i] = r.planes[i].sharpen(p.o.Sharpen)
		}
	}
	if p.o.recolours() {
		r = r.colour()
		r = r.recolour(p.o)
	}
	if p.canvas != p.size || p.o.Background.A > 0 || p.format == JPEG && !r.opaque {
		r = r.colour()
		r = r.onto(p.canvas, p.at, p.o.background())
	}
	return r
}

// memory is an upper bound of what the plan takes, in bytes.
func (h *Header) memory(o *Options) int64 {
	p, err := newPlan(*h, o)
	if err != nil || h.Format == SVG {
		return 0
	}
	const pixel = 4
	in := int64(h.stored.X) * int64(h.stored.Y)
	out := int64(p.canvas.X) * int64(p.canvas.Y)
	if !p.moves {
		return in*(h.depth+pixel) + out*4*pixel
	}
	return in*4*pixel + out*(4*pixel+int64(h.Frames))
}
