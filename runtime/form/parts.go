package form

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// windowSize is how much of a body is held at a time, in bytes. What must be
// seen whole, such as the header of a part or a small file, fits into it.
const windowSize = 32 << 10

var windows = sync.Pool{New: func() any { return new([windowSize]byte) }}

// Errors of reading a form, which its reader answers as bad requests.
var (
	errForm   = errors.New("form: malformed")
	errHeader = errors.New("form: the header of a part is too long")
)

// parts reads a form part by part, as [mime/multipart.Reader] does, with a
// window that is shared by everything that reads it. It notices every form that
// breaks off, and asks for memory once a form.
type parts struct {
	src      io.Reader
	window   *[windowSize]byte
	pos, end int   // of the window's content
	err      error // of src; nothing comes after end
	// delim is a line break, two dashes and the boundary. Lines end with "\r\n",
	// or with "\n" when the first boundary does.
	delim     []byte
	bare      bool
	maxHeader int
	began     bool // a boundary was seen
	inside    bool // the content of a part is being read
	fresh     bool // none of it has been read
}

func newParts(src io.Reader, boundary string, maxHeader int) *parts {
	return &parts{
		src: src, window: windows.Get().(*[windowSize]byte), delim: []byte("\r\n--" + boundary),
		maxHeader: min(maxHeader, windowSize),
	}
}

// release gives the window back. Nothing may read the form any more.
func (p *parts) release() {
	if p.window != nil {
		windows.Put(p.window)
	}
	p.window, p.pos, p.end, p.err = nil, 0, 0, errForm
}

func (p *parts) held() []byte { return p.window[p.pos:p.end] }

// maxIdle bounds reads that deliver nothing.
const maxIdle = 100

// more reads on. It is false at the end of the body, and when the window is full.
func (p *parts) more() bool {
	if p.pos > 0 && p.err == nil {
		p.end = copy(p.window[:], p.held())
		p.pos = 0
	}
	for range maxIdle {
		if p.err != nil || p.end == windowSize {
			return false
		}
		n, err := p.src.Read(p.window[p.end:])
		p.end, p.err = p.end+n, err
		if n > 0 {
			return true
		}
	}
	p.err = io.ErrNoProgress
	return false
}

// broken is the error for a form that does not go on as it must.
func (p *parts) broken() error {
	if p.err == nil {
		return errForm
	}
	if p.err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return p.err
}

// dashes is the boundary at the beginning of a line.
func (p *parts) dashes() []byte { return p.delim[len(p.lineEnd()):] }

// next goes to the next part and reads its header. It returns io.EOF at the end
// of the form, and only there.
func (p *parts) next() (header, error) {
	if err := p.skip(); err != nil {
		return header{}, err
	}
	for {
		line, err := p.line()
		if err != nil {
			return header{}, err
		}
		switch rest, isBoundary := bytes.CutPrefix(line, p.dashes()); {
		case isBoundary && p.endsLine(rest):
			p.began = true
			return p.header()
		case isBoundary && p.endsForm(rest):
			return header{}, io.EOF
		case p.began:
			return header{}, errForm
		}
	}
}

// skip reads what is left of a part, and the line break before a boundary.
func (p *parts) skip() error {
	for p.inside {
		if _, err := p.content(); err != nil && err != io.EOF {
			return err
		}
	}
	if p.began {
		p.lineBreak()
	}
	return nil
}

// lineBreak passes over the line break that belongs to the boundary after it.
// A part without content has none.
func (p *parts) lineBreak() {
	if bytes.HasPrefix(p.held(), []byte(p.lineEnd())) {
		p.pos += len(p.lineEnd())
	}
}

// endsLine reports whether a boundary is one that a part follows. The first one
// decides how lines end.
func (p *parts) endsLine(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t")
	if !p.began && len(rest) == 1 && rest[0] == '\n' {
		p.bare, p.delim = true, p.delim[1:]
		return true
	}
	return string(rest) == p.lineEnd()
}

func (p *parts) lineEnd() string {
	if p.bare {
		return "\n"
	}
	return "\r\n"
}

// endsForm reports whether a boundary is the last one. The body may end without
// a line break, or within it.
func (p *parts) endsForm(rest []byte) bool {
	rest, last := bytes.CutPrefix(rest, []byte("--"))
	rest = bytes.TrimLeft(rest, " \t")
	return last && (len(rest) == 0 || string(rest) == p.lineEnd() || string(rest) == "\r" && p.err == io.EOF)
}

// line returns the next line with its end, which only the last line of the body
// may lack.
func (p *parts) line() ([]byte, error) {
	seen := 0
	for {
		if i := bytes.IndexByte(p.held()[seen:], '\n'); i >= 0 {
			line := p.held()[:seen+i+1]
			p.pos += len(line)
			return line, nil
		}
		seen = p.end - p.pos
		if p.more() {
			continue
		}
		line := p.held()
		if p.err != io.EOF || len(line) == 0 {
			return nil, p.broken()
		}
		p.pos = p.end
		return line, nil
	}
}

// content returns content of the part that is in the window, and passes over
// it. The bytes are valid until the next call. It returns io.EOF at the end of
// the part, and only there.
func (p *parts) content() ([]byte, error) {
	for p.inside {
		n, ended := p.find(0)
		if n > 0 {
			found := p.held()[:n]
			p.pos += n
			p.fresh = false
			return found, nil
		}
		if ended {
			p.inside = false
			break
		}
		if !p.more() {
			return nil, p.broken()
		}
	}
	return nil, io.EOF
}

// whole returns the content of a part of which nothing is read, if the window
// holds it and its end; false leaves the part as it is. The bytes are valid until
// the form is read on. The error says that the part has no end.
func (p *parts) whole() (content []byte, ok bool, err error) {
	from := 0
	for {
		n, ended := p.find(from)
		if ended {
			found := p.held()[:n]
			p.pos += n
			p.inside = false
			return found, true, nil
		}
		from = n
		if p.more() {
			continue
		}
		if p.err != nil {
			return nil, false, p.broken()
		}
		return nil, false, nil
	}
}

// find returns how many bytes at the beginning of the window are content, and
// whether the part ends after them; if not, what follows must be seen first.
// The first from of them are known to be content.
func (p *parts) find(from int) (n int, ended bool) {
	held := p.held()
	if p.fresh && from == 0 {
		if v := verdictOn(held, p.dashes()); v != no {
			return 0, v == yes
		}
	}
	for n = from; ; {
		i := bytes.Index(held[n:], p.delim)
		if i < 0 {
			return n + p.surely(held[n:]), false
		}
		n += i
		switch verdictOn(held[n:], p.delim) {
		case yes:
			return n, true
		case unknown:
			return n, false
		}
		n += len(p.delim)
	}
}

// surely returns how much of content without a boundary cannot be the beginning
// of one.
func (p *parts) surely(held []byte) int {
	tail := max(len(held)-len(p.delim), 0)
	if i := bytes.LastIndexByte(held[tail:], p.delim[0]); i >= 0 && bytes.HasPrefix(p.delim, held[tail+i:]) {
		return tail + i
	}
	return len(held)
}

// verdict answers a question about bytes that may not be there yet.
type verdict int

const (
	unknown verdict = iota
	yes
	no
)

// verdictOn tells a boundary from content that only begins like it.
func verdictOn(held, boundary []byte) verdict {
	rest, ok := bytes.CutPrefix(held, boundary)
	switch {
	case !ok && bytes.HasPrefix(boundary, held):
		return unknown
	case !ok:
		return no
	case len(rest) == 0, string(rest) == "-":
		return unknown
	case bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0, bytes.HasPrefix(rest, []byte("--")):
		return yes
	default:
		return no
	}
}
