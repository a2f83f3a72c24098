package imaging

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"iter"
	"time"
)

// riffChunks yields the chunks of RIFF data that are whole, by name.
func riffChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for rest := data; len(rest) >= 8; {
			n := int64(binary.LittleEndian.Uint32(rest[4:]))
			if n > int64(len(rest)-8) || !yield(string(rest[:4]), rest[8:8+n]) {
				return
			}
			rest = rest[min(8+n+n&1, int64(len(rest))):] // chunks are padded to an even length
		}
	}
}

// webpFile is the structure of a WebP file.
type webpFile struct {
	canvas image.Point
	frames []webpFrame
	loops  int // 0 is for ever
	moves  bool
	exif   []byte
	icc    []byte
}

// webpFrame is a frame of an animation, or the image of a still file.
type webpFrame struct {
	at       image.Point
	size     image.Point
	duration time.Duration
	replace  bool   // instead of being blended
	clear    bool   // its place after it was shown
	alpha    []byte // of VP8
	bits     []byte
	lossless bool
}

// scanWebP reads the structure of a WebP file. The size of each frame is that in
// its bitstream, which is what a decoder goes by, and the canvas holds it.
func scanWebP(data []byte) (*webpFile, error) {
	f := &webpFile{}
	still := webpFrame{}
	for name, body := range riffChunks(data[12:]) {
		switch name {
		case "VP8X":
			if len(body) >= 10 {
				f.moves = body[0]&2 != 0
				f.canvas = image.Pt(uint24(body[4:])+1, uint24(body[7:])+1)
			}
		case "ANIM":
			if len(body) >= 6 {
				f.loops = int(binary.LittleEndian.Uint16(body[4:]))
			}
		case "ANMF":
			if err := f.animationFrame(body); err != nil {
				return nil, err
			}
		case "ICCP":
			f.icc = body
		case "EXIF":
			f.exif = bytes.TrimPrefix(body, []byte("Exif\x00\x00")) // as some writers have it
		default:
			still.chunk(name, body)
		}
	}
	if !f.moves {
		f.frames = nil
	}
	if still.bits != nil && len(f.frames) == 0 {
		f.moves, f.frames = false, []webpFrame{still}
	}
	return f, f.check()
}

// animationFrame reads an ANMF chunk.
func (f *webpFile) animationFrame(body []byte) error {
	const head = 16
	if len(body) < head {
		return fmt.Errorf("%w: a frame is cut off", ErrDamaged)
	}
	frame := webpFrame{
		at:       image.Pt(2*uint24(body), 2*uint24(body[3:])),
		duration: time.Duration(uint24(body[12:])) * time.Millisecond,
		replace:  body[15]&2 != 0,
		clear:    body[15]&1 != 0,
	}
	for name, part := range riffChunks(body[head:]) {
		frame.chunk(name, part)
	}
	f.frames = append(f.frames, frame)
	return nil
}

// chunk reads the chunks that make up one image.
func (w *webpFrame) chunk(name string, body []byte) {
	switch {
	case name == "ALPH":
		w.alpha = body
	case name == "VP8 " && w.bits == nil && len(body) >= 10:
		w.bits = body
		w.size = image.Pt(int(binary.LittleEndian.Uint16(body[6:])&0x3fff), int(binary.LittleEndian.Uint16(body[8:])&0x3fff))
	case name == "VP8L" && w.bits == nil && len(body) >= 5:
		w.bits, w.lossless = body, true
		v := binary.LittleEndian.Uint32(body[1:])
		w.size = image.Pt(int(v&0x3fff)+1, int(v>>14&0x3fff)+1)
	}
}

// check wants every frame to lie within the canvas.
func (f *webpFile) check() error {
	if len(f.frames) == 0 {
		return fmt.Errorf("%w: it has no frame", ErrDamaged)
	}
	if !f.moves && f.canvas == (image.Point{}) {
		f.canvas = f.frames[0].size
	}
	for _, frame := range f.frames {
		end := frame.at.Add(frame.size)
		if frame.bits == nil || end.X > f.canvas.X || end.Y > f.canvas.Y || !f.moves && end != f.canvas {
			return fmt.Errorf("%w: a frame does not fit its canvas", ErrDamaged)
		}
	}
	return nil
}

func inspectWebP(data []byte) (Header, error) {
	f, err := scanWebP(data)
	if err != nil {
		return Header{}, err
	}
	return Header{
		Format: WebP, Frames: len(f.frames), stored: f.canvas,
		opaque: !f.moves && !f.frames[0].lossless && f.frames[0].alpha == nil,
		depth:  8, // four bytes of a lossless image, and four it is turned into
		meta:   metadata{exif: f.exif, icc: func() []byte { return f.icc }},
	}, nil
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
