package fake

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"go/build"
	"hash/crc32"
	"image"
	"image/color/palette"
	"image/gif"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
)

// TestRealImages stores every image of the Go distribution and of
// golang.org/x/image.
func TestRealImages(t *testing.T) {
	a := New().Account("one")
	seen := map[string]int{}
	for _, path := range realImages(t) {
		data := ok(os.ReadFile(path))(t)
		img, err := a.UploadImage(t.Context(), api.ImageUpload{File: fileOf(filepath.Base(path), data)})
		if damaged[filepath.Base(path)] {
			fails(t, err, api.ErrDecodeFailed)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got, mediaType := blobOf(t, a, img.ID)
		if !bytes.Equal(got, data) {
			t.Errorf("%s comes back changed", path)
		}
		kind := strings.TrimPrefix(filepath.Ext(path), ".")
		equal(t, path, mediaType, "image/"+strings.Replace(kind, "jpg", "jpeg", 1))
		seen[kind]++
	}
	for _, kind := range []string{"jpeg", "png", "gif", "webp"} {
		if seen[kind] < 3 {
			t.Errorf("only %d files of %s", seen[kind], kind)
		}
	}
}

// damaged are samples that lack a part.
var damaged = map[string]bool{
	"invalid-trunc.png": true,
	"invalid-noend.png": true,
	"invalid-crc32.png": true,
}

func realImages(t testing.TB) []string {
	t.Helper()
	goroot := filepath.Join(runtime.GOROOT(), "src", "image")
	ximage := ok(build.Import("golang.org/x/image/webp", ".", build.FindOnly))(t).Dir
	var out []string
	for _, pattern := range []string{
		filepath.Join(goroot, "testdata", "*"),
		filepath.Join(goroot, "png", "testdata", "*"),
		filepath.Join(goroot, "png", "testdata", "pngsuite", "*"),
		filepath.Join(filepath.Dir(ximage), "testdata", "*"),
	} {
		for _, path := range ok(filepath.Glob(pattern))(t) {
			switch filepath.Ext(path) {
			case ".jpeg", ".jpg", ".png", ".gif", ".webp":
				out = append(out, path)
			}
		}
	}
	if len(out) < 100 {
		t.Fatalf("only %d sample images found", len(out))
	}
	return out
}

// chunk is a chunk of a PNG file.
func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngOf returns a PNG whose header states a size; its pixels are missing.
func pngOf(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32(nil, width)
	head = append(binary.BigEndian.AppendUint32(head, height), 8, 2, 0, 0, 0)
	return bytes.Join([][]byte{
		[]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", head), chunk("IDAT", nil), chunk("IEND", nil),
	}, nil)
}

// gifOf returns an animation of n frames of one pixel on a canvas.
func gifOf(t testing.TB, width, height, n int) []byte {
	t.Helper()
	g := gif.GIF{Config: image.Config{Width: width, Height: height}}
	for range n {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, 1, 1), palette.WebSafe))
		g.Delay = append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// webpOf returns an extended WebP file with n frames, whose pixels are missing.
func webpOf(width, height, n int) []byte {
	riff := func(kind string, data []byte) []byte {
		b := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
		return append(b, make([]byte, len(data)%2)...)
	}
	head := []byte{2, 0, 0, 0, byte(width - 1), byte((width - 1) >> 8), byte((width - 1) >> 16),
		byte(height - 1), byte((height - 1) >> 8), byte((height - 1) >> 16)}
	body := append([]byte("WEBP"), riff("VP8X", head)...)
	for range n {
		body = append(body, riff("ANMF", make([]byte, 17))...)
	}
	return riff("RIFF", body)
}

func TestLimitsOfSize(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want *contract.ErrorKind
	}{
		"side":               {pngOf(12_000, 1), nil},
		"wide":               {pngOf(12_001, 1), api.ErrImageTooLarge},
		"high":               {pngOf(1, 12_001), api.ErrImageTooLarge},
		"100 MP":             {pngOf(10_000, 10_000), nil},
		"over 100 MP":        {pngOf(10_000, 10_001), api.ErrImageTooLarge},
		"billions":           {pngOf(1<<16, 1<<16), api.ErrImageTooLarge},
		"beyond counting":    {pngOf(1<<31-1, 1<<31-1), api.ErrDecodeFailed},
		"no width":           {pngOf(0, 1), api.ErrDecodeFailed},
		"animation":          {gifOf(t, 5_000, 5_000, 4), nil},
		"large animation":    {gifOf(t, 5_000, 5_000, 5), api.ErrAnimationTooLarge},
		"WebP side":          {webpOf(16_000, 1, 1), nil},
		"WebP animation":     {webpOf(5_000, 5_000, 4), nil},
		"WebP too large":     {webpOf(5_000, 5_001, 4), api.ErrAnimationTooLarge},
		"WebP large canvas":  {webpOf(1<<24, 100, 2), api.ErrAnimationTooLarge},
		"WebP without image": {webpOf(1, 1, 0), api.ErrDecodeFailed},
	} {
		_, err := inspect(c.data)
		switch {
		case c.want != nil && err == nil:
			t.Errorf("%s: accepted", name)
		case c.want != nil:
			fails(t, err, c.want)
		case err != nil:
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTruncatedFiles(t *testing.T) {
	webp := webpOf(10, 10, 2)
	for name, c := range map[string]struct {
		data []byte
		from int // the first length from which on a prefix is an image
	}{
		"png":  {pngOf(3, 3), len(pngOf(3, 3))},
		"webp": {webp, len(webp)},
	} {
		for n := 1; n < c.from; n++ {
			if _, err := inspect(c.data[:n]); err == nil {
				t.Errorf("%s of %d bytes out of %d is accepted", name, n, len(c.data))
			}
		}
		if _, err := inspect(append(c.data, "more"...)); err != nil {
			t.Errorf("%s: what follows the end matters: %v", name, err)
		}
	}
	animation := gifOf(t, 2, 2, 3)
	for n := range animation {
		frames := gifFrames(animation[:n])
		if frames > 3 || n == len(animation)-1 && frames != 3 {
			t.Errorf("%d frames in %d of %d bytes", frames, n, len(animation))
		}
		if _, err := inspect(animation[:n]); (err == nil) != (frames > 0) {
			t.Errorf("%d frames in %d bytes, and the error is %v", frames, n, err)
		}
	}
}

func TestGIFFramesAgreeWithTheDecoder(t *testing.T) {
	for _, n := range []int{1, 2, 7} {
		data := gifOf(t, 3, 2, n)
		equal(t, "frames", gifFrames(data), len(ok(gif.DecodeAll(bytes.NewReader(data)))(t).Image))
	}
}

func TestSVG(t *testing.T) {
	long := "<!--" + strings.Repeat("x", svgHead) + "-->"
	for text, want := range map[string]bool{
		`<svg xmlns="http://www.w3.org/2000/svg"/>`: true,
		"<svg>": true,
		"\ufeff <?xml version='1.0' encoding='UTF-8'?>\n<!-- a -->\n<svg/>":                                      true,
		`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "a.dtd" [<!ENTITY ns "u"><!-- > -->]><svg xmlns="&ns;">`: true,
		`<?xml version="1.0" encoding="ISO-8859-1"?><!-- ` + "\xe9" + ` --><svg/>`:                               true,
		`<s:svg xmlns:s="http://www.w3.org/2000/svg"/>`:                                                          true,
		"<!-- ü 😀 --><svg width='1'>":                                                                            true,
		"":                                                                                                       false,
		"svg":                                                                                                    false,
		"text <svg/>":                                                                                            false,
		"<!-- a -->text<svg/>":                                                                                   false,
		"<html><svg/></html>":                                                                                    false,
		"<!DOCTYPE html><html></html>":                                                                           false,
		"<SVG/>":                                                                                                 false,
		"<svgx/>":                                                                                                false,
		"<":                                                                                                      false,
		"<svg":                                                                                                   false,
		"<!-- no end":                                                                                            false,
		"<?xml version='1.0'?>":                                                                                  false,
		long + "<svg/>":                                                                                          false,
	} {
		if got := isSVG([]byte(text)); got != want {
			t.Errorf("isSVG(%.60q) is %v", text, got)
		}
	}
	equal(t, "media type", ok(inspect([]byte("<svg/>")))(t), "image/svg+xml")
}

func TestOtherFilesAreRefused(t *testing.T) {
	for _, data := range []string{
		"x", "RIFF", "RIFF\x04\x00\x00\x00WAVE", "BM", "%PDF-1.7", "GIF88a", "\xff\xd8", "\x00\x00\x00\x18ftypheic", "<html></html>",
	} {
		_, err := inspect([]byte(data))
		fails(t, err, api.ErrUnsupportedImage)
	}
	for _, data := range []string{
		"GIF89a", "\xff\xd8\xff", "\xff\xd8\xff\xe0garbage", "\x89PNG\r\n\x1a\n", "RIFF\x04\x00\x00\x00WEBP", "RIFF\xff\xff\xff\xffWEBP",
	} {
		_, err := inspect([]byte(data))
		fails(t, err, api.ErrDecodeFailed)
	}
}

// FuzzInspect checks that nothing panics, and that what a decoder reads is
// within what inspect lets pass.
func FuzzInspect(f *testing.F) {
	for _, name := range []string{"testdata/video-001.jpeg", "testdata/triangle-001.gif", "testdata/video-001.png"} {
		f.Add(sample(f, name))
	}
	f.Add(pngOf(3, 3))
	f.Add(gifOf(f, 3, 3, 2))
	f.Add(webpOf(3, 3, 2))
	f.Add([]byte("<?xml version='1.0'?><!-- a --><svg/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		mediaType, err := inspect(data)
		if (mediaType == "") == (err == nil) {
			t.Fatalf("media type %q, error %v", mediaType, err)
		}
		if err != nil {
			if _, known := contract.AsError(err); !known {
				t.Fatalf("error is %v", err)
			}
			return
		}
		if mediaType == "image/png" {
			config := ok(png.DecodeConfig(bytes.NewReader(data)))(t)
			if area := int64(config.Width) * int64(config.Height); area > maxArea || area < 1 {
				t.Fatalf("an area of %d passed", area)
			}
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	big := append(pixel(1), make([]byte, maxImage-len(pixel(1)))...)
	for name, data := range map[string][]byte{
		"gif":  gifOf(b, 100, 100, 100),
		"jpeg": sample(b, "testdata/video-001.jpeg"),
		"png":  sample(b, "testdata/video-001.png"),
		"big":  big,
		"svg":  []byte("<svg>" + strings.Repeat("x", maxImage-5)),
	} {
		b.Run(fmt.Sprintf("%s of %d", name, len(data)), func(b *testing.B) {
			for b.Loop() {
				ok(inspect(data))(b)
			}
		})
	}
}

func TestCallersKeepTheirBytes(t *testing.T) {
	a := New().Account("one")
	data := pixel(1)
	img := ok(a.UploadImage(t.Context(), api.ImageUpload{File: fileOf("a.png", data)}))(t)
	clear(data)
	blob := ok(a.GetImageBlob(t.Context(), img.ID))(t)
	equal(t, "stored", bytes.Equal(ok(io.ReadAll(blob))(t), pixel(1)), true)
}
