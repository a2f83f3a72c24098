package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// formStream is a form being sent.
type formStream struct {
	io.Reader
	files []*fileReader
}

func newFormStream(texts [][]byte, uploads []upload) *formStream {
	s := &formStream{}
	readers := make([]io.Reader, 0, len(texts)+len(uploads))
	for i, text := range texts {
		readers = append(readers, bytes.NewReader(text))
		if i < len(uploads) {
			r := &fileReader{upload: uploads[i], src: uploads[i].opened}
			s.files = append(s.files, r)
			readers = append(readers, r)
		}
	}
	s.Reader = io.MultiReader(readers...)
	return s
}

// Close closes the files. It may be called while Read is running.
func (s *formStream) Close() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// fileReader reads a file part's content, opening it at the first Read, and
// fails rather than deliver another number of bytes than was declared.
type fileReader struct {
	upload
	pending []byte // the rest of the header, not yet delivered
	n       int64  // bytes of content delivered
	probe   [1]byte

	mu     sync.Mutex // guards the fields below
	src    io.ReadCloser
	closed bool
}

func (r *fileReader) Read(p []byte) (int, error) {
	src, err := r.start()
	if err != nil {
		return 0, err
	}
	if len(r.pending) > 0 {
		n := copy(p, r.pending)
		r.pending = r.pending[n:]
		return n, nil
	}
	n, err := r.content(src, p)
	if n > 0 {
		r.report()
	}
	return n, err
}

// report tells the progress, but not once the file is closed: Close waits for it.
func (r *fileReader) report() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file.progress != nil && !r.closed {
		r.file.progress(r.n, r.size)
	}
}

// content reads on in the file itself.
func (r *fileReader) content(src io.Reader, p []byte) (int, error) {
	if r.size >= 0 {
		return r.exactly(src, p)
	}
	n, err := src.Read(p)
	r.n += int64(n)
	return n, err
}

// start opens the file unless it is open.
func (r *fileReader) start() (io.ReadCloser, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, os.ErrClosed
	}
	if r.src != nil {
		return r.src, nil
	}
	var err error
	if r.labelled {
		r.src, err = r.file.source().open()
		return r.src, err
	}
	var contentType string
	if r.src, contentType, err = openTyped(r.file); err != nil {
		return nil, err
	}
	r.pending = []byte(typeHeader(contentType))
	return r.src, nil
}

// exactly reads on and compares the end with the declared size.
func (r *fileReader) exactly(src io.Reader, p []byte) (int, error) {
	left := r.size - r.n
	if left == 0 {
		return 0, r.atEnd(src)
	}
	n, err := src.Read(p[:min(int64(len(p)), left)])
	r.n += int64(n)
	if err == io.EOF && r.n < r.size {
		err = fmt.Errorf("%w: %q ended after %d of %d bytes", ErrSize, r.file.Name(), r.n, r.size)
	}
	return n, err
}

func (r *fileReader) atEnd(src io.Reader) error {
	n, err := io.ReadFull(src, r.probe[:])
	if n > 0 {
		return fmt.Errorf("%w: %q has more than %d bytes", ErrSize, r.file.Name(), r.size)
	}
	return err
}

func (r *fileReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	if r.src == nil {
		return nil
	}
	return r.src.Close()
}

// peeked is content whose beginning was read and is put back.
type peeked struct {
	io.Reader
	io.Closer
}

// openTyped opens a file and detects its type by its beginning.
func openTyped(f *File) (io.ReadCloser, string, error) {
	content, err := f.source().open() // what is read here is not sent yet
	if err != nil {
		return nil, "", err
	}
	head := make([]byte, sniffLen)
	n, err := io.ReadFull(content, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		_ = content.Close()
		return nil, "", err
	}
	head = head[:n]
	rest := peeked{io.MultiReader(bytes.NewReader(head), content), content}
	return rest, typeOf(f, head), nil
}
