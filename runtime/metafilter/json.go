package metafilter

import (
	"math/bits"
	"strings"
	"unsafe"
)

// MatchJSON reports whether all terms hold for the text of a JSON object, in one pass that builds nothing. It agrees with
// [Filter.Match] on what encoding/json makes of the text with UseNumber: of a repeated key the last counts, and bytes
// that are not UTF-8 read as U+FFFD. A text that is not exactly one JSON object matches nothing, except that a filter
// without terms matches without looking.
func (f Filter) MatchJSON(doc []byte) bool {
	if f.err != nil {
		return false
	}
	// The string shares the bytes of doc for the time of this call, in which nobody writes to them or keeps the string:
	// this saves a copy of every document.
	text := unsafe.String(unsafe.SliceData(doc), len(doc))
	for from := 0; from < len(f.terms); from += maxMask {
		to := min(from+maxMask, len(f.terms))
		m := matcher{scanner: scanner{text: text}, terms: f.terms[from:to]}
		if !m.document() {
			return false
		}
	}
	return true
}

// mask is a set of terms, one bit each.
type mask uint64

const maxMask = 64

// pop takes the first term out of the set.
func (m *mask) pop() int {
	i := bits.TrailingZeros64(uint64(*m))
	*m &= *m - 1
	return i
}

// matcher walks a document once for up to maxMask terms.
type matcher struct {
	scanner
	terms []Term
	held  mask // the terms that hold by what has been read so far
}

func (m *matcher) document() bool {
	all := ^mask(0) >> (maxMask - len(m.terms))
	if m.next() != '{' {
		return false
	}
	ok := m.object(all, 0)
	return ok && m.next() == end && m.pos >= len(m.text) && m.held == all
}

// object reads an object, false when it is malformed. Its members are what the terms in want look for at path[from:].
func (m *matcher) object(want mask, from int) bool {
	if !m.enter() {
		return false
	}
	if m.next() == '}' {
		return m.leave()
	}
	for {
		key, ok := m.member()
		if !ok {
			return false
		}
		here := mask(0)
		if want != 0 {
			key = key.decoded()
			here = m.named(want, from, key.text)
			// A repeated key replaces the earlier value, and what was found in it.
			m.held &^= here
		}
		if !m.value(here, from+len(key.text)) {
			return false
		}
		switch m.next() {
		case ',':
			m.pos++
		case '}':
			return m.leave()
		default:
			return false
		}
	}
}

// named picks the terms of want whose path has key as the segment at from.
func (m *matcher) named(want mask, from int, key string) (here mask) {
	for rest := want; rest != 0; {
		i := rest.pop()
		path := m.terms[i].path
		to := from + len(key)
		if to > len(path) || path[from:to] != key || to < len(path) && path[to] != '.' {
			continue
		}
		here |= 1 << i
	}
	if here != 0 && strings.IndexByte(key, '.') >= 0 {
		return 0 // a key with a dot is no segment, however much it looks like a path
	}
	return here
}

// value reads any value. Its path in the terms of here ends at path[:to]; they look for the value itself or inside it.
func (m *matcher) value(here mask, to int) bool {
	switch c := m.next(); c {
	case '{':
		return m.object(here, to+1) // a path that ends here has no segment left that a key could be
	case '[':
		return m.array(m.ending(here, to))
	default:
		return m.leaf(c, m.ending(here, to))
	}
}

// ending picks the terms whose path ends at to.
func (m *matcher) ending(here mask, to int) (leaf mask) {
	for here != 0 {
		i := here.pop()
		if len(m.terms[i].path) == to {
			leaf |= 1 << i
		}
	}
	return leaf
}

// leaf reads a scalar or null and puts the questions of the terms in leaf to it.
func (m *matcher) leaf(c byte, leaf mask) bool {
	var s scalar
	kind := m.scalar(c, &s, leaf != 0)
	if kind != isScalar {
		return kind == isNull
	}
	for leaf != 0 {
		i := leaf.pop()
		if m.terms[i].accepts(&s) {
			m.held |= 1 << i
		}
	}
	return true
}

// array reads an array; the terms in leaf ask about its scalars.
func (m *matcher) array(leaf mask) bool {
	if !m.enter() {
		return false
	}
	found := mask(0)
	for first := true; ; first = false {
		c := m.next()
		switch {
		case c == ']' && first:
		case !m.element(c, leaf, &found):
			return false
		default:
			c = m.next()
		}
		switch c {
		case ',':
			m.pos++
		case ']':
			m.settle(leaf, found)
			return m.leave()
		default:
			return false
		}
	}
}

// element reads one value of an array and adds to found the terms that have one of their operands there.
func (m *matcher) element(c byte, leaf mask, found *mask) bool {
	switch c {
	case '{':
		return m.object(0, 0)
	case '[':
		return m.array(0)
	}
	var s scalar
	kind := m.scalar(c, &s, leaf != 0)
	if kind != isScalar {
		return kind == isNull
	}
	for leaf != 0 {
		i := leaf.pop()
		if m.terms[i].any(&s) {
			*found |= 1 << i
		}
	}
	return true
}

// settle decides the terms that asked about an array: found has those with an operand among its elements.
func (m *matcher) settle(leaf, found mask) {
	for leaf != 0 {
		i := leaf.pop()
		match := m.terms[i].op.Match
		if match.searchesArrays() && (found>>i&1 == 1) != (match == MatchNotEqual) {
			m.held |= 1 << i
		}
	}
}
