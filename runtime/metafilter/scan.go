package metafilter

import "unicode/utf8"

// scanner reads JSON strictly: what it accepts is what encoding/json accepts.
type scanner struct {
	text  string
	pos   int
	depth int
}

// maxDepth is how deep arrays and objects may nest, the limit of encoding/json.
const maxDepth = 10000

// end is what next gives behind the last byte; as a byte of the text it is malformed, too.
const end = 0

// next skips white space and gives the byte after it, without passing it.
func (s *scanner) next() byte {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		if c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
		s.pos++
	}
	return end
}

// enter passes the bracket that opens an array or object.
func (s *scanner) enter() bool {
	s.pos++
	s.depth++
	return s.depth <= maxDepth
}

// leave passes the bracket that closes an array or object.
func (s *scanner) leave() bool {
	s.pos++
	s.depth--
	return true
}

// member reads a key and its colon.
func (s *scanner) member() (key quoted, ok bool) {
	if s.next() != '"' {
		return key, false
	}
	if key, ok = s.quoted(); !ok || s.next() != ':' {
		return key, false
	}
	s.pos++
	return key, true
}

// The outcomes of reading a value that is neither array nor object.
type outcome int

const (
	malformed outcome = iota
	isNull
	isScalar
)

// scalar reads the value that begins with c. Strings are decoded only when they are wanted.
func (s *scanner) scalar(c byte, out *scalar, wanted bool) outcome {
	switch c {
	case '"':
		q, ok := s.quoted()
		if !ok {
			return malformed
		}
		if wanted {
			*out = scalar{typ: String, text: q.decoded().text}
		}
		return isScalar
	case 't':
		return s.boolean("true", out)
	case 'f':
		return s.boolean("false", out)
	case 'n':
		if s.word("null") {
			return isNull
		}
		return malformed
	default:
		return s.number(out)
	}
}

func (s *scanner) boolean(name string, out *scalar) outcome {
	if !s.word(name) {
		return malformed
	}
	*out = scalar{typ: Boolean, text: name}
	return isScalar
}

// word passes a literal.
func (s *scanner) word(w string) bool {
	stop := s.pos + len(w)
	if stop > len(s.text) || s.text[s.pos:stop] != w {
		return false
	}
	s.pos = stop
	return true
}

func (s *scanner) number(out *scalar) outcome {
	from, to := s.pos, s.pos
	for to < len(s.text) && numeric[s.text[to]] {
		to++
	}
	text := s.text[from:to]
	if _, small := readSmall(text); !small {
		if _, ok := readDecimal(text); !ok {
			return malformed
		}
	}
	s.pos = to
	*out = scalar{typ: Number, text: text}
	return isScalar
}

// numeric has the bytes of numbers. No other may follow a number directly, so the longest run of them is the number.
var numeric = setOf("0123456789+-.eE")

// ordinary has the bytes that stand for themselves in a string and need no second look.
var ordinary = allOrdinary()

func setOf(chars string) (set charset) {
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return set
}

func allOrdinary() (set charset) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		set[c] = c != '"' && c != '\\'
	}
	return set
}

// quoted is the inside of a JSON string.
type quoted struct {
	text    string
	simple  bool // all ASCII and no escapes: text needs no decoding
	escapes bool
}

// quoted passes the string that begins here; false when it is malformed.
func (s *scanner) quoted() (quoted, bool) {
	from := s.pos + 1
	q := quoted{simple: true}
	for i := from; i < len(s.text); {
		switch c := s.text[i]; {
		case ordinary[c]:
			i++
		case c == '"':
			q.text, s.pos = s.text[from:i], i+1
			return q, true
		case c < ' ':
			return q, false
		case c != '\\':
			q.simple = false
			i++
		default:
			n := escapeLen(s.text[i:])
			if n == 0 {
				return q, false
			}
			q.simple, q.escapes = false, true
			i += n
		}
	}
	return q, false
}
