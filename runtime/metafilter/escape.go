package metafilter

import "strings"

// charset says for each byte whether a query may carry it unescaped.
type charset [256]bool

// wire is the unreserved set of RFC 3986: safe in every part of a URL, whoever reads it.
var wire = unreserved()

// readable leaves all text alone but control characters and what has a meaning in a query.
var readable = allBut("%&+=;#")

func unreserved() (set charset) {
	for c := range set {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' && c < 0x80
		set[c] = letter || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
	}
	return set
}

func allBut(special string) (set charset) {
	for c := range set {
		set[c] = c >= ' ' && c != 0x7f && strings.IndexByte(special, byte(c)) < 0
	}
	return set
}

const upperHex = "0123456789ABCDEF"

// escape appends s, percent-encoding the bytes outside the set.
func (set *charset) escape(b []byte, s string) []byte {
	start := 0
	for i := range len(s) {
		c := s[i]
		if set[c] {
			continue
		}
		b = append(b, s[start:i]...)
		b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		start = i + 1
	}
	return append(b, s[start:]...)
}

// unescape decodes a query component once; text without escapes is returned as it is. ok is false for a bad escape.
func unescape(s string) (text string, ok bool) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, true
	}
	var buf [128]byte
	b, ok := appendUnescaped(buf[:0], s)
	return string(b), ok
}

func appendUnescaped(b []byte, s string) ([]byte, bool) {
	for {
		n := 0
		for n < len(s) && s[n] != '%' && s[n] != '+' {
			n++
		}
		b = append(b, s[:n]...)
		if n == len(s) {
			return b, true
		}
		c, size, ok := unescapeByte(s[n:])
		if !ok {
			return b, false
		}
		b = append(b, c)
		s = s[n+size:]
	}
}

// unescapeByte decodes the first byte of a nonempty query component and says how much of s spells it.
func unescapeByte(s string) (c byte, size int, ok bool) {
	switch s[0] {
	case '+':
		return ' ', 1, true
	case '%':
		if len(s) < 3 {
			return 0, 0, false
		}
		high, low := hexDigits[s[1]], hexDigits[s[2]]
		return high<<4 | low, 3, high|low < 16
	default:
		return s[0], 1, true
	}
}

// hexDigits gives the value of each hexadecimal digit, 0xff for any other byte.
var hexDigits = hexTable()

func hexTable() (table [256]byte) {
	for c := range table {
		table[c] = 0xff
	}
	for v := range byte(16) {
		c := upperHex[v]
		table[c], table[c|0x20] = v, v // the bit makes letters small and leaves digits alone
	}
	return table
}
