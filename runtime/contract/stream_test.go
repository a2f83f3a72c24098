package contract_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cfimages/cfimages/runtime/contract"
)

// source is the content of a stream that notes its end.
type source struct {
	io.Reader
	closed int
	err    error
}

func (s *source) Close() error { s.closed++; return s.err }

func stream(r io.Reader) (*contract.Stream, *source) {
	src := &source{Reader: r}
	return &contract.Stream{ReadCloser: src, ContentType: "image/png", Size: -1}, src
}

func TestStreamWriteTo(t *testing.T) {
	t.Parallel()
	s, src := stream(strings.NewReader("0123456789"))
	if _, err := io.ReadFull(s, make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if n, err := io.Copy(&b, s); n != 7 || err != nil || b.String() != "3456789" || src.closed != 0 {
		t.Errorf("%d, %v, %q, closed %d times", n, err, b.String(), src.closed)
	}
	broken, _ := stream(iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := broken.WriteTo(io.Discard); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestSaveFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cat.png")
	for _, content := range []string{"first", "", "third"} { // also over what is there
		s, src := stream(strings.NewReader(content))
		n, err := s.SaveFile(path)
		if got, readErr := os.ReadFile(path); n != int64(len(content)) || err != nil || readErr != nil || string(got) != content || src.closed != 1 {
			t.Errorf("%d, %v, %v, %q, closed %d times", n, err, readErr, got, src.closed)
		}
	}
	onlyFile(t, filepath.Dir(path), "third")
}

// TestSaveFileIsWholeOrNot: whatever goes wrong, the old file stays and nothing is
// left beside it.
func TestSaveFileIsWholeOrNot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "cat.png")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	half, src := stream(io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if _, err := half.SaveFile(path); !errors.Is(err, io.ErrUnexpectedEOF) || src.closed != 1 {
		t.Errorf("%v, closed %d times", err, src.closed)
	}
	onlyFile(t, dir, "old")
	for name, bad := range map[string]string{"no folder": filepath.Join(dir, "none", "cat.png"), "a folder": dir} {
		s, src := stream(strings.NewReader("new"))
		if _, err := s.SaveFile(bad); err == nil || src.closed != 1 {
			t.Errorf("%s: %v, closed %d times", name, err, src.closed)
		}
	}
	onlyFile(t, dir, "old")
	unclosable, src := stream(strings.NewReader("new"))
	src.err = io.ErrClosedPipe
	if _, err := unclosable.SaveFile(path); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// onlyFile wants one file in a folder.
func onlyFile(t *testing.T, dir, content string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", entries, err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, entries[0].Name())); err != nil || string(got) != content {
		t.Errorf("%q, %v, want %q", got, err, content)
	}
}
