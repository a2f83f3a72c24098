package imaging

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
)

// choose returns what of the metadata is passed on.
func (m metadata) choose(which Metadata) metadata {
	switch which {
	case Keep:
		out := metadata{exif: exifUpright(m.exif)}
		if m.icc != nil {
			icc := m.icc()
			out.icc = func() []byte { return icc }
		}
		return out
	case Copyright:
		return metadata{exif: exifCopyright(m.exif)}
	default:
		return metadata{}
	}
}

// maxSegment is how much a JPEG segment holds, in bytes.
const maxSegment = 0xffff - 2

// intoJPEG puts the metadata behind the start of a JPEG file. EXIF data that is
// too large for a segment is left out.
func (m metadata) intoJPEG(file []byte) []byte {
	var head []byte
	if n := len(m.exif); n > 0 && n <= maxSegment-6 {
		head = jpegSegment(head, 0xe1, "Exif\x00\x00", m.exif)
	}
	if m.icc != nil {
		const most = maxSegment - 14
		icc := m.icc()
		for i, parts := 0, (len(icc)+most-1)/most; i < parts && parts < 256; i++ {
			part := icc[i*most : min((i+1)*most, len(icc))]
			head = jpegSegment(head, 0xe2, "ICC_PROFILE\x00"+string([]byte{byte(i + 1), byte(parts)}), part)
		}
	}
	if head == nil {
		return file
	}
	return bytes.Join([][]byte{file[:2], head, file[2:]}, nil)
}

func jpegSegment(b []byte, marker byte, name string, body []byte) []byte {
	b = append(b, 0xff, marker)
	b = binary.BigEndian.AppendUint16(b, uint16(2+len(name)+len(body)))
	return append(append(b, name...), body...)
}

// intoPNG puts the metadata behind the header of a PNG file.
func (m metadata) intoPNG(file []byte) []byte {
	var head []byte
	if m.icc != nil {
		if icc := m.icc(); len(icc) > 0 {
			head = pngChunk(head, "iCCP", deflateProfile(icc))
		}
	}
	if len(m.exif) > 0 {
		head = pngChunk(head, "eXIf", m.exif)
	}
	if head == nil {
		return file
	}
	const header = 33 // signature and first chunk
	return bytes.Join([][]byte{file[:header], head, file[header:]}, nil)
}

func pngChunk(b []byte, name string, body []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	from := len(b)
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[from:]))
}

// deflateProfile is the opposite of inflateProfile.
func deflateProfile(icc []byte) []byte {
	var b bytes.Buffer
	b.WriteString("icc\x00\x00")
	z := zlib.NewWriter(&b)
	_, _ = z.Write(icc) // into memory
	_ = z.Close()
	return b.Bytes()
}
