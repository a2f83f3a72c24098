package fake

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"

	"github.com/cfimages/cfimages/internal/gifblock"
)

// What follows walks the outer structure of image files. It looks at the
// lengths of blocks and not at what they hold, so it takes little time however
// large the file or its pixels are.

var errTruncated = errors.New("the file ends early")

// checkPNG checks that all chunks are there, from the header to the end.
func checkPNG(data []byte) error {
	const signature, frame = 8, 12 // a chunk's length, type and checksum
	pixels := false
	for rest := data[signature:]; len(rest) >= frame; {
		n := int64(binary.BigEndian.Uint32(rest))
		if n > int64(len(rest)-frame) {
			return errTruncated
		}
		switch string(rest[4:8]) {
		case "IDAT":
			pixels = true
		case "IEND":
			if pixels {
				return nil
			}
			return errTruncated
		}
		rest = rest[frame+n:]
	}
	return errTruncated
}

// gifFrames counts the frames that are whole. Whatever is wrong behind the
// first of them is forgiven, as viewers do.
func gifFrames(data []byte) int {
	const header = 13
	if len(data) < header {
		return 0
	}
	frames := 0
	for p := header + gifblock.ColourTable(data[10]); p >= 0 && p < len(data); {
		switch data[p] {
		case '!': // an extension: a label, then blocks
			p = gifblock.Skip(data, p+2)
		case ',': // a frame: a descriptor, colours, a code size, then blocks
			if p+10 > len(data) {
				return frames
			}
			if p = gifblock.Skip(data, p+10+gifblock.ColourTable(data[p+9])+1); p >= 0 {
				frames++
			}
		default:
			return frames
		}
	}
	return frames
}

func isWebP(data []byte) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// webpFrames counts the frames of a WebP file, all of whose chunks must be
// there.
func webpFrames(data []byte) (int, error) {
	size := int64(binary.LittleEndian.Uint32(data[4:])) + 8
	if size > int64(len(data)) {
		return 0, errTruncated
	}
	stills, frames := 0, 0
	for rest := data[12:max(size, 12)]; len(rest) >= 8; {
		n := int64(binary.LittleEndian.Uint32(rest[4:]))
		if n > int64(len(rest)-8) {
			return 0, errTruncated
		}
		switch string(rest[:4]) {
		case "VP8 ", "VP8L":
			stills++
		case "ANMF":
			frames++
		}
		rest = rest[min(8+n+n&1, int64(len(rest))):] // chunks are padded to an even length
	}
	if stills+frames == 0 {
		return 0, errTruncated
	}
	return max(frames, 1), nil
}

// svgHead is how far into a file its root element is looked for.
const svgHead = 64 << 10

// isSVG reports whether data is an XML document whose root element is svg. A
// byte order mark, declarations, comments and a document type may precede it.
func isSVG(data []byte) bool {
	head := bytes.TrimPrefix(data[:min(len(data), svgHead)], []byte("\ufeff"))
	head = bytes.TrimLeft(head, " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<")) {
		return false
	}
	d := xml.NewDecoder(&maskHigh{bytes.NewReader(head)})
	d.Strict = false // entities of a document type are not known
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		token, err := d.RawToken()
		if err != nil {
			return false
		}
		switch token := token.(type) {
		case xml.StartElement:
			return token.Name.Local == "svg"
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 {
				return false
			}
		}
	}
}

// maskHigh replaces every byte beyond ASCII by a letter, which makes a document
// readable whose encoding is not known but has the markup in ASCII.
type maskHigh struct{ text *bytes.Reader }

// ReadByte lets the decoder read no further than it has to.
func (m *maskHigh) ReadByte() (byte, error) {
	b, err := m.text.ReadByte()
	if b >= 0x80 {
		b = 'x'
	}
	return b, err
}

func (m *maskHigh) Read(p []byte) (int, error) {
	n, err := m.text.Read(p)
	for i, b := range p[:n] {
		if b >= 0x80 {
			p[i] = 'x'
		}
	}
	return n, err
}
