package imaging

import (
	"bytes"
	"encoding/binary"
)

// EXIF data is a TIFF file. What of it matters here stands in its first
// directory.
const (
	tagOrientation = 0x0112
	tagCopyright   = 0x8298
	tiffASCII      = 2
	tiffShort      = 3
)

// tiffDirectory returns the entries of the first directory, 12 bytes each, and
// the offset behind them. There is none where the data is malformed.
func tiffDirectory(data []byte) (entries []byte, end int, order binary.ByteOrder) {
	const head = 8
	if len(data) < head {
		return nil, 0, nil
	}
	switch string(data[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return nil, 0, nil
	}
	p := int64(order.Uint32(data[4:]))
	if p < head || p+2 > int64(len(data)) {
		return nil, 0, nil
	}
	n := int64(order.Uint16(data[p:]))
	if p+2+12*n > int64(len(data)) {
		return nil, 0, nil
	}
	return data[p+2 : p+2+12*n], int(p + 2 + 12*n), order
}

// tiffEntry finds the entry of a tag.
func tiffEntry(data []byte, tag uint16) ([]byte, binary.ByteOrder) {
	entries, _, order := tiffDirectory(data)
	for ; len(entries) > 0; entries = entries[12:] {
		if order.Uint16(entries) == tag {
			return entries[:12], order
		}
	}
	return nil, nil
}

// exifOrientation reads the orientation tag. One that is unknown is ignored.
func exifOrientation(data []byte) orientation {
	entry, order := tiffEntry(data, tagOrientation)
	if entry == nil || order.Uint16(entry[2:]) != tiffShort {
		return orientation{}
	}
	if v := int(order.Uint16(entry[8:])); v >= 1 && v < len(exifOrientations) {
		return exifOrientations[v]
	}
	return orientation{}
}

// exifUpright returns a copy for an image whose orientation has been applied: the
// tag is 1, and there is no thumbnail any more.
func exifUpright(data []byte) []byte {
	out := bytes.Clone(data)
	entries, end, order := tiffDirectory(out)
	if entries == nil {
		return nil
	}
	if entry, order := tiffEntry(out, tagOrientation); entry != nil {
		order.PutUint16(entry[2:], tiffShort)
		order.PutUint32(entry[4:], 1)
		order.PutUint16(entry[8:], 1)
	}
	if end+4 <= len(out) {
		order.PutUint32(out[end:], 0) // no directory follows
	}
	return out
}

// exifCopyright returns EXIF data that holds the copyright tag alone, nil when
// there is none.
func exifCopyright(data []byte) []byte {
	entry, order := tiffEntry(data, tagCopyright)
	if entry == nil || order.Uint16(entry[2:]) != tiffASCII {
		return nil
	}
	text := entry[8:]
	n := int64(order.Uint32(entry[4:]))
	if n > 4 {
		p := int64(order.Uint32(entry[8:]))
		if p+n > int64(len(data)) {
			return nil
		}
		text = data[p:]
	}
	return copyrightTIFF(text[:n])
}

// copyrightTIFF writes a TIFF file with one tag.
func copyrightTIFF(text []byte) []byte {
	const entry = 10 // its offset
	b := []byte("II*\x00\x08\x00\x00\x00\x01\x00")
	b = binary.LittleEndian.AppendUint16(b, tagCopyright)
	b = binary.LittleEndian.AppendUint16(b, tiffASCII)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	if len(text) <= 4 {
		b = append(b, text...)
		b = append(b, make([]byte, entry+12-len(b))...)
		return append(b, 0, 0, 0, 0)
	}
	b = binary.LittleEndian.AppendUint32(b, entry+12+4)
	b = append(b, 0, 0, 0, 0)
	return append(b, text...)
}
