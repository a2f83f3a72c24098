package metafilter

import (
	"cmp"
	"strconv"
	"strings"
)

// scalar is a metadata value as matching sees it.
type scalar struct {
	typ   Type   // String, Number or Boolean
	text  string // the string's characters, the JSON number, or the boolean's name
	f     float64
	float bool // a number given by f, with no text
}

// accepts puts the term's question to a scalar.
func (t *Term) accepts(s *scalar) bool {
	return t.any(s) != (t.op.Match == MatchNotEqual)
}

// any reports whether the question holds for one of the operands; for MatchNotEqual it asks the opposite question.
func (t *Term) any(s *scalar) bool {
	for i := range t.values {
		if t.values[i].holds(t.op.Match, t.as, s) {
			return true
		}
	}
	return false
}

// holds asks one question of a scalar, with v as the operand.
func (v *Value) holds(m Match, as Type, s *scalar) bool {
	if as != Untyped && as != s.typ {
		return false
	}
	switch m {
	case MatchEqual, MatchNotEqual:
		return v.equals(s)
	case MatchPrefix:
		return s.typ == String && strings.HasPrefix(s.text, v.text)
	default:
		return v.orders(m, s)
	}
}

func (v *Value) equals(s *scalar) bool {
	if s.typ == Number {
		return v.num.ok && v.num.compare(s, v.text) == 0
	}
	return s.text == v.text
}

func (v *Value) orders(m Match, s *scalar) bool {
	var c int // the scalar's place relative to the operand
	switch {
	case s.typ == Number && v.num.ok:
		c = v.num.compare(s, v.text)
	case s.typ == String:
		c = cmp.Compare(s.text, v.text)
	default:
		return false
	}
	switch m {
	case MatchLess:
		return c < 0
	case MatchLessEqual:
		return c <= 0
	case MatchGreater:
		return c > 0
	case MatchGreaterEqual:
		return c >= 0
	default:
		return false
	}
}

// compare places the number s relative to the operand n, whose text is given.
func (n *number) compare(s *scalar, text string) int {
	if s.float {
		return n.compareFloat(s.f, text)
	}
	if have, ok := readSmall(s.text); ok && n.small {
		return cmp.Compare(have, n.f)
	}
	return compareDecimals(s.text, text)
}

// compareFloat takes f for the shortest decimal that reads as f. Rounding to float64 keeps order, so two decimals that
// round to different floats are ordered as those are; only within one float do the digits decide.
func (n *number) compareFloat(f float64, text string) int {
	if f != n.f || n.small {
		return cmp.Compare(f, n.f)
	}
	var buf [32]byte
	return compareDecimals(string(strconv.AppendFloat(buf[:0], f, 'e', -1, 64)), text)
}
