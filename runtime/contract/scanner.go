package contract

import (
	"encoding/json"
	"strings"
)

// MaxScanned is how many members an object may be read by.
const MaxScanned = 64

// maxDepth bounds the recursion. encoding/json stops at 10,000.
const maxDepth = 500

// Scannable is implemented by generated types.
type Scannable interface {
	// ScanJSON reads the value; null leaves it as it is. The value must be its
	// type's zero value.
	ScanJSON(*Scanner)
}

// Scanner reads one JSON text into Go values without reflection: generated code
// says which member goes where, and the scanner knows the grammar. It does not keep
// the text, nor does what it reads refer to it.
//
// It reads what is usual and gives up on the rest: a Scanner that gave up says
// nothing about the text, and its reader asks encoding/json. What it does read is
// what encoding/json would have read. It gives up on text that is not JSON, on a
// value of another type, on a member that is given twice, or in another case, or
// under a name with escapes or letters beyond ASCII, and on nesting deeper than 500
// levels.
type Scanner struct {
	text  []byte
	at    int // of the next byte
	depth int
	bad   bool // it gave up
	// expected is the depth at which a member is expected, met that there was one.
	expected int
	met      bool
}

// NewScanner returns a scanner of text.
func NewScanner(text []byte) *Scanner { return &Scanner{text: text} }

// GiveUp ends the reading.
func (s *Scanner) GiveUp() {
	s.bad = true
	s.at = len(s.text) // nothing is left to read, so that no loop goes on
}

// End reports whether the text was read to its end, and nothing but one value
// was in it.
func (s *Scanner) End() bool {
	s.space()
	return !s.bad && s.at == len(s.text)
}

// space skips white space and returns the byte after it, 0 at the end.
func (s *Scanner) space() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take skips white space and the byte c, or gives up.
func (s *Scanner) take(c byte) bool {
	if s.space() != c {
		s.GiveUp()
		return false
	}
	s.at++
	return true
}

// word skips one of the words of JSON, or gives up.
func (s *Scanner) word(w string) bool {
	if string(s.text[s.at:min(s.at+len(w), len(s.text))]) != w {
		s.GiveUp()
		return false
	}
	s.at += len(w)
	return true
}

// null reports whether the next value is null, and skips it then.
func (s *Scanner) null() bool { return s.space() == 'n' && s.word("null") }

// enter goes a level deeper, through the bracket c, or gives up.
func (s *Scanner) enter(c byte) bool {
	if s.depth++; s.depth > maxDepth {
		s.GiveUp()
	}
	return s.take(c)
}

// more goes to the next element of an object or an array. It returns false
// behind the closing bracket.
func (s *Scanner) more(first bool, closing byte) bool {
	c := s.space()
	switch {
	case c == closing:
		s.at++
		s.depth--
		return false
	case first:
		return c != 0 || s.fail()
	default:
		return s.take(',')
	}
}

func (s *Scanner) fail() bool {
	s.GiveUp()
	return false
}

// Members are those of an object that is being read. It is used as
//
//	o := s.Object(names)
//	for o.Next() {
//		switch o.Name {
//
// where each case reads the value.
type Members struct {
	// Name is the member whose value is to be read.
	Name string

	s      *Scanner
	names  []string
	seen   uint64 // a bit for each name
	likely int    // the name after the last one: members mostly keep their order
	later  bool   // a member came before
	absent bool
}

// Object begins an object of which the members of those names are wanted, up to
// [MaxScanned]; others are skipped. For null it is without members.
func (s *Scanner) Object(names []string) Members {
	return Members{s: s, names: names, absent: s.null() || !s.enter('{')}
}

// Next goes to the next wanted member.
func (o *Members) Next() bool {
	for !o.absent && o.s.more(!o.later, '}') {
		o.later = true
		key := o.s.key()
		if o.s.bad || o.find(key) {
			o.s.met = o.s.met || o.s.depth == o.s.expected && !o.s.IsNull()
			return !o.s.bad
		}
		o.s.Skip()
	}
	return false
}

// find sets Name to the wanted member with the key.
func (o *Members) find(key []byte) bool {
	for i := range o.names {
		at := o.likely + i
		if at >= len(o.names) {
			at -= len(o.names)
		}
		if string(key) == o.names[at] {
			return o.found(at)
		}
	}
	for _, name := range o.names {
		if strings.EqualFold(string(key), name) { // encoding/json takes it
			o.s.GiveUp()
			return false
		}
	}
	return false
}

func (o *Members) found(at int) bool {
	o.Name, o.likely = o.names[at], at+1
	bit := uint64(1) << at
	if o.seen&bit != 0 { // encoding/json merges the two
		o.s.GiveUp()
	}
	o.seen |= bit
	return true
}

// key reads a member's name and the colon.
func (s *Scanner) key() []byte {
	text, plain := s.quoted()
	if !plain || !s.take(':') {
		s.GiveUp()
		return nil
	}
	return text[1 : len(text)-1]
}

// Expect notes from now on whether the next value is an object with a member that
// is wanted and not null. [Scanner.Met] tells.
func (s *Scanner) Expect() { s.expected, s.met = s.depth+1, false }

// Met reports whether there was what [Scanner.Expect] waited for.
func (s *Scanner) Met() bool { return s.met }

// IsNull reports whether the next value is null.
func (s *Scanner) IsNull() bool { return s.space() == 'n' }

// IsArray reports whether the next value is an array.
func (s *Scanner) IsArray() bool { return s.space() == '[' }

// raw returns the text of the next value and skips it.
func (s *Scanner) raw() []byte {
	s.space()
	from := s.at
	if s.Skip(); s.bad {
		return nil
	}
	return s.text[from:s.at]
}

// ScanAny reads a value with encoding/json.
func ScanAny[T any](p *T, s *Scanner) {
	if text := s.raw(); s.bad || json.Unmarshal(text, p) != nil {
		s.GiveUp()
	}
}
