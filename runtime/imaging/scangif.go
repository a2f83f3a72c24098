package imaging

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"

	"github.com/cfimages/cfimages/internal/gifblock"
)

// gifFile is the structure of a GIF file.
type gifFile struct {
	head   []byte // up to the first block, with the colours for all frames
	frames []gifFrame
	loops  int // how often it is shown, 0 for ever
}

// gifFrame is a frame as it stands in the file.
type gifFrame struct {
	control []byte // the extension that says how it is shown; nil for none
	body    []byte
}

// scanGIF reads the structure of a GIF file. Frames that are not whole, and what
// is behind them, are left out.
func scanGIF(data []byte) gifFile {
	const header = 13
	f := gifFile{loops: 1}
	if len(data) < header || len(data) < header+gifblock.ColourTable(data[10]) {
		return f
	}
	p := header + gifblock.ColourTable(data[10])
	f.head = data[:p:p]
	var control []byte
	for p < len(data) {
		from := p
		switch data[p] {
		case '!': // an extension: a label, then blocks
			if p = gifblock.Skip(data, p+2); p < 0 {
				return f
			}
			control = f.extension(data[from:p:p], control)
		case ',': // a frame: a descriptor, colours, a code size, then blocks
			if p+10 > len(data) {
				return f
			}
			if p = gifblock.Skip(data, p+10+gifblock.ColourTable(data[p+9])+1); p < 0 {
				return f
			}
			f.frames = append(f.frames, gifFrame{control, data[from:p:p]})
			control = nil
		default:
			return f
		}
	}
	return f
}

// extension reads an extension, and returns the control of the next frame.
func (f *gifFile) extension(block, control []byte) []byte {
	const controlLength = 8
	if block[1] == 0xf9 && len(block) == controlLength && block[2] == 4 {
		return block
	}
	if n, ok := bytes.CutPrefix(block, []byte("!\xff\x0bNETSCAPE2.0\x03\x01")); ok && len(n) >= 2 {
		if f.loops = int(n[0]) | int(n[1])<<8; f.loops > 0 {
			f.loops++ // it counts the repetitions
		}
	}
	return control
}

// decode decodes one frame, as if it were a file of its own: the decoder sees
// what was counted, and no other frame takes memory at the same time.
func (f *gifFile) decode(i int) (frame *image.Paletted, delay int, disposal byte, err error) {
	file := bytes.Join([][]byte{f.head, f.frames[i].control, f.frames[i].body, {';'}}, nil)
	g, err := gif.DecodeAll(bytes.NewReader(file))
	if err != nil {
		return nil, 0, 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return g.Image[0], g.Delay[0], g.Disposal[0], nil
}

// canvas is the size of the whole image.
func (f *gifFile) canvas() image.Point {
	return image.Pt(int(f.head[6])|int(f.head[7])<<8, int(f.head[8])|int(f.head[9])<<8)
}
