package imaging

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"iter"
	"time"

	"github.com/deepteams/webp/animation"
)

// moment is what an animation shows for some time.
type moment struct {
	// img is the whole canvas. It changes with the next moment.
	img  *image.RGBA
	wait time.Duration
}

// frames yields what an animation shows, one moment after another. An error is
// the last that is yielded.
func (h *Header) frames(data []byte) iter.Seq2[moment, error] {
	if h.Format == GIF {
		return gifMoments(data)
	}
	return webpMoments(data)
}

func gifMoments(data []byte) iter.Seq2[moment, error] {
	return func(yield func(moment, error) bool) {
		f := scanGIF(data)
		canvas := image.NewRGBA(image.Rectangle{Max: f.canvas()})
		for i := range f.frames {
			frame, delay, disposal, err := f.decode(i)
			if err != nil {
				yield(moment{img: canvas}, err)
				return
			}
			var before *image.RGBA
			if disposal == gif.DisposalPrevious {
				before = image.NewRGBA(frame.Rect)
				draw.Draw(before, frame.Rect, canvas, frame.Rect.Min, draw.Src)
			}
			draw.Draw(canvas, frame.Rect, frame, frame.Rect.Min, draw.Over)
			// [documented] The unit of GIF is a hundredth of a second.
			if !yield(moment{canvas, time.Duration(delay) * 10 * time.Millisecond}, nil) {
				return
			}
			switch disposal {
			case gif.DisposalPrevious:
				draw.Draw(canvas, frame.Rect, before, frame.Rect.Min, draw.Src)
			case gif.DisposalBackground:
				draw.Draw(canvas, frame.Rect, image.Transparent, image.Point{}, draw.Src)
			}
		}
	}
}

func webpMoments(data []byte) iter.Seq2[moment, error] {
	return func(yield func(moment, error) bool) {
		f, err := scanWebP(data)
		if err != nil {
			yield(moment{img: image.NewRGBA(image.Rectangle{})}, err)
			return
		}
		canvas := image.NewRGBA(image.Rectangle{Max: f.canvas})
		for _, frame := range f.frames {
			img, err := frame.decode()
			if err != nil {
				yield(moment{img: canvas}, err)
				return
			}
			r := newRaster(img)
			part := r.evenly()
			place := image.Rectangle{frame.at, frame.at.Add(frame.size)}
			op := draw.Over
			if frame.replace {
				op = draw.Src
			}
			draw.Draw(canvas, place, part.image(), image.Point{}, op)
			if !yield(moment{canvas, frame.duration}, nil) {
				return
			}
			if frame.clear {
				draw.Draw(canvas, place, image.Transparent, image.Point{}, draw.Src)
			}
		}
	}
}

// evenly returns the image as RGBA, whatever its planes are.
func (r *raster) evenly() raster {
	whole := rect{0, 0, float64(r.size.X), float64(r.size.Y)}
	even := r.resize(whole, r.size, true)
	return even.colour()
}

// loops is how often an animation is shown, 0 for ever.
func (h *Header) loops(data []byte) int {
	if h.Format == WebP {
		if f, err := scanWebP(data); err == nil {
			return f.loops
		}
		return 0
	}
	f := scanGIF(data)
	return f.loops
}

// film collects the moments of a result.
type film interface {
	add(r *raster, wait time.Duration) error
	end() ([]byte, error)
}

// newFilm returns an empty animation of a format and size.
func newFilm(format Format, size image.Point, loops int, o *Options, meta metadata) film {
	if format == GIF {
		f := &gifFilm{}
		f.g.Config = image.Config{Width: size.X, Height: size.Y}
		f.g.LoopCount = loops - 1 // the decoder's and encoder's way to count
		if loops == 0 {
			f.g.LoopCount = 0
		} else if loops == 1 {
			f.g.LoopCount = -1
		}
		return f
	}
	f := &webpFilm{}
	f.enc = animation.NewEncoder(&f.b, size.X, size.Y, &animation.EncodeOptions{
		LoopCount: loops, Quality: o.quality(), Lossless: o.quality() == 100, BackgroundColor: color.NRGBA{},
	})
	if len(meta.exif) > 0 {
		f.enc.SetEXIF(meta.exif)
	}
	if meta.icc != nil {
		f.enc.SetICCProfile(meta.icc())
	}
	return f
}

type gifFilm struct{ g gif.GIF }

func (f *gifFilm) add(r *raster, wait time.Duration) error {
	f.g.Image = append(f.g.Image, reduce(r.image().(*image.RGBA)))
	f.g.Delay = append(f.g.Delay, int(wait/(10*time.Millisecond)))
	f.g.Disposal = append(f.g.Disposal, gif.DisposalNone)
	if n := len(f.g.Disposal); n > 1 && !r.opaque {
		// Every frame is whole, so nothing of the one before may shine through.
		f.g.Disposal[n-2] = gif.DisposalBackground
	}
	return nil
}

func (f *gifFilm) end() ([]byte, error) {
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &f.g); err != nil {
		return nil, fmt.Errorf("imaging: %w", err)
	}
	return b.Bytes(), nil
}

type webpFilm struct {
	b   bytes.Buffer
	enc *animation.AnimEncoder
}

func (f *webpFilm) add(r *raster, wait time.Duration) error {
	return f.enc.AddFrame(r.straight(), wait)
}

func (f *webpFilm) end() ([]byte, error) {
	err := f.enc.Close()
	return f.b.Bytes(), err
}
