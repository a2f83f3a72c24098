package contract

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Stream is a result that is not JSON: bytes with a media type. The receiver
// closes it.
type Stream struct {
	io.ReadCloser
	// ContentType is the media type, such as "image/png".
	ContentType string
	// Size is the number of bytes; -1 when it is not known, for which servers take
	// 0, too.
	Size int64
	// ETag identifies the bytes for caches, as a header writes it: "\"a1\"", with
	// its quotes. Empty when there is none.
	ETag string
}

// WriteTo writes what is left of the stream to w and returns how many bytes that
// were. It does not close the stream. An answer that breaks off is an error.
func (s *Stream) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, s.ReadCloser) }

// SaveFile writes what is left of the stream to the file at path, closes the
// stream and returns the number of bytes. The file is there whole or not at all:
// the bytes go to a temporary file in the same folder, which then replaces
// whatever is at path. The folder must exist; the file's mode is 0666 before the
// umask.
func (s *Stream) SaveFile(path string) (n int64, err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	temporary := filepath.Join(filepath.Dir(path), "."+rand.Text()) // a name of its own is never too long
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return 0, err
	}
	n, err = s.WriteTo(f)
	if err == nil {
		err = f.Sync() // a crash after the renaming must not leave an empty file
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return n, errors.Join(err, os.Remove(temporary))
	}
	return n, nil
}
