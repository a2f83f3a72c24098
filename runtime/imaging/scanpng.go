package imaging

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"iter"
)

// maxProfile limits a colour profile after it is decompressed, in bytes.
const maxProfile = 4 << 20

const pngSignature = "\x89PNG\r\n\x1a\n"

// pngChunks yields the chunks that are whole, by type.
func pngChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		const frame = 12 // a chunk's length, type and checksum
		for rest := data[len(pngSignature):]; len(rest) >= frame; {
			n := int64(binary.BigEndian.Uint32(rest))
			if n > int64(len(rest)-frame) || !yield(string(rest[4:8]), rest[8:8+n]) {
				return
			}
			rest = rest[frame+n:]
		}
	}
}

func scanPNG(data []byte) metadata {
	var m metadata
	for name, body := range pngChunks(data) {
		switch name {
		case "eXIf":
			m.exif = body
		case "iCCP":
			m.icc = func() []byte { return inflateProfile(body) }
		}
	}
	return m
}

// inflateProfile reads an iCCP chunk: a name, a zero, a method and zlib data.
func inflateProfile(chunk []byte) []byte {
	_, packed, ok := bytes.Cut(chunk, []byte{0})
	if !ok || len(packed) < 1 || packed[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	icc, err := io.ReadAll(io.LimitReader(z, maxProfile+1))
	if err != nil || len(icc) > maxProfile {
		return nil
	}
	return icc
}

// pngDepth is what decoding takes, in bytes a pixel: what the decoder makes, which
// is turned into RGBA in place unless it has a palette, and as much again where
// the rows are interlaced.
func pngDepth(data []byte) int64 {
	const depth, colour, interlace = 24, 25, 28
	if len(data) <= interlace {
		return 0
	}
	var n, more int64 = 4, 0
	switch {
	case data[depth] == 16:
		n = 8
	case data[colour] == 3:
		n, more = 1, 4
	}
	if data[interlace] != 0 {
		n *= 2
	}
	return n + more
}
