package imaging

import (
	"bytes"
	"encoding/binary"
)

// jpegScan is what the segments before the pixels of a JPEG file say.
type jpegScan struct {
	progressive bool
	components  int
	samples     int64 // of all components, for 16 pixels
	exif        []byte
	icc         map[int][]byte // by its number, from 1
}

// scanJPEG walks the segments up to the first scan. What is malformed ends the
// walk: the decoder will say so.
func scanJPEG(data []byte) jpegScan {
	s := jpegScan{icc: map[int][]byte{}}
	for p := 2; p+4 <= len(data); {
		if data[p] != 0xff {
			return s
		}
		marker := data[p+1]
		if marker == 0xff || marker == 0x01 || marker&^7 == 0xd0 { // fill bytes and markers without a length
			p++
			if marker != 0xff {
				p++
			}
			continue
		}
		n := int(binary.BigEndian.Uint16(data[p+2:]))
		if marker == 0xda || marker == 0xd9 || n < 2 || p+2+n > len(data) {
			return s
		}
		s.segment(marker, data[p+4:p+2+n])
		p += 2 + n
	}
	return s
}

func (s *jpegScan) segment(marker byte, body []byte) {
	switch marker {
	case 0xc0, 0xc1, 0xc2:
		s.progressive = marker == 0xc2
		s.frame(body)
	case 0xe1:
		if exif, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && s.exif == nil {
			s.exif = exif
		}
	case 0xe2:
		if icc, ok := bytes.CutPrefix(body, []byte("ICC_PROFILE\x00")); ok && len(icc) > 2 {
			s.icc[int(icc[0])] = icc[2:]
		}
	}
}

// frame reads the sampling factors of the components.
func (s *jpegScan) frame(body []byte) {
	const head = 6
	if len(body) < head {
		return
	}
	s.components = min(int(body[5]), 4)
	var most int64
	for i := range s.components {
		if head+3*i+1 >= len(body) {
			return
		}
		factors := body[head+3*i+1]
		n := int64(factors>>4) * int64(factors&15)
		s.samples += n
		most = max(most, n)
	}
	if most > 0 {
		s.samples = (16*s.samples + most - 1) / most
	}
}

// depth is what decoding takes, in bytes a pixel. The decoder of the standard
// library keeps four bytes of a coefficient for each sample of a progressive
// image, and turns four components into four more bytes. A file that is not
// understood is taken for the worst.
func (s *jpegScan) depth() int64 {
	samples := (s.samples + 15) / 16
	unknown := samples < 1
	if unknown {
		samples = 4
	}
	depth := samples
	if s.progressive || unknown {
		depth += 4 * samples
	}
	if s.components > 3 || unknown {
		depth += 8
	}
	return depth
}

func (s *jpegScan) metadata() metadata {
	return metadata{exif: s.exif, icc: func() []byte {
		var icc []byte
		for i := 1; s.icc[i] != nil; i++ {
			icc = append(icc, s.icc[i]...)
		}
		return icc
	}}
}
