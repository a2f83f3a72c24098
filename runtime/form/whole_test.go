package form

import "io"

// Whole wraps the body of a request that carries a form, so that
// [mime/multipart.Reader], with which this package's reader is compared, notices
// every form that breaks off. Alone it takes a body that ends within the headers
// of a part for a complete one.
//
// A body may end without the line break after its closing boundary.
func Whole(body io.ReadCloser) io.ReadCloser {
	return &whole{ReadCloser: body}
}

type whole struct {
	io.ReadCloser
	ended bool
	last  byte   // of the body so far
	tail  string // what is left of the added line break
}

// Read delivers a line break after the end of the body, which completes a
// closing boundary, and then an error, which nobody sees who has found that
// boundary.
func (w *whole) Read(p []byte) (int, error) {
	if !w.ended {
		n, err := w.ReadCloser.Read(p)
		if n > 0 {
			w.last = p[n-1]
		}
		if err != io.EOF {
			return n, err
		}
		w.end()
		if n > 0 {
			return n, nil
		}
	}
	if w.tail == "" {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, w.tail)
	w.tail = w.tail[n:]
	return n, nil
}

func (w *whole) end() {
	w.ended, w.tail = true, "\r\n"
	if w.last == '\r' {
		w.tail = "\n"
	}
}
