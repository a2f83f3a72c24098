package contract

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"path/filepath"
	"strings"
)

// sniffLen is how much of a file is looked at to detect its type.
const sniffLen = 512

// maxProlog is how far the first element of an XML text is looked for, in bytes:
// licences are long.
const maxProlog = 64 << 10

// DetectType returns the media type of content by its first 512 bytes. It
// knows what [http.DetectContentType] knows, and SVG, AVIF and HEIC images; what
// comes before the element of an SVG image may take 64 KiB. It returns
// "application/octet-stream" when nothing fits or there is no content.
func DetectType(b []byte) string {
	if len(b) == 0 {
		return "application/octet-stream"
	}
	if isSVG(b[:min(len(b), maxProlog)]) {
		return "image/svg+xml"
	}
	b = b[:min(len(b), sniffLen)]
	if t := boxType(b); t != "" {
		return t
	}
	return http.DetectContentType(b)
}

// isSVG reports whether the first element of an XML text is svg. A prolog
// that fills everything counts when its document type is svg.
func isSVG(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	for {
		b = bytes.TrimLeft(b, " \t\r\n")
		var ok bool
		switch {
		case bytes.HasPrefix(b, []byte("<?")):
			b, ok = after(b, "?>")
		case bytes.HasPrefix(b, []byte("<!--")):
			b, ok = after(b, "-->")
		case hasWord(b, "<!DOCTYPE"):
			return hasWord(bytes.TrimLeft(b[len("<!DOCTYPE"):], " \t\r\n"), "svg")
		default:
			return hasWord(b, "<svg") || hasWord(b, "<svg:svg")
		}
		if !ok {
			return false
		}
	}
}

func after(b []byte, mark string) ([]byte, bool) {
	_, rest, ok := bytes.Cut(b, []byte(mark))
	return rest, ok
}

// typeOf detects the type of a file that begins so. The rest of a long prolog is not
// read for it: then the name tells an SVG image from other XML.
func typeOf(f *File, head []byte) string {
	t := DetectType(head)
	if strings.HasPrefix(t, "text/xml") && strings.EqualFold(filepath.Ext(f.name), ".svg") {
		return "image/svg+xml"
	}
	return t
}

// hasWord reports whether b starts with word and the word ends there.
func hasWord(b []byte, word string) bool {
	n := len(word)
	return len(b) > n && strings.EqualFold(string(b[:n]), word) && bytes.IndexByte([]byte(" \t\r\n>/["), b[n]) >= 0
}

// brands are the types of ISO base media files that hold an image.
var brands = map[string]string{
	"avif": "image/avif", "avis": "image/avif",
	"heic": "image/heic", "heix": "image/heic", "hevc": "image/heic", "hevx": "image/heic",
	"heim": "image/heic", "heis": "image/heic",
}

// boxType returns the media type that an ISO base media file's first box
// claims by its own brand or a compatible one, or "". Four bytes at offset 12,
// a version, lie between the two.
func boxType(b []byte) string {
	if len(b) < 16 || string(b[4:8]) != "ftyp" {
		return ""
	}
	end := min(int64(binary.BigEndian.Uint32(b)), int64(len(b)))
	for i := 8; int64(i)+4 <= end; i += 4 {
		if t, ok := brands[string(b[i:i+4])]; ok && i != 12 {
			return t
		}
	}
	return ""
}
