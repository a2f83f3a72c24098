package form

import (
	"bytes"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"testing/iotest"
)

// piece is a part as both readers see it.
type piece struct {
	disposition, contentType, content string
}

// FuzzParts compares the reader of parts with that of the standard library.
func FuzzParts(f *testing.F) {
	const d = "Content-Disposition: form-data; name=a\r\n"
	for _, body := range []string{
		"--b\r\n" + d + "\r\nx\r\n--b--\r\n",
		"--b\r\n" + d + "\r\n--b--",
		"--b\n" + strings.ReplaceAll(d, "\r", "") + "\nx\n--b--\n",
		"preamble\r\n--b \t\r\n" + d + "Content-Type: image/png\r\n\r\n\r\n--bb\r\n--b\r\n\r\n\r\n--b--epilogue",
		"--b\r\n" + d + " folded\r\n\r\nx\r\n--b-\r\n--b--\r\n",
		"--b\r\n" + d + "\r\nx\r\n--b",
		"--b\r\n" + d + "\r\nx\r\n--b--\r",
		"--b--", "", "--b", "--b\r\n", "--b\r\n\r\n", "--b\r\nX",
		"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\r\n--b--\r\n",
	} {
		f.Add([]byte(body), "b", true)
		f.Add([]byte(body), "b", false)
	}
	f.Add([]byte("----\r\n\r\nx\r\n------"), "--", true)
	f.Add([]byte("--b:c\r\nX: y\r\n\r\nx\r\n--b:c--"), "b:c", true)
	f.Fuzz(func(t *testing.T, body []byte, boundary string, slow bool) {
		if boundary == "" || strings.ContainsAny(boundary, "\r\n") || len(boundary) > 200 {
			return
		}
		src := io.Reader(bytes.NewReader(body))
		if slow {
			src = iotest.OneByteReader(src)
		}
		ours, err := ourPieces(src, boundary)
		theirs, theirErr := theirPieces(body, boundary)
		if err != nil {
			if theirErr == nil && !strange(body) {
				t.Fatalf("%q: %v, and the library reads %q", body, err, theirs)
			}
			return
		}
		if theirErr != nil {
			t.Fatalf("%q: read as %q, and the library says %v", body, ours, theirErr)
		}
		if len(ours) != len(theirs) {
			t.Fatalf("%q: %q, the library %q", body, ours, theirs)
		}
		for i := range ours {
			if ours[i] != theirs[i] {
				t.Fatalf("%q: %q, the library %q", body, ours, theirs)
			}
		}
	})
}

// strange reports whether a header may be one that only the library takes: it
// is long, or has lines without a colon or a name.
func strange(body []byte) bool {
	for line := range bytes.Lines(body) {
		name, value, found := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		if !found && len(name) > 0 || found && (len(name) == 0 || bytes.ContainsFunc(name, notInToken)) || !printable(value) || len(line) > 4000 {
			return true
		}
	}
	return false
}

func ourPieces(src io.Reader, boundary string) ([]piece, error) {
	p := newParts(src, boundary, 8<<10)
	defer p.release()
	var list []piece
	for {
		h, err := p.next()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		if len(list)%3 == 2 { // some parts are passed over
			list = append(list, piece{disposition: h.disposition, contentType: h.contentType})
			continue
		}
		var b strings.Builder
		if len(list)%3 == 1 {
			whole, _, err := p.whole()
			if err != nil {
				return nil, err
			}
			b.Write(whole)
		}
		for {
			text, err := p.content()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
			b.Write(text)
		}
		list = append(list, piece{h.disposition, h.contentType, b.String()})
	}
}

func theirPieces(body []byte, boundary string) ([]piece, error) {
	r := multipart.NewReader(Whole(io.NopCloser(bytes.NewReader(body))), boundary)
	var list []piece
	for {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		if len(list)%3 == 2 {
			b = nil
		}
		list = append(list, piece{part.Header.Get("Content-Disposition"), part.Header.Get("Content-Type"), string(b)})
	}
}

// Parts are the same wherever the window ends.
func TestPartsAcrossWindows(t *testing.T) {
	t.Parallel()
	for n := windowSize - 200; n < windowSize+20; n++ {
		body := "--b\r\nA: b\r\n\r\n" + strings.Repeat("x", n) + "\r\n--bx\r\n--b\r\n\r\nsecond\r\n--b--"
		list, err := ourPieces(strings.NewReader(body), "b")
		if err != nil || len(list) != 2 || len(list[0].content) != n+6 || list[1].content != "second" {
			t.Fatalf("%d bytes: %d parts, %v", n, len(list), err)
		}
	}
}
