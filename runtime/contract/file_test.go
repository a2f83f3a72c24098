package contract_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/internal/formtest"
	"github.com/cfimages/cfimages/runtime/contract"
)

func onDisk(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSources(t *testing.T) {
	path := onDisk(t, "cat.png", formtest.PNG)
	opened, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	skipped := strings.NewReader("skip" + formtest.PNG)
	_, _ = io.CopyN(io.Discard, skipped, 4)
	n := int64(len(formtest.PNG))

	for name, tc := range map[string]struct {
		file       *contract.File
		size       int64
		replayable bool
	}{
		"path":                {contract.OpenFile(path), n, true},
		"bytes":               {contract.Bytes("cat.png", []byte(formtest.PNG)), n, true},
		"os.File":             {contract.Reader("cat.png", opened), n, true},
		"reader with offset":  {contract.Reader("cat.png", skipped), n, true},
		"seeker":              {contract.Reader("cat.png", seeking{strings.NewReader(formtest.PNG)}), n, true},
		"buffer":              {contract.Reader("cat.png", bytes.NewBufferString(formtest.PNG)), n, true},
		"plain":               {contract.Reader("cat.png", plain{strings.NewReader(formtest.PNG)}), -1, false},
		"plain, size given":   {contract.Reader("cat.png", plain{strings.NewReader(formtest.PNG)}).WithSize(n), n, false},
		"bytes, size unknown": {contract.Bytes("cat.png", []byte(formtest.PNG)).WithSize(-7), -1, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := tc.file
			if f.Size() != tc.size || f.Replayable() != tc.replayable || f.Name() != "cat.png" {
				t.Errorf("size %d, replayable %v, name %q", f.Size(), f.Replayable(), f.Name())
			}
			if got := formtest.Content(t, f); got != formtest.PNG {
				t.Errorf("content %q", got)
			}
			if f.Replayable() {
				if got := formtest.Content(t, f.WithName("again")); got != formtest.PNG {
					t.Errorf("content of the second opening %q", got)
				}
				return
			}
			if _, err := f.WithName("again").Open(); !errors.Is(err, contract.ErrUsed) {
				t.Errorf("the second opening: %v, want ErrUsed", err)
			}
		})
	}
}

type withLen struct{ plain }

func (withLen) Len() int { return 9 }

func TestReaderWithLen(t *testing.T) {
	f := contract.Reader("x", withLen{plain{strings.NewReader("123456789")}})
	if f.Size() != 9 || f.Replayable() {
		t.Errorf("size %d, replayable %v", f.Size(), f.Replayable())
	}
}

func TestPipeHasNoSize(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	defer func() { _ = r.Close() }()
	if f := contract.Reader("x", r); f.Size() != -1 || f.Replayable() {
		t.Errorf("size %d, replayable %v", f.Size(), f.Replayable())
	}
}

func TestFileDefaults(t *testing.T) {
	if name := contract.Bytes("", nil).Name(); name != "file" {
		t.Errorf("name %q", name)
	}
	f := contract.Bytes("x", []byte(formtest.PNG))
	if got := f.ContentType(); got != "image/png" {
		t.Errorf("detected type %q", got)
	}
	if got := f.WithType("image/webp").ContentType(); got != "image/webp" {
		t.Errorf("given type %q", got)
	}
	if got := f.ContentType(); got != "image/png" {
		t.Errorf("WithType changed the original to %q", got)
	}
}

func TestUnreadableFiles(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.png")
	for name, tc := range map[string]struct {
		file *contract.File
		want error
	}{
		"missing": {contract.OpenFile(missing), os.ErrNotExist},
		"zero":    {&contract.File{}, contract.ErrNoContent},
		"nil":     {contract.Reader("x", nil), contract.ErrNoContent},
	} {
		if _, err := tc.file.Open(); !errors.Is(err, tc.want) {
			t.Errorf("%s: Open: %v", name, err)
		}
		if _, err := contract.EncodeForm(nil, []contract.FilePart{{Name: "file", File: tc.file}}); !errors.Is(err, tc.want) {
			t.Errorf("%s: Encode: %v", name, err)
		}
		if tc.file.Size() != -1 {
			t.Errorf("%s: size %d", name, tc.file.Size())
		}
	}
	if _, err := contract.EncodeForm(nil, []contract.FilePart{{Name: "file", File: contract.OpenFile(t.TempDir())}}); err == nil {
		t.Error("a directory was accepted")
	}
}

func TestSeekerOpenedTwiceAtOnce(t *testing.T) {
	f := contract.Reader("x", seeking{strings.NewReader(formtest.PNG)})
	first, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	if got := formtest.Content(t, f); got != formtest.PNG {
		t.Errorf("the second opening read %q", got)
	}
	if _, err := first.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("the first opening reads on: %v", err)
	}
}

// TestLicencedSVG has an element that comes late, behind more than is read of a file.
func TestLicencedSVG(t *testing.T) {
	t.Parallel()
	text := "<?xml version='1.0'?>\n<!-- " + strings.Repeat("licence ", 200) + "-->\n<svg xmlns='http://www.w3.org/2000/svg'/>"
	for name, f := range map[string]*contract.File{
		"bytes":    contract.Bytes("a", []byte(text)),
		"path":     contract.OpenFile(onDisk(t, "a.SVG", text)),
		"sequence": contract.Reader("a.svg", plain{strings.NewReader(text)}),
	} {
		b := formtest.Encode(t, nil, contract.FilePart{Name: "file", File: f})
		if _, typ := fileOf(t, b.ContentType, formtest.Written(t, b)); typ != "image/svg+xml" {
			t.Errorf("%s: %s", name, typ)
		}
	}
	other := contract.OpenFile(onDisk(t, "a.xml", text))
	b := formtest.Encode(t, nil, contract.FilePart{Name: "file", File: other})
	if _, typ := fileOf(t, b.ContentType, formtest.Written(t, b)); typ != "text/xml; charset=utf-8" {
		t.Errorf("another name: %s", typ)
	}
}

func TestDetectType(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "application/octet-stream",
		"\x00\x01\x02":               "application/octet-stream",
		"\xff\xd8\xff\xe0":           "image/jpeg",
		"GIF89a":                     "image/gif",
		"RIFF\x00\x00\x00\x00WEBPVP": "image/webp",
		"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1": "image/avif",
		"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1": "image/heic",
		"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00heic": "image/heic",
		"\x00\x00\x00\x10ftypmif1heic":                 "application/octet-stream", // a version, not a brand
		"\xef\xbb\xbf<svg xmlns='x'/>":                 "image/svg+xml",
		"<?xml version='1.0'?>\n<!-- a > b -->\n<svg>": "image/svg+xml",
		"<!DOCTYPE svg PUBLIC 'x'>":                    "image/svg+xml",
		"<svgx>":                                       "text/plain; charset=utf-8",
		"<!doctype html><svg>":                         "text/html; charset=utf-8",
		"<!-- unfinished":                              "text/html; charset=utf-8",
		"words <svg>":                                  "text/plain; charset=utf-8",
	} {
		if got := contract.DetectType([]byte(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
