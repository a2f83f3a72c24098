package imaging

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
)

// Why an image is refused. What is returned wraps one of them.
var (
	// ErrFormat says that data is none of the formats of this package.
	ErrFormat = errors.New("imaging: not an image of a known format")
	// ErrDamaged says that the format is known and the file cannot be decoded.
	ErrDamaged = errors.New("imaging: the image is damaged")
	// ErrTooLarge says that the image, or what is asked for, has too many pixels.
	ErrTooLarge = errors.New("imaging: the image is too large")
)

// Format is a file format.
type Format uint8

// The formats. All are read; SVG is never drawn.
const (
	Auto Format = iota // the format of the source
	JPEG
	PNG
	GIF
	WebP
	SVG
)

var mediaTypes = [...]string{"", "image/jpeg", "image/png", "image/gif", "image/webp", "image/svg+xml"}

// MediaType returns the format's media type, such as "image/jpeg".
func (f Format) MediaType() string { return mediaTypes[f] }

// Sniff tells the format of a file by its first bytes, Auto when it is none.
func Sniff(data []byte) Format {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return GIF
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return WebP
	case isSVG(data):
		return SVG
	default:
		return Auto
	}
}

// svgHead is how far into a file its root element is looked for, in bytes.
const svgHead = 64 << 10

// isSVG reports whether data is an XML document whose root element is svg.
func isSVG(data []byte) bool {
	head := bytes.TrimPrefix(data[:min(len(data), svgHead)], []byte("\ufeff"))
	head = bytes.TrimLeft(head, " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<")) {
		return false
	}
	d := newXML(bytes.NewReader(head))
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

// newXML reads a document whose encoding is not known as if it were UTF-8.
func newXML(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.Strict = false // entities of a document type are not known
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return d
}
