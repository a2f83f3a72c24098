package metafilter

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Parse reads the filter parameters of a raw query, as in net/url.URL.RawQuery. Parameters whose decoded name does not
// start with the prefix and a dot belong to somebody else and are passed over; every other is a term or an error.
// Names and values are percent-decoded once, "+" is a space, and brackets may be escaped or not.
//
// The error is an [*Error], and the filter returned with it carries it too. Too many terms are reported before anything
// else that is wrong with them.
func (g *Grammar) Parse(rawQuery string) (Filter, error) {
	return g.parse(rawQuery, false)
}

// ParseText reads the text form of a filter, see [Filter.String]. It differs from [Grammar.Parse] in that a parameter
// that is no filter is an error: in a text that is meant to be a filter it can only be a mistake.
func (g *Grammar) ParseText(text string) (Filter, error) {
	return g.parse(text, true)
}

// ParseJSON reads the text form from a JSON string, as [Filter.MarshalJSON] writes it; null is the zero Filter. JSON of
// another kind is an error of encoding/json.
func (g *Grammar) ParseJSON(data []byte) (Filter, error) {
	if !utf8.Valid(data) { // encoding/json would replace what is wrong
		return Filter{}, errors.New("metafilter: the JSON text is not UTF-8")
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return Filter{}, err
	}
	return g.ParseText(text)
}

func (g *Grammar) parse(query string, only bool) (Filter, error) {
	room := strings.Count(query, "&") + 1
	if g.MaxTerms == 0 || room > g.MaxTerms {
		room = g.count(query)
		if g.MaxTerms > 0 && room > g.MaxTerms {
			return failed(g, g.tooMany(room))
		}
	}
	f := Filter{g: g}
	var pool []Value
	for rest := query; rest != ""; {
		var name, value string
		name, value, rest = nextParam(rest)
		if !g.owns(name) {
			if only && name+value != "" {
				return failed(g, g.stranger(name))
			}
			continue
		}
		if f.terms == nil {
			f.terms, pool = reserve(room)
		}
		f.terms = f.terms[:len(f.terms)+1]
		t := &f.terms[len(f.terms)-1]
		if pool = g.parseTerm(t, pool, name, value); t.err != nil {
			return failed(g, t.err)
		}
	}
	return f, nil
}

// usualTerms is how many terms a block has room for.
const usualTerms = 5

// block holds the terms of a usual filter and their operands, so that memory is asked for once.
type block struct {
	terms  [usualTerms]Term
	values [8]Value
}

// reserve makes room for so many terms, and for operands as far as their number can be guessed.
func reserve(terms int) ([]Term, []Value) {
	if terms > 2 && terms <= usualTerms {
		b := new(block)
		return b.terms[:0], b.values[:0]
	}
	return make([]Term, 0, terms), make([]Value, 0, terms)
}

// failed gives a violation in both places where callers may look for it.
func failed(g *Grammar, err *Error) (Filter, error) {
	return Filter{g: g, err: err}, err
}

// count counts the filter parameters, whatever may be wrong with them.
func (g *Grammar) count(query string) (n int) {
	for rest := query; rest != ""; {
		var name string
		name, _, rest = nextParam(rest)
		if g.owns(name) {
			n++
		}
	}
	return n
}

// nextParam splits off the first parameter of a query, still escaped. A parameter without "=" has an empty value.
func nextParam(query string) (name, value, rest string) {
	if i := strings.IndexByte(query, '&'); i >= 0 {
		query, rest = query[:i], query[i+1:]
	}
	if i := strings.IndexByte(query, '='); i >= 0 {
		return query[:i], query[i+1:], rest
	}
	return query, "", rest
}

// owns reports whether the decoded name starts with the prefix and a dot, or a bracket: a field forgotten is no reason
// to leave a filter out. A bad escape after them does not change that.
func (g *Grammar) owns(name string) bool {
	if n := len(g.Prefix); len(name) > n && (name[n] == '.' || name[n] == '[') && name[:n] == g.Prefix {
		return true
	}
	return strings.IndexByte(name, '%') >= 0 && g.ownsEscaped(name)
}

// ownsEscaped is owns for a name with escapes.
func (g *Grammar) ownsEscaped(name string) bool {
	for i := 0; i <= len(g.Prefix); i++ {
		if name == "" {
			return false
		}
		c, size, ok := unescapeByte(name)
		switch {
		case !ok:
			return false
		case i < len(g.Prefix) && c != g.Prefix[i]:
			return false
		case i == len(g.Prefix):
			return c == '.' || c == '['
		}
		name = name[size:]
	}
	return false
}

// parseTerm reads one parameter that the grammar owns into t; what is wrong with it is the term's error. What it
// takes from the pool of operands is missing from the pool that is returned.
func (g *Grammar) parseTerm(t *Term, pool []Value, rawName, rawValue string) []Value {
	var buf [128]byte
	name, ok := appendUnescaped(buf[:0], rawName)
	if !ok {
		t.err = fault(rawName, "has a name with an invalid percent-escape")
		return pool
	}
	if name[len(g.Prefix)] == '[' {
		t.err = fault(string(name), "names no field")
		return pool
	}
	path := name[len(g.Prefix)+1:]
	bracket := bytes.IndexByte(path, '[')
	if bracket < 0 || path[len(path)-1] != ']' {
		t.err = fault(string(name), "has no operator in brackets at its end")
		return pool
	}
	path, operator := path[:bracket], path[bracket+1:len(path)-1]
	op, typ, err := g.parseOperator(name, path, operator)
	if err != nil {
		t.err = err
		return pool
	}
	text, ok := unescape(rawValue)
	if !ok {
		t.err = fault(string(name), "has a value with an invalid percent-escape")
		return pool
	}
	n := g.elements(op, text)
	if g.MaxElements > 0 && n > g.MaxElements {
		t.err = tooLong(string(name), n, g.MaxElements)
		return pool
	}
	values, pool := g.split(pool, n, typ, text)
	t.set(g, op, typ, g.pathIn(rawName, path), values)
	return pool
}
