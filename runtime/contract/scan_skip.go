package contract

import (
	"encoding/binary"
	"math/bits"
)

// Skip goes over the next value, or gives up when it is not JSON.
func (s *Scanner) Skip() {
	switch c := s.space(); c {
	case '{':
		s.skipObject()
	case '[':
		s.enter('[')
		for first := true; s.more(first, ']'); first = false {
			s.Skip()
		}
	case '"':
		s.quoted()
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		s.number()
	}
}

func (s *Scanner) skipObject() {
	s.enter('{')
	for first := true; s.more(first, '}'); first = false {
		if s.quoted(); s.take(':') {
			s.Skip()
		}
	}
}

// quoted goes over a string and returns it with its quotes. It is plain when
// what is between them is ASCII without escapes.
func (s *Scanner) quoted() (text []byte, plain bool) {
	if !s.take('"') {
		return nil, false
	}
	from := s.at - 1
	plain = true
	for s.at < len(s.text) {
		s.at += ordinary(s.text[s.at:])
		if s.at == len(s.text) {
			break
		}
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return s.text[from:s.at], plain
		case c >= 0x80:
			plain = false
			s.at++
		case c == '\\':
			plain = false
			s.escape()
		default: // a control character
			s.GiveUp()
		}
	}
	s.GiveUp()
	return nil, false
}

// escape goes over an escape.
func (s *Scanner) escape() {
	const simple, unicode = 2, 6 // lengths
	rest := s.text[s.at:]
	if len(rest) < simple {
		s.GiveUp()
		return
	}
	switch rest[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at += simple
	case 'u':
		if len(rest) < unicode || !isHex(rest[2:unicode]) {
			s.GiveUp()
			return
		}
		s.at += unicode
	default:
		s.GiveUp()
	}
}

func isHex(digits []byte) bool {
	for _, c := range digits {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// ordinary counts the bytes at the beginning of text that stand for themselves
// in a string: ASCII that is no control character, quote or backslash. It looks
// at eight at once. In each, the high bit of x-n is set when x < n, and that of
// x^q-1 when x == q; bytes above it may be marked by a borrow, so that only the
// lowest mark counts, and that is the one that is asked for.
func ordinary(text []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(text); n += 8 {
		w := binary.LittleEndian.Uint64(text[n:])
		quote, slash := w^ones*'"', w^ones*'\\'
		control := (w - ones*' ') &^ w
		quote, slash = (quote-ones)&^quote, (slash-ones)&^slash
		if marks := (w | control | quote | slash) & highs; marks != 0 {
			return n + bits.TrailingZeros64(marks)/8
		}
	}
	for ; n < len(text); n++ {
		if c := text[n]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' {
			break
		}
	}
	return n
}

// number goes over a number and returns its text.
func (s *Scanner) number() []byte {
	s.space()
	from := s.at
	if s.peek() == '-' {
		s.at++
	}
	if s.peek() == '0' {
		s.at++
	} else {
		s.digits()
	}
	if s.peek() == '.' {
		s.at++
		s.digits()
	}
	if s.peek()|0x20 == 'e' {
		s.at++
		if c := s.peek(); c == '+' || c == '-' {
			s.at++
		}
		s.digits()
	}
	if s.bad {
		return nil
	}
	return s.text[from:s.at]
}

// peek returns the next byte, 0 at the end.
func (s *Scanner) peek() byte {
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

// digits goes over at least one digit.
func (s *Scanner) digits() {
	from := s.at
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		s.at++
	}
	if s.at == from {
		s.GiveUp()
	}
}
