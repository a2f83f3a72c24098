package contract

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
)

// FilePart is a file part of a form to send. A part whose File is nil is left out.
type FilePart struct {
	Name string
	File *File
}

// Form is a multipart/form-data body that is ready to be sent. Its files are
// streamed and never held in memory as a whole.
type Form struct {
	// ContentType is the media type with the boundary.
	ContentType string
	// Length is the number of bytes, or -1 when it is not known because a
	// file's size is not.
	Length int64
	// GetBody returns the form from its start. Files are opened when the
	// reader reaches them, and an error of opening or of the declared size is
	// returned by its Read. A form that is not replayable is returned once,
	// then GetBody fails with [ErrUsed].
	GetBody func() (io.ReadCloser, error)
	// Replayable reports whether GetBody may be called again. It takes a known
	// length and files that are replayable.
	Replayable bool
}

// EncodeForm returns the form of the fields, then the files, each in the given
// order. Without any it returns nil: no body must be sent then, because a form
// without parts is refused.
//
// A file part always has a filename and a media type. For a file of known size
// whose type is not given, up to 512 bytes are read here to detect it; of
// other files nothing is read yet. The error says that a file cannot be
// examined, or that a name or type has characters a header cannot hold.
func EncodeForm(fields []Field, fileParts []FilePart) (*Form, error) {
	e := formEncoder{boundary: rand.Text(), replayable: true}
	for _, f := range fields {
		e.text(f)
	}
	for _, p := range fileParts {
		if p.File == nil {
			continue
		}
		if err := e.file(p); err != nil {
			e.abandon()
			return nil, err
		}
	}
	if e.err != nil {
		e.abandon()
		return nil, e.err
	}
	if e.parts == 0 {
		return nil, nil
	}
	return e.form(), nil
}

// formEncoder builds a form as texts with files between them: texts[i] precedes
// files[i], and buf follows the last one.
type formEncoder struct {
	boundary   string
	parts      int
	buf        bytes.Buffer
	texts      [][]byte
	files      []upload
	fileBytes  int64 // -1 when not known
	replayable bool
	err        error
}

// upload is a file as it was found when the form was made.
type upload struct {
	file *File
	size int64
	// labelled is true when the header with the type is complete.
	labelled bool
	// opened is the content if it had to be opened to detect its type and
	// cannot be opened again.
	opened io.ReadCloser
}

func (e *formEncoder) begin(name string) {
	if e.parts > 0 {
		e.buf.WriteString("\r\n")
	}
	e.parts++
	e.buf.WriteString("--" + e.boundary + "\r\nContent-Disposition: form-data; name=\"" + e.quote(name) + `"`)
}

// quote escapes a name for a header. CR and LF have an escape; no other
// control character has one.
func (e *formEncoder) quote(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return isControl(r) && r != '\r' && r != '\n' }) && e.err == nil {
		e.err = fmt.Errorf("the name %q contains a control character", name)
	}
	return quoter.Replace(name)
}

// quoter writes a quoted value as browsers do, with '"', CR and LF as %22, %0D
// and %0A, except that a backslash is doubled: parsers that know quoted pairs would
// otherwise drop it.
var quoter = strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A", `\`, `\\`)

// isControl reports whether a header must not contain r.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

func (e *formEncoder) text(f Field) {
	e.begin(f.Name)
	e.buf.WriteString("\r\n\r\n")
	e.buf.WriteString(f.Value)
}

func (e *formEncoder) file(p FilePart) error {
	u, contentType, err := examine(p.File)
	if err != nil {
		return err
	}
	if strings.ContainsFunc(contentType, isControl) {
		return fmt.Errorf("the type %q of a file contains a control character", contentType)
	}
	e.begin(p.Name)
	e.buf.WriteString(`; filename="` + e.quote(p.File.Name()) + "\"\r\n")
	if u.labelled {
		e.buf.WriteString(typeHeader(contentType))
	}
	e.add(u)
	return nil
}

func typeHeader(contentType string) string {
	return "Content-Type: " + contentType + "\r\n\r\n"
}

func (e *formEncoder) add(u upload) {
	e.texts = append(e.texts, bytes.Clone(e.buf.Bytes()))
	e.buf.Reset()
	e.files = append(e.files, u)
	if u.size < 0 || e.fileBytes < 0 {
		e.fileBytes = -1
	} else {
		e.fileBytes += u.size
	}
	e.replayable = e.replayable && u.file.Replayable()
}

// examine finds out a file's size and, when the length of the form depends on
// it, its type.
func examine(f *File) (upload, string, error) {
	size, err := f.measure()
	if err != nil {
		return upload{}, "", err
	}
	u := upload{file: f, size: size, labelled: true}
	if t := f.ContentType(); t != "" {
		return u, t, nil
	}
	if size < 0 {
		u.labelled = false
		return u, "", nil
	}
	content, t, err := openTyped(f)
	if err != nil {
		return upload{}, "", err
	}
	if f.Replayable() {
		return u, t, content.Close()
	}
	u.opened = content
	return u, t, nil
}

// abandon closes what was opened for a form that is not made.
func (e *formEncoder) abandon() {
	for _, u := range e.files {
		if u.opened != nil {
			_ = u.opened.Close()
		}
	}
}

func (e *formEncoder) form() *Form {
	e.buf.WriteString("\r\n--" + e.boundary + "--\r\n")
	texts := append(e.texts, e.buf.Bytes())
	b := &Form{
		ContentType: "multipart/form-data; boundary=" + e.boundary,
		Length:      e.fileBytes,
		Replayable:  e.replayable && e.fileBytes >= 0,
	}
	for i := 0; i < len(texts) && b.Length >= 0; i++ {
		b.Length += int64(len(texts[i]))
	}
	files, replayable := e.files, b.Replayable
	var used atomic.Bool
	b.GetBody = func() (io.ReadCloser, error) {
		if used.Swap(true) && !replayable {
			return nil, ErrUsed
		}
		return newFormStream(texts, files), nil
	}
	return b
}
