package conformance

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	stdimage "image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/bits"
	"math/rand/v2"
	"sync"
)

// sample is a file to upload.
type sample struct {
	filename, contentType string
	body                  []byte
}

// picture paints an image that is different for every n.
func picture(n int64, width, height int) *stdimage.Paletted {
	c := func(i int64) color.Color {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n)*0x9E3779B97F4A7C15+uint64(i))
		return color.RGBA{b[0], b[1], b[2], 255}
	}
	p := stdimage.NewPaletted(stdimage.Rect(0, 0, width, height), color.Palette{c(0), c(1 << 40), c(1 << 50)})
	for i := range p.Pix {
		p.Pix[i] = uint8((i ^ int(n)) % 3)
	}
	return p
}

// must is for encoders that write to memory.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// pngPool keeps the buffers of the encoder, which are much larger than what it
// writes here.
type pngPool struct{ sync.Pool }

func (p *pngPool) Get() *png.EncoderBuffer {
	b, _ := p.Pool.Get().(*png.EncoderBuffer)
	return b
}

func (p *pngPool) Put(b *png.EncoderBuffer) { p.Pool.Put(b) }

var smallPNG = png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &pngPool{}}

func pngSample(n int64) sample {
	var b bytes.Buffer
	must(smallPNG.Encode(&b, picture(n, 6, 4)))
	return sample{fmt.Sprintf("picture-%d.png", n), "image/png", b.Bytes()}
}

func jpegSample(n int64) sample {
	var b bytes.Buffer
	must(jpeg.Encode(&b, picture(n, 16, 8), nil))
	return sample{fmt.Sprintf("picture-%d.jpg", n), "image/jpeg", b.Bytes()}
}

func gifSample(n int64) sample {
	var b bytes.Buffer
	must(gif.Encode(&b, picture(n, 5, 5), nil))
	return sample{fmt.Sprintf("picture-%d.gif", n), "image/gif", b.Bytes()}
}

// webpSample is a picture of one pixel, lossless.
func webpSample(int64) sample {
	b, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	must(err)
	return sample{"pixel.webp", "image/webp", b}
}

func svgSample(n int64) sample {
	text := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="12" height="9"><title>%d</title><path d="M1 1h10v7H1z"/></svg>
`, n)
	return sample{"shape.svg", "image/svg+xml", []byte(text)}
}

func textSample() sample {
	return sample{"note.txt", "text/plain", []byte("this is a note and not an image\n")}
}

// format is a kind of image the API takes.
type format struct {
	name string
	make func(n int64) sample
}

func formats() []format {
	return []format{
		{"JPEG", jpegSample},
		{"PNG", pngSample},
		{"GIF", gifSample},
		{"WebP", webpSample},
		{"SVG", svgSample},
	}
}

var large sync.Map // [2]int -> sample

// once makes a large sample the first time it is asked for.
func once(key [2]int, build func() sample) sample {
	made, ok := large.Load(key)
	if !ok {
		made, _ = large.LoadOrStore(key, build())
	}
	return made.(sample)
}

// noisePNG is a PNG of about size bytes, which no compression makes smaller.
func noisePNG(size int) sample {
	return once([2]int{size, 0}, func() sample { return makeNoise(size) })
}

func makeNoise(size int) sample {
	const width = 1024
	p := stdimage.NewGray(stdimage.Rect(0, 0, width, size/width))
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(p.Pix)
	var b bytes.Buffer
	must((&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, p))
	return sample{"noise.png", "image/png", b.Bytes()}
}

// flatPNG is a black PNG: large to look at, small to send and quick to make.
func flatPNG(width, height int) sample {
	header := binary.BigEndian.AppendUint32(nil, uint32(width))
	header = binary.BigEndian.AppendUint32(header, uint32(height))
	header = append(header, 1, 0, 0, 0, 0) // one bit of grey
	file := chunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", header)
	file = chunk(file, "IDAT", zeros((1+(width+7)/8)*height))
	return sample{"flat.png", "image/png", chunk(file, "IEND", nil)}
}

// chunk appends a chunk of a PNG.
func chunk(file []byte, kind string, data []byte) []byte {
	file = binary.BigEndian.AppendUint32(file, uint32(len(data)))
	body := append([]byte(kind), data...)
	return binary.BigEndian.AppendUint32(append(file, body...), crc32.ChecksumIEEE(body))
}

// zeros is a zlib stream of n zero bytes, n >= 1. It is one block with the
// fixed codes: a zero, then copies of up to 258 bytes of what is before.
func zeros(n int) []byte {
	w := bitWriter{out: []byte{0x78, 0x01}}
	w.bits(1, 1)    // the last block
	w.bits(1, 2)    // fixed codes
	w.code(0x30, 8) // the byte 0
	left := n - 1
	for ; left >= 258; left -= 258 {
		w.code(0xC5, 8) // 258 bytes
		w.code(0, 5)    // from one byte before
	}
	for range left {
		w.code(0x30, 8)
	}
	w.code(0, 7) // the end
	w.bits(0, 7) // up to a whole byte
	return binary.BigEndian.AppendUint32(w.out, uint32(n%65521)<<16|1)
}

// bitWriter writes bits, the lowest of a byte first.
type bitWriter struct {
	out   []byte
	held  uint32
	count int
}

func (w *bitWriter) bits(value uint32, n int) {
	w.held |= value << w.count
	for w.count += n; w.count >= 8; w.count -= 8 {
		w.out = append(w.out, byte(w.held))
		w.held >>= 8
	}
}

// code writes a Huffman code, whose highest bit comes first.
func (w *bitWriter) code(value uint32, n int) {
	w.bits(bits.Reverse32(value)>>(32-n), n)
}
