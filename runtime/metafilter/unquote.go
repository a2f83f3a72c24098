package metafilter

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decoded gives the string as encoding/json reads it. Only escapes and bytes that are not UTF-8 need new memory.
func (q quoted) decoded() quoted {
	if q.simple || !q.escapes && utf8.ValidString(q.text) {
		return q
	}
	return quoted{text: unquote(q.text), simple: true}
}

// escapeLen is the length of the escape that text begins with, 0 when it is malformed.
func escapeLen(text string) int {
	if len(text) < 2 {
		return 0
	}
	if text[1] != 'u' {
		if strings.IndexByte(escapeLetters, text[1]) < 0 {
			return 0
		}
		return 2
	}
	if len(text) < 6 {
		return 0
	}
	for i := 2; i < 6; i++ {
		if hexDigits[text[i]] > 15 {
			return 0
		}
	}
	return 6
}

// An escape letter stands for the byte at the same place below.
const (
	escapeLetters = `"\/bfnrt`
	escapeBytes   = "\"\\/\b\f\n\r\t"
)

// unquote decodes the inside of a well-formed JSON string.
func unquote(text string) string {
	b := make([]byte, 0, len(text))
	for text != "" {
		var size int
		switch c := text[0]; {
		case c == '\\' && text[1] == 'u':
			b, size = unquoteUnicode(b, text)
		case c == '\\':
			b, size = append(b, escapeBytes[strings.IndexByte(escapeLetters, text[1])]), 2
		case c < utf8.RuneSelf:
			b, size = append(b, c), 1
		default:
			var r rune
			r, size = utf8.DecodeRuneInString(text)
			b = utf8.AppendRune(b, r)
		}
		text = text[size:]
	}
	return string(b)
}

// unquoteUnicode decodes \uXXXX, or two of them that make a surrogate pair; half a pair reads as U+FFFD.
func unquoteUnicode(b []byte, text string) ([]byte, int) {
	r := hexRune(text)
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(b, r), 6
	}
	if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
		if pair := utf16.DecodeRune(r, hexRune(text[6:])); pair != utf8.RuneError {
			return utf8.AppendRune(b, pair), 12
		}
	}
	return utf8.AppendRune(b, utf8.RuneError), 6
}

// hexRune gives the code unit of a well-formed \uXXXX.
func hexRune(text string) (r rune) {
	for i := 2; i < 6; i++ {
		r = r<<4 | rune(hexDigits[text[i]])
	}
	return r
}
