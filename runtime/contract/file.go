package contract

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// defaultName is sent for a file without a name: a file part must have one.
const defaultName = "file"

// Errors of reading a [File].
var (
	// ErrUsed says that a file which can be read only once is opened again.
	ErrUsed = errors.New("the file can be read only once and has been")
	// ErrSize says that a file holds fewer or more bytes than it declared.
	ErrSize = errors.New("the file does not have the declared size")
	// ErrNoContent says that a file was made from nothing.
	ErrNoContent = errors.New("the file has no content to read")
)

// File is a file to send, or one that was received. Make one with [OpenFile],
// [Bytes] or [Reader]; it is immutable, and the With methods return copies
// that share the content.
//
// A replayable file may be sent many times, and by several goroutines unless it is
// from an [io.Seeker] that is no [io.ReaderAt]. Any other file is sent once, by
// whichever of its copies comes first.
type File struct {
	name        string
	contentType string
	src         source
	declared    *int64 // overrides the size of src
	own         bool   // nobody else can change the bytes of src
	progress    func(sent, total int64)
}

// OpenFile returns the file at path, named by its last element. The file is
// opened when it is sent and may be sent again. A path that cannot be opened is
// reported by [File.Open] and [EncodeForm].
func OpenFile(path string) *File {
	return &File{name: filepath.Base(path), src: diskSource(path)}
}

// Bytes returns a file that holds b. The bytes are not copied and must not
// change while a call sends the file; when the call has returned, they may.
func Bytes(name string, b []byte) *File {
	return &File{name: name, src: memorySource(b)}
}

// Reader returns a file that is read from r, from its current offset to its
// end. r is never closed.
//
// The size is known when r has a Len method or is an [io.Seeker], and a file
// from a Seeker may be sent again; so may one from a [*bytes.Buffer], which is
// not consumed and must not change meanwhile. From any other reader the file
// has no known size, unless [File.WithSize] states it, and is sent once.
//
// A call that is answered before the file is sent waits a moment for a Read of r that
// is running, but not for one that blocks. One that is canceled waits for it, as
// net/http does.
func Reader(name string, r io.Reader) *File {
	return &File{name: name, src: sourceOf(r)}
}

// Owned is [Bytes] for bytes that nobody else has: they never change, so that who
// stores the file needs no copy of them.
func Owned(name string, b []byte) *File {
	return &File{name: name, src: memorySource(b), own: true}
}

// Arriving returns a file that is read once, from what open returns, and whose size
// is not known before its end.
func Arriving(name string, open func() (io.ReadCloser, error)) *File {
	return &File{name: name, src: arrivingSource(open)}
}

// Outline returns the file without its content: its name, type and size remain,
// and it cannot be opened.
func (f *File) Outline() *File {
	size := f.Size()
	return &File{name: f.name, contentType: f.ContentType(), src: noSource{}, declared: &size}
}

// Name returns the file's name, "file" when none was given. The name of a
// received file is what its sender wrote, which may look like a path: it is
// not safe to create a file by it.
func (f *File) Name() string {
	if f.name == "" {
		return defaultName
	}
	return f.name
}

// Size returns the number of bytes, or -1 when it is not known. For a file
// from [OpenFile] it asks the file system each time.
func (f *File) Size() int64 {
	n, err := f.measure()
	if err != nil {
		return -1
	}
	return n
}

func (f *File) measure() (int64, error) {
	if f.declared != nil {
		return max(*f.declared, -1), nil
	}
	return f.source().size()
}

// ContentType returns the media type that was given or, for bytes in memory,
// detected. It is empty for other files, whose type is detected when they are
// sent.
func (f *File) ContentType() string {
	if b, ok := f.src.(memorySource); ok && f.contentType == "" {
		return typeOf(f, b)
	}
	return f.contentType
}

// WithName returns a copy with another name.
func (f *File) WithName(name string) *File {
	c := *f
	c.name = name
	return &c
}

// WithType returns a copy with the given media type, such as "image/png". An
// empty one means to detect it.
func (f *File) WithType(contentType string) *File {
	c := *f
	c.contentType = contentType
	return &c
}

// WithSize returns a copy that promises to hold exactly n bytes; a negative n
// means not known. Sending a file that breaks the promise fails with
// [ErrSize]. The reader must report its end after n bytes.
func (f *File) WithSize(n int64) *File {
	c := *f
	c.declared = &n
	return &c
}

// WithProgress returns a copy that calls progress while it is sent: with the number of
// bytes read from it so far, and the number there are or -1. The calls come one
// after the other from the goroutine that sends the file, which waits for them, and
// none comes after the call has returned. A file that is sent again begins again at
// the bottom.
func (f *File) WithProgress(progress func(sent, total int64)) *File {
	c := *f
	c.progress = progress
	return &c
}

// Replayable reports whether the file can be opened more than once.
func (f *File) Replayable() bool { return f.source().replayable() }

// Open returns the content from the start. The second call for a file that is
// not replayable fails with [ErrUsed]. The caller closes what it gets.
func (f *File) Open() (io.ReadCloser, error) {
	content, err := f.source().open()
	if err != nil || f.progress == nil {
		return content, err
	}
	return &counted{ReadCloser: content, total: f.Size(), progress: f.progress}, nil
}

// counted tells how much was read.
type counted struct {
	io.ReadCloser
	sent, total int64
	progress    func(sent, total int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if n > 0 {
		c.sent += int64(n)
		c.progress(c.sent, c.total)
	}
	return n, err
}

// WriteTo writes the content from the start. It counts as opening the file, and
// fails where reading does.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, r)
	return n, errors.Join(err, r.Close())
}

func (f *File) source() source {
	if f.src == nil {
		return noSource{}
	}
	return f.src
}

// InMemory returns the content of a file that is in memory as its sender left it,
// and whether it never changes: then it may be kept without a copy. It is nil
// for any other file, and for one that says another size or tells its progress,
// which [File.Open] sees to. Nobody may write to it.
func InMemory(f *File) (content []byte, fixed bool) {
	b, ok := f.src.(memorySource)
	if !ok || f.progress != nil || f.Size() != int64(len(b)) {
		return nil, false
	}
	return b, f.own
}

// regular reports whether info is of a file whose size means something.
func regular(info os.FileInfo) bool { return info.Mode().IsRegular() }
