package imaging

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"runtime"
	"strings"
	"testing"
)

// pngFile is a PNG file of chunks, of which the header is made.
func pngFile(w, h uint32, depth, colour byte, chunks ...[]byte) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	b := pngChunk([]byte(pngSignature), "IHDR", append(head, depth, colour, 0, 0, 0))
	for _, c := range chunks {
		b = append(b, c...)
	}
	return pngChunk(b, "IEND", nil)
}

func deflated(n int) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	zeros := make([]byte, 1<<16)
	for ; n > 0; n -= len(zeros) {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	return b.Bytes()
}

func riffFile(body []byte) []byte {
	b := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(4+len(body)))...)
	return append(append(b, "WEBP"...), body...)
}

func vp8l(w, h int) []byte {
	v := uint32(w-1) | uint32(h-1)<<14
	return riffChunk(nil, "VP8L", append([]byte{0x2f}, append(binary.LittleEndian.AppendUint32(nil, v), 0, 0, 0, 0)...))
}

func vp8x(w, h int, flags byte) []byte {
	return riffChunk(nil, "VP8X", appendUint24(appendUint24([]byte{flags, 0, 0, 0}, w-1), h-1))
}

func jpegHeader(w, h uint16) []byte {
	b := binary.BigEndian.AppendUint16([]byte("\xff\xd8\xff\xc2\x00\x11\x08"), h)
	return append(binary.BigEndian.AppendUint16(b, w), "\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00\x00\x3f\x00"...)
}

func gifHeader(w, h uint16, frames int) []byte {
	b := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16([]byte("GIF89a"), w), h)
	b = append(b, 0x80, 0, 0, 1, 1, 1, 2, 2, 2)
	for range frames {
		b = append(b, ",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"...)
	}
	return append(b, ';')
}

// TestBombs refuses what is small as a file and large as an image, before it is
// decoded. It does not run beside other tests, since it counts what is allocated.
func TestBombs(t *testing.T) {
	pixels := pngChunk(nil, "IDAT", deflated(1<<20))
	frame := append(make([]byte, 6), appendUint24(appendUint24(nil, 3999), 3999)...)
	frame = append(append(frame, 0, 0, 0, 0), vp8l(4000, 4000)[0:]...)
	var movie []byte
	for range 8 {
		movie = riffChunk(movie, "ANMF", frame)
	}
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"png":                 {pngFile(20_000, 20_000, 8, 6, pixels), ErrTooLarge},
		"png, a line":         {pngFile(1, 1_000_000, 8, 0, pixels), ErrTooLarge},
		"png, area":           {pngFile(11_000, 11_000, 16, 6, pixels), ErrTooLarge},
		"png, far too large":  {pngFile(1<<31-1, 1<<31-1, 1, 0, pixels), ErrDamaged},
		"jpeg":                {jpegHeader(65_535, 65_535), ErrTooLarge},
		"jpeg, a side":        {jpegHeader(12_001, 1), ErrTooLarge},
		"jpeg, no height":     {jpegHeader(100, 0), ErrDamaged},
		"gif":                 {gifHeader(65_535, 65_535, 1), ErrTooLarge},
		"gif, many frames":    {gifHeader(1_000, 1_000, 101), ErrTooLarge},
		"webp":                {riffFile(vp8l(16_383, 16_383)), ErrTooLarge},
		"webp, canvas":        {riffFile(append(vp8x(1<<24, 1<<24, 2), riffChunk(nil, "ANMF", frame)...)), ErrTooLarge},
		"webp, hidden":        {riffFile(append(vp8x(10, 10, 0), vp8l(16_000, 16_000)...)), ErrDamaged},
		"webp, animation":     {riffFile(append(vp8x(4_000, 4_000, 2), movie...)), ErrTooLarge},
		"webp, outside frame": {riffFile(append(vp8x(10, 10, 2), riffChunk(nil, "ANMF", frame)...)), ErrDamaged},
	} {
		if _, err := Transform(t.Context(), c.file, Options{Width: 10}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if n := allocated(func() { _, _ = Transform(t.Context(), c.file, Options{Width: 10}) }); n > 1<<20 {
			t.Errorf("%s: %d bytes are allocated", name, n)
		}
	}
	zeros := deflated(64 << 20)
	small := pngFile(1, 1, 8, 0, pngChunk(nil, "iCCP", append([]byte("x\x00\x00"), zeros...)), pngChunk(nil, "IDAT", zeros))
	n := allocated(func() {
		if r, err := Transform(t.Context(), small, Options{Metadata: Keep}); err == nil && len(r.Data) > 1<<10 {
			t.Errorf("a profile of %d bytes is kept", len(r.Data))
		}
	})
	if n > 24<<20 {
		t.Errorf("a pixel with 128 MB of data: %d bytes are allocated", n)
	}
}

// allocated is how many bytes are allocated while f runs.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHeaderFloods reads files that are almost all header.
func TestHeaderFloods(t *testing.T) {
	t.Parallel()
	const n = 200_000
	file := jpegOf(t, image.NewGray(image.Rect(0, 0, 8, 8)), 90)
	flood := append(bytes.Clone(file[:2]), bytes.Repeat([]byte("\xff\xe1\x00\x02"), n)...)
	flood = append(flood, bytes.Repeat([]byte("\xff\xe2\x00\x13ICC_PROFILE\x00\x01\x01xyz"), n)...)
	for name, data := range map[string][]byte{
		"jpeg": append(flood, file[2:]...),
		"fill": append(append([]byte("\xff\xd8"), bytes.Repeat([]byte{0xff}, n)...), file[3:]...),
		"png":  metadataFlood(n, pngOf(t, image.NewGray(image.Rect(0, 0, 8, 8)))),
		"gif":  append(append(gifHeader(8, 8, 0)[:19], bytes.Repeat([]byte("!\xfe\x01x\x00"), n)...), gifHeader(8, 8, 1)[19:]...),
	} {
		if h, err := Inspect(data); err != nil || h.Width != 8 {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
		if r, err := Transform(t.Context(), data, Options{Metadata: Keep}); err != nil || len(r.Data) > 1<<12 {
			t.Errorf("%s: %d bytes, %v", name, len(r.Data), err)
		}
	}
}

func metadataFlood(n int, file []byte) []byte {
	chunk := binary.BigEndian.AppendUint32([]byte("\x00\x00\x00\x00tEXt"), crc32.ChecksumIEEE([]byte("tEXt")))
	return append(append(bytes.Clone(file[:33]), bytes.Repeat(chunk, n)...), file[33:]...)
}

// TestHiddenFrames has frames behind an extension that decoders read in two ways,
// so that a count and a decoder could differ.
func TestHiddenFrames(t *testing.T) {
	t.Parallel()
	file := gifHeader(8, 8, 1)
	hidden := append(bytes.Clone(file[:len(file)-1]), "!\xff\x00\x01;\x00"...)
	hidden = append(append(hidden, gifHeader(8, 8, 50)[19:]...), ';')
	h := ok(Inspect(hidden))(t)
	n := 0
	for _, err := range h.frames(hidden) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if n != h.Frames || n != 1 {
		t.Errorf("%d frames are decoded, %d are counted", n, h.Frames)
	}
}

// TestTruncated cuts files of each format at many places.
func TestTruncated(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"video-001.jpeg", "video-001.progressive.jpeg", "video-001.png", "video-001.gif", "video-001.lossy.webp", "tux.lossless.webp", "yellow_rose.lossy-with-alpha.webp"} {
		file := sample(t, name)
		for i := range 40 {
			cut := file[:len(file)*i/40]
			r, err := Transform(t.Context(), cut, Options{Width: 10, Format: PNG})
			switch {
			case err == nil && Sniff(r.Data) != PNG:
				t.Errorf("%s, %d bytes: format %d", name, len(cut), r.Format)
			case err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrFormat):
				t.Errorf("%s, %d bytes: %v", name, len(cut), err)
			}
		}
	}
	svg := `<svg xmlns="http://www.w3.org/2000/svg"><g><path d="M0 0"/></g></svg>`
	for i := range svg {
		if _, err := Transform(t.Context(), []byte(svg[:i]), Options{}); err == nil {
			t.Errorf("%s is taken for whole", svg[:i])
		}
	}
}

// TestPolyglots leaves nothing of another format that a file holds, too.
func TestPolyglots(t *testing.T) {
	t.Parallel()
	const payload = "<script>alert(1)</script><?php evil(); ?>PK\x03\x04"
	gray := image.NewGray(image.Rect(0, 0, 8, 8))
	jpegFile, pngData := jpegOf(t, gray, 90), pngOf(t, gray)
	comment := jpegSegment(nil, 0xfe, payload, nil)
	for name, file := range map[string][]byte{
		"jpeg, behind":  append(bytes.Clone(jpegFile), payload...),
		"jpeg, comment": append(append(bytes.Clone(jpegFile[:2]), comment...), jpegFile[2:]...),
		"png, behind":   append(bytes.Clone(pngData), payload...),
		"png, text":     append(pngChunk(bytes.Clone(pngData[:33]), "tEXt", []byte(payload)), pngData[33:]...),
		"webp, behind":  append(bytes.Clone(sample(t, "tux.lossless.webp")), payload...),
		"webp, a chunk": riffFile(riffChunk(bytes.Clone(sample(t, "tux.lossless.webp")[12:]), "XMP ", []byte(payload))),
		"gif, behind":   append(gifHeader(8, 8, 1), payload...),
		"gif, comment":  append(append(gifHeader(8, 8, 0)[:19], "!\xfe"+string(rune(len(payload)))+payload+"\x00"...), gifHeader(8, 8, 1)[19:]...),
	} {
		r, err := Transform(t.Context(), file, Options{Metadata: Keep})
		if err != nil || bytes.Contains(r.Data, []byte("script")) || bytes.Contains(r.Data, []byte("PK\x03\x04")) {
			t.Errorf("%s: %v, %q", name, err, r.Data)
		}
	}
}

func TestSanitise(t *testing.T) {
	t.Parallel()
	wrap := func(inner string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">` + inner + `</svg>`
	}
	for in, want := range map[string]string{
		`<g id="a" fill="red"><rect width="1" height="2"/></g>`:  `<g id="a" fill="red"><rect width="1" height="2"></rect></g>`,
		`<text x="1">a &lt; b &amp; c</text>`:                    `<text x="1">a &lt; b &amp; c</text>`,
		`<use xlink:href="#a"/>`:                                 `<use xlink:href="#a"></use>`,
		`<a href="https://x.example/"><rect/></a>`:               `<rect></rect>`,
		`<rect fill="url(#p)" clip-path='url("#c")'/>`:           `<rect fill="url(#p)" clip-path="url(&#34;#c&#34;)"></rect>`,
		`<style>.a{fill:red}</style>`:                            `<style>.a{fill:red}</style>`,
		`<image href="data:image/png;base64,AA=="/>`:             `<image href="data:image/png;base64,AA=="></image>`,
		`<animate attributeName="x" to="5"/>`:                    `<animate attributeName="x" to="5"></animate>`,
		`<script>alert(1)</script>`:                              ``,
		`<SCRIPT>alert(1)</SCRIPT>`:                              ``,
		`<x:script xmlns:x="http://www.w3.org/1999/xhtml"/>`:     ``,
		`<foreignObject><iframe src="x"/>y</foreignObject>`:      ``,
		`<g onclick="alert(1)" ONLOAD="x"/>`:                     `<g></g>`,
		`<use href="https://x.example/a.svg#b"/>`:                `<use></use>`,
		`<use href=" javascript:alert(1)"/>`:                     `<use></use>`,
		`<image href="https://x.example/a.png"/>`:                `<image></image>`,
		`<image href="data:image/svg+xml;base64,AA=="/>`:         `<image></image>`,
		`<rect style="fill:url(https://x.example)"/>`:            `<rect></rect>`,
		`<rect fill="url(//x.example/a)"/>`:                      `<rect></rect>`,
		`<rect style="fill:u\72l(x)"/>`:                          `<rect></rect>`,
		`<style>@im<!-- -->port "x";</style>`:                    `<style></style>`,
		`<style>a{b:url(#c);d:URL( 'http://x')}</style>`:         `<style></style>`,
		`<set attributeName="href" to="https://x.example"/>`:     ``,
		`<set y:attributeName="x" attributeName="href" to="#"/>`: ``,
		`<set attributeName="xlink:href" to="x"/>`:               ``,
		`<handler type="text/javascript">x</handler>`:            ``,
		`<g><!-- hidden --><?php evil ?></g>`:                    `<g></g>`,
		`<video><source src="x"/></video>`:                       ``,
	} {
		got, err := Sanitise([]byte(wrap(in)))
		if err != nil || string(got) != wrap(want) {
			t.Errorf("%s\n gives %s\n wanted %s\n %v", in, got, wrap(want), err)
		}
	}
	doctype := `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b"><!ENTITY x SYSTEM "file:///etc/passwd">]>` + wrap(`<text>&a;&x;</text>`)
	if got, err := Sanitise([]byte(doctype)); err != nil || string(got) != wrap(`<text>&amp;a;&amp;x;</text>`) {
		t.Errorf("%s, %v", got, err)
	}
	for _, bad := range []string{"", "<svg>", "<svg></g>", "<svg></svg><svg></svg>", "<html></html>", "<svg><g></svg></g>", "<svg>" + strings.Repeat("<g>", 1000)} {
		if got, err := Sanitise([]byte(bad)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %q, %v", bad, got, err)
		}
	}
}
