package serve

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// stream answers bytes and closes them. One that can seek is answered in ranges
// and, where it has a tag, only to those who do not have it yet.
func (r *Request) stream(s *contract.Stream) error {
	if s == nil {
		return errNothing
	}
	defer func() { _ = s.Close() }()
	header := r.writer.Header()
	header["Content-Type"] = []string{streamType(r.endpoint.op, s)}
	if s.ETag != "" {
		header.Set("Etag", s.ETag)
	}
	if content, ok := s.ReadCloser.(io.ReadSeeker); ok {
		return r.content(content)
	}
	if s.Size > 0 { // 0 may be a size that nobody has set
		header["Content-Length"] = []string{strconv.FormatInt(s.Size, 10)}
	}
	r.writer.WriteHeader(http.StatusOK)
	if r.http.Method == http.MethodHead {
		return nil
	}
	_, err := io.Copy(&r.writer, s)
	return err
}

// streamType returns the type of a stream: that of the operation, where it is
// fixed, or that of the implementation, if it says one.
func streamType(op *contract.Operation, s *contract.Stream) string {
	if !strings.Contains(op.Result.MediaType, "*") {
		return op.Result.MediaType
	}
	if s.ContentType == "" {
		return "application/octet-stream"
	}
	return s.ContentType
}

// content answers what can seek as [http.ServeContent] does, but for failures,
// which are enveloped.
func (r *Request) content(content io.ReadSeeker) error {
	source := &watched{ReadSeeker: content}
	w := &ranged{tracker: &r.writer}
	http.ServeContent(w, r.http, "", time.Time{}, source)
	switch {
	case source.err != nil:
		return source.err
	case w.refused != 0:
		e := r.h.contract.Faults.BadRequest.With("%s", http.StatusText(w.refused))
		e.Status = w.refused
		return e
	default:
		return nil
	}
}

// watched remembers why content could not be read.
type watched struct {
	io.ReadSeeker
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadSeeker.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

func (w *watched) Seek(offset int64, whence int) (int64, error) {
	n, err := w.ReadSeeker.Seek(offset, whence)
	if err != nil {
		w.err = err
	}
	return n, err
}

// ranged holds back failures, which are answered otherwise.
type ranged struct {
	*tracker
	refused int // the status
}

func (w *ranged) WriteHeader(status int) {
	if status >= 400 {
		w.refused = status
		return
	}
	w.tracker.WriteHeader(status)
}

func (w *ranged) Write(b []byte) (int, error) {
	if w.refused != 0 {
		return len(b), nil
	}
	return w.tracker.Write(b)
}
