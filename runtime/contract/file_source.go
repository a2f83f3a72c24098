package contract

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"sync"
	"sync/atomic"
)

// source is where a file's bytes come from.
type source interface {
	size() (int64, error) // -1 when not known
	replayable() bool
	open() (io.ReadCloser, error)
}

// sourceOf chooses by what r can do, the most capable first.
func sourceOf(r io.Reader) source {
	switch r := r.(type) {
	case nil:
		return noSource{}
	case *bytes.Buffer:
		return memorySource(r.Bytes())
	case *os.File:
		if info, err := r.Stat(); err != nil || !regular(info) {
			return &onceSource{r: r, n: -1}
		}
	}
	if s, ok := r.(io.Seeker); ok {
		if base, n, err := extent(s); err == nil {
			return seekable(r, base, n)
		}
	}
	if l, ok := r.(interface{ Len() int }); ok {
		return &onceSource{r: r, n: int64(l.Len())}
	}
	return &onceSource{r: r, n: -1}
}

// extent returns the current offset and the number of bytes from there to the
// end, and leaves the offset as it was.
func extent(s io.Seeker) (base, n int64, err error) {
	if base, err = s.Seek(0, io.SeekCurrent); err != nil {
		return 0, 0, err
	}
	end, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, 0, err
	}
	_, err = s.Seek(base, io.SeekStart)
	return base, max(end-base, 0), err
}

func seekable(r io.Reader, base, n int64) source {
	if at, ok := r.(io.ReaderAt); ok {
		return sectionSource{r: at, base: base, n: n}
	}
	return &seekSource{r: r.(io.ReadSeeker), base: base, n: n}
}

// noSource is the content of the zero File.
type noSource struct{}

func (noSource) size() (int64, error)         { return -1, ErrNoContent }
func (noSource) replayable() bool             { return false }
func (noSource) open() (io.ReadCloser, error) { return nil, ErrNoContent }

// memorySource is content in memory.
type memorySource []byte

func (s memorySource) size() (int64, error) { return int64(len(s)), nil }
func (s memorySource) replayable() bool     { return true }
func (s memorySource) open() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(s)), nil
}

// diskSource is the file at a path.
type diskSource string

func (s diskSource) size() (int64, error) {
	info, err := os.Stat(string(s))
	switch {
	case err != nil:
		return -1, err
	case info.IsDir():
		return -1, &os.PathError{Op: "read", Path: string(s), Err: errors.New("is a directory")}
	case !regular(info):
		return -1, nil
	default:
		return info.Size(), nil
	}
}

func (s diskSource) replayable() bool {
	info, err := os.Stat(string(s))
	return err != nil || regular(info)
}

func (s diskSource) open() (io.ReadCloser, error) { return os.Open(string(s)) }

// sectionSource is a reader with random access: each opening is independent of
// the others and of the reader's own offset.
type sectionSource struct {
	r       io.ReaderAt
	base, n int64
}

func (s sectionSource) size() (int64, error) { return s.n, nil }
func (s sectionSource) replayable() bool     { return true }

// open does not stop at n, so that content that has grown is noticed.
func (s sectionSource) open() (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(s.r, s.base, math.MaxInt64-s.base)), nil
}

// seekSource is a reader that has a single offset: the latest opening owns it,
// and reading an earlier one fails.
type seekSource struct {
	base, n int64

	mu     sync.Mutex
	r      io.ReadSeeker
	opened int // how many times
}

func (s *seekSource) size() (int64, error) { return s.n, nil }
func (s *seekSource) replayable() bool     { return true }

func (s *seekSource) open() (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.r.Seek(s.base, io.SeekStart); err != nil {
		return nil, err
	}
	s.opened++
	return io.NopCloser(&seekReader{s, s.opened}), nil
}

type seekReader struct {
	s  *seekSource
	my int
}

func (r *seekReader) Read(p []byte) (int, error) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if r.my != r.s.opened {
		return 0, errors.New("the file was opened again while it was read")
	}
	return r.s.r.Read(p)
}

// onceSource is a plain reader, consumed by the first opening.
type onceSource struct {
	r    io.Reader
	n    int64
	used atomic.Bool
}

func (s *onceSource) size() (int64, error) { return s.n, nil }
func (s *onceSource) replayable() bool     { return false }

func (s *onceSource) open() (io.ReadCloser, error) {
	if s.used.Swap(true) {
		return nil, ErrUsed
	}
	return io.NopCloser(s.r), nil
}

// arrivingSource is a file that somebody else is still receiving, who also sees to
// it that it is opened once.
type arrivingSource func() (io.ReadCloser, error)

func (s arrivingSource) size() (int64, error)         { return -1, nil }
func (s arrivingSource) replayable() bool             { return false }
func (s arrivingSource) open() (io.ReadCloser, error) { return s() }
