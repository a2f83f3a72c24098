package contract

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// DecodeJSON checks a JSON body as [CleanJSON] does and decodes it.
//
// Most bodies are what the schema says to the letter and are decoded as they
// are; only others are worth the work of saying what is wrong, or of a copy
// without it.
func DecodeJSON[T any](s *Schema, body []byte, f *Faults) (T, error) {
	var v T
	if utf8.Valid(body) && json.Unmarshal(body, &v) == nil && conforms(s, body) {
		return v, nil
	}
	var again T // a decoder that fails leaves traces
	clean, err := CleanJSON(s, body, f)
	if err != nil {
		return again, err
	}
	if err := json.Unmarshal(clean, &again); err != nil {
		return again, f.BadRequest.With("the body cannot be decoded: %s", err)
	}
	return again, nil
}

// conforms reports whether a valid JSON text satisfies the schema and decodes to
// exactly what was checked: every member is known, written plainly and given
// once. False means that it takes a closer look.
func conforms(s *Schema, text []byte) bool {
	w := walker{text: text}
	return w.value(s)
}

// walker goes through a text that is known to be valid JSON.
type walker struct {
	text []byte
	at   int
}

// peek passes over blanks and returns the next character.
func (w *walker) peek() byte {
	for {
		switch c := w.text[w.at]; c {
		case ' ', '\t', '\r', '\n':
			w.at++
		default:
			return c
		}
	}
}

func (w *walker) value(s *Schema) bool {
	c := w.peek()
	if c == 'n' {
		w.skip()
		return s.Nullable
	}
	switch s.Type {
	case TypeObject:
		if c == '{' && len(s.Properties) > 0 {
			return w.object(s)
		}
		return c == '{' && s.objectViolation(w.skip()) == ""
	case TypeArray:
		return c == '[' && w.array(s)
	case TypeString:
		text, ok := w.plain()
		return ok && s.fits(text)
	case TypeBoolean:
		w.skip()
		return c == 't' || c == 'f'
	case TypeInteger, TypeNumber:
		return w.number(s)
	default:
		w.skip()
		return s.Type == TypeAny
	}
}

// maxTracked is how many members of an object are told apart here.
const maxTracked = 64

func (w *walker) object(s *Schema) bool {
	if len(s.Properties) > maxTracked {
		return false
	}
	var given uint64
	w.at++
	for w.peek() != '}' {
		if w.peek() == ',' {
			w.at++
			w.peek()
		}
		name, ok := w.plain()
		if !ok {
			return false
		}
		i := s.index(name)
		if i < 0 || given&(1<<i) != 0 {
			return false
		}
		given |= 1 << i
		w.peek()
		w.at++ // the colon
		if !w.value(s.Properties[i].Schema) {
			return false
		}
	}
	w.at++
	return s.complete(given)
}

// index returns which property has a name, -1 when none does.
func (s *Schema) index(name []byte) int {
	for i := range s.Properties {
		if s.Properties[i].Name == string(name) {
			return i
		}
	}
	return -1
}

// complete reports whether the properties given are enough and not too many.
func (s *Schema) complete(given uint64) bool {
	for i := range s.Properties {
		if s.Properties[i].Required && given&(1<<i) == 0 {
			return false
		}
	}
	return len(s.OneOf) == 0 // a rule for the closer look
}

func (w *walker) array(s *Schema) bool {
	w.at++
	n := 0
	for ; w.peek() != ']'; n++ {
		if w.peek() == ',' {
			w.at++
		}
		if s.Items == nil {
			w.skip()
		} else if !w.value(s.Items) {
			return false
		}
	}
	w.at++
	return n >= s.MinItems && (s.MaxItems == 0 || n <= s.MaxItems)
}

// plain returns the text of a string without escapes.
func (w *walker) plain() ([]byte, bool) {
	if w.peek() != '"' {
		return nil, false
	}
	text := w.text[w.at+1:]
	n := bytes.IndexByte(text, '"')
	w.at += n + 2
	return text[:n], bytes.IndexByte(text[:n], '\\') < 0
}

// number takes integers of up to 18 digits; others may need to be rewritten.
func (w *walker) number(s *Schema) bool {
	text := w.skip()
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil {
		return len(text) <= 18 && s.rangeViolation(float64(n)) == ""
	}
	f, err := strconv.ParseFloat(string(text), 64)
	return err == nil && s.Type == TypeNumber && s.rangeViolation(f) == ""
}

// skip passes over a value, whatever it is, and returns its text.
func (w *walker) skip() []byte {
	w.peek()
	from, depth := w.at, 0
	for ; w.at < len(w.text); w.at++ {
		switch w.text[w.at] {
		case '"':
			w.quoted()
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth == 0 {
				return w.text[from:w.at]
			}
			depth--
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return w.text[from:w.at]
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			w.at++
			break
		}
	}
	return w.text[from:w.at]
}

// quoted goes to the closing quote of a string.
func (w *walker) quoted() {
	for w.at++; w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			w.at++
		}
	}
}

// fits is what [Schema.stringViolation] checks, for a text of valid UTF-8.
func (s *Schema) fits(text []byte) bool {
	n := utf8.RuneCount(text)
	return n >= s.MinLength && (s.MaxLength == 0 || n <= s.MaxLength) &&
		(len(s.Enum) == 0 || s.lists(text)) &&
		(s.Pattern == nil || s.Pattern.Match(string(text))) &&
		(s.Format == "" || formatViolation(s.Format, string(text)) == "")
}

func (s *Schema) lists(text []byte) bool {
	for _, e := range s.Enum {
		if e == string(text) {
			return true
		}
	}
	return false
}
