package metafilter

import (
	"bytes"
	"strings"
)

// The documentation spells a parameter as <prefix>.<field>[<operator>], and more than one client sends just that.
const (
	fieldPlaceholder    = "<field>"
	operatorPlaceholder = "<operator>"
)

// parseOperator reads the text between the brackets: a name and, behind a colon, a type. name is the whole parameter's.
func (g *Grammar) parseOperator(name, path, text []byte) (*Operator, Type, *Error) {
	word, suffix, typed := text, []byte(nil), false
	if colon := bytes.IndexByte(text, ':'); colon >= 0 {
		word, suffix, typed = text[:colon], text[colon+1:], true
	}
	op := g.operator(string(word))
	typ, known := typeNamed(string(suffix))
	switch {
	case string(path) == fieldPlaceholder || string(word) == operatorPlaceholder:
		return nil, Untyped, fault(string(name), "is the placeholder of the documentation sent literally: "+
			"replace <field> by a field name and <operator> by an operator")
	case op == nil && (known || !typed):
		return nil, Untyped, unsupported(string(name), string(word))
	case op == nil || typed && !known:
		return nil, Untyped, unsupported(string(name), string(text))
	}
	return op, typ, nil
}

// pathIn gives the decoded path as a string. Where the raw name spells it without escapes, as it always should, that is
// a part of the raw name and costs nothing.
func (g *Grammar) pathIn(rawName string, path []byte) string {
	if from, to := len(g.Prefix)+1, len(g.Prefix)+1+len(path); to <= len(rawName) && rawName[from:to] == string(path) {
		return rawName[from:to]
	}
	return string(path)
}

// elements counts the operands in the decoded text of a term.
func (g *Grammar) elements(op *Operator, text string) int {
	if !op.List || g.Separator == "" {
		return 1
	}
	return strings.Count(text, g.Separator) + 1
}

// split makes n operands from the decoded text of a term. They are taken from pool where it has room for them; lists get
// memory of their own otherwise.
func (g *Grammar) split(pool []Value, n int, typ Type, text string) (operands, rest []Value) {
	from := len(pool)
	if n > 1 && from+n > cap(pool) {
		operands = make([]Value, 0, n)
		return g.appendElements(operands, n, typ, text), pool
	}
	pool = g.appendElements(pool, n, typ, text)
	return pool[from:len(pool):len(pool)], pool
}

func (g *Grammar) appendElements(to []Value, n int, typ Type, text string) []Value {
	for ; n > 1; n-- {
		var element string
		element, text, _ = strings.Cut(text, g.Separator)
		to = append(to, Value{text: element, typ: typ})
	}
	return append(to, Value{text: text, typ: typ})
}
