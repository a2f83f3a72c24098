package contract

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// ScanString reads a string.
func ScanString[T ~string](p *T, s *Scanner) {
	if s.null() {
		return
	}
	text, plain := s.quoted()
	switch {
	case s.bad:
	case plain:
		*p = T(text[1 : len(text)-1])
	default:
		var decoded string
		_ = json.Unmarshal(text, &decoded) // it is a string of JSON
		*p = T(decoded)
	}
}

// ScanInt reads an integer that is written without a fraction and an exponent.
func ScanInt[T ~int64](p *T, s *Scanner) {
	if s.null() {
		return
	}
	n, err := strconv.ParseInt(string(s.number()), 10, 64)
	if err != nil {
		s.GiveUp()
		return
	}
	*p = T(n)
}

// ScanFloat reads a number.
func ScanFloat[T ~float64](p *T, s *Scanner) {
	if s.null() {
		return
	}
	n, err := strconv.ParseFloat(string(s.number()), 64)
	if err != nil {
		s.GiveUp()
		return
	}
	*p = T(n)
}

// ScanBool reads true or false.
func ScanBool[T ~bool](p *T, s *Scanner) {
	switch s.space() {
	case 't':
		*p = T(s.word("true"))
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		s.GiveUp()
	}
}

// ScanTime reads a moment in RFC 3339.
func ScanTime(p *time.Time, s *Scanner) {
	if s.null() {
		return
	}
	if text, plain := s.quoted(); !plain || p.UnmarshalJSON(text) != nil {
		s.GiveUp()
	}
}

// ScanRaw reads the text of any value; null is empty.
func ScanRaw[T ~[]byte](p *T, s *Scanner) {
	if s.null() {
		return
	}
	*p = T(bytes.Clone(s.raw()))
}

// ScanPointer reads a value that a pointer holds; null is nil.
func ScanPointer[T any](p **T, s *Scanner, read func(*T, *Scanner)) {
	if s.null() {
		return
	}
	v := new(T)
	read(v, s)
	*p = v
}

// firstItems is for how many items a slice is made: lists in lists are short.
const firstItems = 4

// ScanSlice reads an array; null is nil.
func ScanSlice[S ~[]T, T any](p *S, s *Scanner, read func(*T, *Scanner)) {
	if s.null() || !s.enter('[') {
		return
	}
	items := S{}
	for s.more(len(items) == 0, ']') {
		if cap(items) == 0 {
			items = make(S, 0, firstItems)
		}
		var zero T
		items = append(items, zero)
		read(&items[len(items)-1], s)
	}
	*p = items
}

// ScanMap reads an object whose members are all of one type; null is nil.
func ScanMap[M ~map[string]T, T any](p *M, s *Scanner, read func(*T, *Scanner)) {
	if s.null() || !s.enter('{') {
		return
	}
	members := M{}
	for first := true; s.more(first, '}'); first = false {
		var name string
		var value T
		if s.space() == 'n' { // which ScanString would take
			s.GiveUp()
		}
		ScanString(&name, s)
		s.take(':')
		read(&value, s)
		members[name] = value
	}
	*p = members
}
