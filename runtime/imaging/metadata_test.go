package imaging

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

const (
	owner       = "(c) 2026 A. Photographer"
	secretModel = "SecretCamera 3000"
)

// exifSample is EXIF data with a copyright, a camera and an orientation.
func exifSample(order binary.AppendByteOrder, head string) []byte {
	const makeTag = 0x010f
	b := order.AppendUint32([]byte(head), 8)
	b = order.AppendUint16(b, 3)
	at := uint32(8 + 2 + 3*12 + 4)
	entry := func(tag, kind uint16, n, v uint32) {
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), kind), n)
		if kind == tiffShort {
			b = append(order.AppendUint16(b, uint16(v)), 0, 0)
			return
		}
		b = order.AppendUint32(b, v)
	}
	entry(makeTag, tiffASCII, uint32(len(secretModel)), at+uint32(len(owner)))
	entry(tagOrientation, tiffShort, 1, 6)
	entry(tagCopyright, tiffASCII, uint32(len(owner)), at)
	b = order.AppendUint32(b, 0)
	return append(append(b, owner...), secretModel...)
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	profile := make([]byte, 150_000) // three segments of JPEG
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(profile)
	little, big := exifSample(binary.LittleEndian, "II*\x00"), exifSample(binary.BigEndian, "MM\x00*")
	picture := photo(t, 40, 30)
	webpFile, err := Transform(t.Context(), pngOf(t, picture), Options{Format: WebP})
	if err != nil {
		t.Fatal(err)
	}
	for name, with := range map[string]func(m metadata) []byte{
		"jpeg": func(m metadata) []byte { return m.intoJPEG(jpegOf(t, picture, 90)) },
		"png":  func(m metadata) []byte { return m.intoPNG(pngOf(t, picture)) },
		"webp": func(m metadata) []byte { return extended(t, webpFile.Data, m) },
	} {
		for _, exif := range [][]byte{little, big} {
			file := with(metadata{exif: exif, icc: func() []byte { return profile }})
			for _, format := range []Format{JPEG, PNG, WebP} {
				for which, want := range map[Metadata]struct{ owner, camera, icc bool }{
					None: {}, Copyright: {owner: true}, Keep: {true, true, true},
				} {
					r, err := Transform(t.Context(), file, Options{Format: format, Metadata: which, Width: 15})
					if err != nil {
						t.Fatal(name, err)
					}
					h := ok(Inspect(r.Data))(t)
					if h.Width != 15 || h.Height != 20 {
						t.Errorf("%s to %d: %d x %d", name, format, h.Width, h.Height)
					}
					var icc []byte
					if h.meta.icc != nil {
						icc = h.meta.icc()
					}
					copyright := exifCopyright(h.meta.exif)
					if got := bytes.Contains(copyright, []byte(owner)); got != want.owner {
						t.Errorf("%s to %d, metadata %d: copyright %t", name, format, which, got)
					}
					if got := bytes.Contains(r.Data, []byte(secretModel)); got != want.camera {
						t.Errorf("%s to %d, metadata %d: camera %t", name, format, which, got)
					}
					if bytes.Equal(icc, profile) != want.icc || !want.icc && len(icc) > 0 {
						t.Errorf("%s to %d, metadata %d: a profile of %d bytes", name, format, which, len(icc))
					}
				}
			}
		}
	}
}

// extended puts metadata into a WebP file.
func extended(t *testing.T, file []byte, m metadata) []byte {
	t.Helper()
	f := ok(scanWebP(file))(t)
	head := appendUint24(appendUint24([]byte{0x28, 0, 0, 0}, f.canvas.X-1), f.canvas.Y-1)
	body := riffChunk(riffChunk(nil, "VP8X", head), "ICCP", m.icc())
	body = riffChunk(riffChunk(body, "VP8 ", f.frames[0].bits), "EXIF", m.exif)
	out := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(4+len(body)))...)
	return append(append(out, "WEBP"...), body...)
}

// TestMalformedEXIF reads nothing from what is cut off or points nowhere.
func TestMalformedEXIF(t *testing.T) {
	t.Parallel()
	good := exifSample(binary.BigEndian, "MM\x00*")
	if exifOrientation(good) != exifOrientations[6] || exifCopyright(good) == nil {
		t.Fatal("the sample is not read")
	}
	for i := range good {
		for _, data := range [][]byte{good[:i], append(bytes.Clone(good[:i]), 0xff), append(append(bytes.Clone(good[:i]), 0xff), good[i+1:]...)} {
			exifOrientation(data)
			if c := exifCopyright(data); c != nil && len(c) > len(data)+40 {
				t.Fatalf("%d bytes of copyright in %d", len(c), len(data))
			}
			if up := exifUpright(data); up != nil && exifOrientation(up) != (orientation{}) {
				t.Fatalf("the orientation stays in % x", data)
			}
		}
	}
	short := copyrightTIFF([]byte("me\x00"))
	if got := exifCopyright(short); !bytes.Equal(got, short) {
		t.Errorf("a short copyright: % x", got)
	}
	for _, value := range []int{0, 9, 200} {
		if got := exifOrientation(orientationTIFF(value)); got != (orientation{}) {
			t.Errorf("orientation %d: %+v", value, got)
		}
	}
}
