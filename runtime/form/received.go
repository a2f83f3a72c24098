package form

import (
	"errors"
	"io"
	"os"
	"sync"

	"github.com/cfimages/cfimages/runtime/contract"
)

// errGone is what reading a file of a request says once the request is answered.
var errGone = errors.New("form: the request that brought the file has been answered")

// received is the content of a file that is still arriving: it is read from the
// form, once. What comes after it is checked before its end is delivered, so that
// whoever has read io.EOF has a form that the contract allows.
type received struct {
	mu      sync.Mutex // held while the form is read
	decoder *decoder   // nil once the request is answered
	limit   int64      // bytes it may have; 0 for any
	tooLong func() error
	n       int64  // bytes delivered
	held    []byte // of the window, not yet delivered
	err     error  // io.EOF or what was wrong with the form
	opened  bool
}

func (r *received) open() (io.ReadCloser, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opened {
		return nil, contract.ErrUsed
	}
	r.opened = true
	return r, nil
}

// Close leaves what is not read to the server.
func (r *received) Close() error { return nil }

// Read delivers content as it arrives.
func (r *received) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.hold(); err != nil {
		return 0, err
	}
	n := copy(p, r.held)
	r.held = r.held[n:]
	return n, nil
}

// WriteTo spares the copy that Read makes.
func (r *received) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for {
		n, err := r.writeTo(w)
		written += int64(n)
		if err == io.EOF {
			return written, nil
		}
		if err != nil {
			return written, err
		}
	}
}

func (r *received) writeTo(w io.Writer) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.hold(); err != nil {
		return 0, err
	}
	n, err := w.Write(r.held)
	r.held = r.held[min(max(n, 0), len(r.held)):]
	return n, err
}

// hold makes sure that there is content to deliver, or says why there is none.
func (r *received) hold() error {
	if len(r.held) > 0 || r.err != nil {
		return r.err
	}
	if r.decoder == nil {
		return errGone
	}
	r.held, r.err = r.decoder.parts.content()
	switch {
	case r.err == io.EOF:
		if err := r.decoder.rest(); err != nil {
			r.err = err
		}
	case r.err != nil:
		r.err = r.decoder.broken(r.err)
	default:
		if r.n += int64(len(r.held)); r.limit > 0 && r.n > r.limit {
			r.held, r.err = nil, r.tooLong()
		}
	}
	return r.err
}

// finish reads what the implementation has left, and returns what is wrong with
// the form.
func (r *received) finish() error {
	_, err := r.WriteTo(io.Discard)
	return err
}

// failed returns what was wrong with the form as far as it was read. It does not
// wait for somebody who still reads, against the rules.
func (r *received) failed() error {
	if !r.mu.TryLock() {
		return nil
	}
	defer r.mu.Unlock()
	if r.err == io.EOF {
		return nil
	}
	return r.err
}

// detach ends the reading. Whoever still reads, against the rules, keeps the
// form's window to himself; false says so.
func (r *received) detach() bool {
	if !r.mu.TryLock() {
		return false
	}
	defer r.mu.Unlock()
	r.decoder, r.held = nil, nil
	if r.err == nil {
		r.err = errGone
	}
	return true
}

// spooled writes a file to memory, or to a temporary file once it has more than
// so many bytes. The file is removed from its folder at once where the system
// allows it, so that nothing is left behind whatever happens.
type spooled struct {
	memory int64
	text   []byte
	file   *os.File
	name   string // of a file that is still in its folder
}

// Write adds to the content.
func (s *spooled) Write(p []byte) (int, error) {
	if s.file == nil && int64(len(s.text)+len(p)) <= s.memory {
		s.text = append(s.text, p...)
		return len(p), nil
	}
	if s.file == nil {
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	return s.file.Write(p)
}

// begin moves what is in memory to a file.
func (s *spooled) begin() (err error) {
	if s.file, err = os.CreateTemp("", "upload-*"); err != nil {
		return err
	}
	if os.Remove(s.file.Name()) != nil {
		s.name = s.file.Name()
	}
	_, err = s.file.Write(s.text)
	s.text = nil
	return err
}

// content returns the file of a name with what was written.
func (s *spooled) content(name string) (*contract.File, error) {
	if s.file == nil {
		return contract.Bytes(name, s.text), nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return contract.Reader(name, s.file), nil
}

// Close removes the file.
func (s *spooled) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.name != "" {
		err = errors.Join(err, os.Remove(s.name))
	}
	return err
}
