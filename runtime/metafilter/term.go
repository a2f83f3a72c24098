package metafilter

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Term is one condition, such as meta.status[eq:string]=active. Make it with [Grammar.Term]; the zero Term is invalid.
type Term struct {
	g      *Grammar
	op     *Operator
	path   string
	typ    Type // declared: what the wire says
	as     Type // how operands compare, see Operator.meaning
	values []Value
	err    *Error
}

// Term makes the condition that operator holds between the value at path and the operands, which all have the same type.
// A term that breaks a rule of the grammar carries an error, reported by [Term.Err] and by the filter it is put into.
func (g *Grammar) Term(operator, path string, values ...Value) Term {
	typ := Untyped
	if len(values) > 0 {
		typ = values[0].typ
	}
	op := g.operator(operator)
	if op == nil {
		return Term{g: g, err: unsupported(g.name(path, operator, typ), operator)}
	}
	var t Term
	t.set(g, op, typ, path, slices.Clone(values))
	return t
}

// set fills the zero Term and checks it; the term owns values from here on.
func (t *Term) set(g *Grammar, op *Operator, typ Type, path string, values []Value) {
	t.g, t.op, t.path, t.values = g, op, path, values
	t.typ, t.as = typ, op.meaning(typ)
	if err := t.check(); err != nil {
		*t = Term{g: g, err: err}
	}
}

func (t *Term) check() *Error {
	if err := t.checkPath(); err != nil {
		return err
	}
	if err := t.checkType(); err != nil {
		return err
	}
	if err := t.checkCount(); err != nil {
		return err
	}
	return t.checkValues()
}

// Err gives the reason why the term is invalid, an [*Error], or nil.
func (t Term) Err() error {
	if t.err == nil {
		return nil
	}
	return t.err
}

// Operator gives the operator's name without a type, "" for an invalid term.
func (t Term) Operator() string {
	if t.op == nil {
		return ""
	}
	return t.op.Name
}

// Path gives the dotted path without the prefix.
func (t Term) Path() string { return t.path }

// Type gives the type the term declares, Untyped where it has no suffix.
func (t Term) Type() Type { return t.typ }

// Values gives a copy of the operands.
func (t Term) Values() []Value { return slices.Clone(t.values) }

// name spells the term's parameter name, for errors.
func (t *Term) name() string { return t.g.name(t.path, t.op.Name, t.typ) }

func (t *Term) checkPath() *Error {
	g := t.g
	if g.MaxPath > 0 && len(t.path) > g.MaxPath {
		if n := utf8.RuneCountInString(t.path); n > g.MaxPath {
			return fault(t.name(), "has a path of %d characters, maximum %d allowed", n, g.MaxPath)
		}
	}
	levels, start := 1, 0
	for i, c := range t.path {
		switch {
		case c != '.':
			if !g.allows(c) {
				return fault(t.name(), "has %q in a field name, only ASCII letters, digits and %q allowed", c, g.Segment)
			}
		case i == start:
			return fault(t.name(), "has an empty field name")
		default:
			levels, start = levels+1, i+1
		}
	}
	if start == len(t.path) {
		return fault(t.name(), "has an empty field name")
	}
	if g.MaxLevels > 0 && levels > g.MaxLevels {
		return fault(t.name(), "has %d levels, maximum %d allowed", levels, g.MaxLevels)
	}
	return nil
}

// allows reports whether c may be part of a segment. The replacement character is never one: it stands for bytes that
// are no text.
func (g *Grammar) allows(c rune) bool {
	if lower := c | 0x20; 'a' <= lower && lower <= 'z' || '0' <= c && c <= '9' {
		return true
	}
	return c != utf8.RuneError && strings.ContainsRune(g.Segment, c)
}

func (t *Term) checkType() *Error {
	if !t.op.takes(t.typ) {
		return fault(t.name(), "has an unsupported type: operator '%s' takes %s, not %s", t.op.Name, listed(t.op.Types), t.typ)
	}
	return nil
}

func (t *Term) checkCount() *Error {
	switch n := len(t.values); {
	case n == 0 || t.op.List && n == 1 && t.values[0].text == "":
		// A list of one empty text and an empty list are the same on the wire, so neither is let through.
		return fault(t.name(), "has no value")
	case !t.op.List && n > 1:
		return fault(t.name(), "has %d values, maximum 1 allowed", n)
	case t.op.List && t.g.MaxElements > 0 && n > t.g.MaxElements:
		return tooLong(t.name(), n, t.g.MaxElements)
	}
	return nil
}

func (t *Term) checkValues() *Error {
	for i := range t.values {
		if err := t.checkValue(&t.values[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkValue also reads the operand's number, so that matching need not.
func (t *Term) checkValue(v *Value) *Error {
	switch {
	case v.inf:
		return fault(t.name(), "has the value %s, which is not a finite number", v.text)
	case v.typ != t.typ:
		return fault(t.name(), "mixes values of different types")
	case !utf8.ValidString(v.text):
		return fault(t.name(), "has a value that is not valid UTF-8")
	case t.op.List && t.g.Separator != "" && strings.Contains(v.text, t.g.Separator):
		return fault(t.name(), "has the list separator '%s' inside the element '%s'", t.g.Separator, clip(v.text))
	}
	if t.as == Number || t.as == Untyped {
		v.num = readNumber(v.text)
	}
	if t.as == Number && !v.num.ok {
		return fault(t.name(), "has the value '%s', which is not a number in JSON, or has an exponent beyond %d", clip(v.text), int(maxExponent))
	}
	if t.as == Boolean && v.text != "true" && v.text != "false" {
		return fault(t.name(), "has the value '%s', which is neither true nor false", clip(v.text))
	}
	return nil
}

// Path joins the levels of a path. A dot within a level is written as %2E, which is in the alphabet of no segment: a
// term refuses it instead of taking it for two levels.
func Path(levels ...string) string {
	escaped := make([]string, len(levels))
	for i, level := range levels {
		escaped[i] = strings.ReplaceAll(level, ".", "%2E")
	}
	return strings.Join(escaped, ".")
}
