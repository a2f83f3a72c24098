package metafilter

import (
	"cmp"
	"math"
	"strconv"
)

// maxExponent bounds the exponent of an operand. A document may have larger ones; they only decide that it is larger
// or smaller, so nothing is ever computed from them.
const maxExponent = 1_000_000_000

// farExponent is where exponents stop growing while they are read; it is out of reach for an operand.
const farExponent = math.MaxInt64 / 100

// decimal locates the significant digits in the text of a JSON number, whose value is ±0.d₁d₂… × 10^exp. It holds
// offsets instead of digits, so that reading and comparing numbers of any length allocates nothing.
type decimal struct {
	lo, hi int // text[lo:hi] starts and ends with a digit other than 0, and may have the point inside; empty for zero
	exp    int64
	neg    bool
}

// readDecimal reads text as a JSON number; ok is false when it is anything else.
func readDecimal(text string) (d decimal, ok bool) {
	i := 0
	if i < len(text) && text[i] == '-' {
		d.neg, i = true, 1
	}
	first := i
	point := digitsEnd(text, first)
	if point == first || text[first] == '0' && point > first+1 {
		return decimal{}, false
	}
	i = point
	if i < len(text) && text[i] == '.' {
		if i = digitsEnd(text, point+1); i == point+1 {
			return decimal{}, false
		}
	}
	d.significant(text, first, point, i)
	exp, ok := readExponent(text[i:])
	d.exp += exp
	return d, ok
}

// significant sets everything but the sign from the digits in text[first:end], whose point is at text[point].
func (d *decimal) significant(text string, first, point, end int) {
	lo, hi := first, end
	for lo < hi && (text[lo] == '0' || text[lo] == '.') {
		lo++
	}
	for hi > lo && (text[hi-1] == '0' || text[hi-1] == '.') {
		hi--
	}
	d.lo, d.hi = lo, hi
	d.exp = int64(point - lo)
	if lo > point {
		d.exp++ // the point itself is no digit
	}
}

// readExponent reads the rest of a number, "" or "e-5"; exponents beyond farExponent stop there.
func readExponent(text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	neg := text != "" && text[0] == '-'
	if neg || text != "" && text[0] == '+' {
		text = text[1:]
	}
	if text == "" || digitsEnd(text, 0) != len(text) {
		return 0, false
	}
	var exp int64
	for i := range len(text) {
		exp = min(exp*10+int64(text[i]-'0'), farExponent)
	}
	if neg {
		exp = -exp
	}
	return exp, true
}

// digitsEnd is the offset after the digits that start at i.
func digitsEnd(text string, i int) int {
	for i < len(text) && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	return i
}

func (d decimal) sign() int {
	switch {
	case d.lo == d.hi:
		return 0
	case d.neg:
		return -1
	default:
		return 1
	}
}

// compareDecimals orders the texts of two JSON numbers by value, exactly.
func compareDecimals(at, bt string) int {
	a, _ := readDecimal(at)
	b, _ := readDecimal(bt)
	sign := a.sign()
	if c := cmp.Compare(sign, b.sign()); c != 0 || sign == 0 {
		return c
	}
	if c := cmp.Compare(a.exp, b.exp); c != 0 {
		return c * sign
	}
	return compareDigits(at[a.lo:a.hi], bt[b.lo:b.hi]) * sign
}

// compareDigits orders two runs of digits as fractions, passing over a point in either.
func compareDigits(a, b string) int {
	i, j := 0, 0
	for {
		if i < len(a) && a[i] == '.' {
			i++
		}
		if j < len(b) && b[j] == '.' {
			j++
		}
		if i == len(a) || j == len(b) {
			return cmp.Compare(len(a)-i, len(b)-j)
		}
		if a[i] != b[j] {
			return cmp.Compare(a[i], b[j])
		}
		i++
		j++
	}
}

// number is what matching wants to know of an operand's text.
type number struct {
	ok    bool    // the text is a JSON number within maxExponent
	small bool    // and an integer that float64 holds exactly
	f     float64 // nearest float64, infinite beyond its range
}

func readNumber(text string) number {
	if f, small := readSmall(text); small {
		return number{ok: true, small: true, f: f}
	}
	d, ok := readDecimal(text)
	if !ok || d.exp > maxExponent || d.exp < -maxExponent {
		return number{}
	}
	f, _ := strconv.ParseFloat(text, 64) // out of range gives the infinity or zero that orders rightly
	return number{ok: true, f: f}
}

// smallDigits keeps small integers below 2^53.
const smallDigits = 15

// readSmall reads the JSON integers of up to smallDigits digits, by far the most common numbers.
func readSmall(text string) (f float64, ok bool) {
	digits := text
	if digits != "" && digits[0] == '-' {
		digits = digits[1:]
	}
	if digits == "" || len(digits) > smallDigits || digits[0] == '0' && len(digits) > 1 {
		return 0, false
	}
	var n int64
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(digits[i]-'0')
	}
	if len(digits) != len(text) {
		n = -n
	}
	return float64(n), true
}
