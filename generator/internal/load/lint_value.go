package load

import (
	"errors"

	"github.com/getkin/kin-openapi/openapi3"
)

// values checks every example and default against its schema. kin-openapi
// would stop at the first mistake and not say where it is.
func (l *linter) values() {
	for _, op := range l.doc.Operations() {
		for _, p := range op.Params {
			l.examples(p.Node, p.Schema, p.Example, p.Examples)
			l.schemaValues(p.Schema)
		}
		for _, m := range op.Body() {
			l.mediaValues(m)
		}
		for _, r := range op.Answers() {
			for _, m := range r.Media {
				l.mediaValues(m)
			}
		}
	}
	for _, c := range l.doc.Components() {
		l.ownValues(c)
	}
}

func (l *linter) mediaValues(m Media) {
	l.examples(m.Node, m.Schema, m.Example, m.Examples)
	l.schemaValues(m.Schema)
}

// schemaValues checks an inline schema; components have their turn once.
func (l *linter) schemaValues(s Schema) {
	if s.Ok() && s.Ref == "" {
		l.ownValues(s)
	}
}

func (l *linter) ownValues(s Schema) {
	l.value(s.Node.Get("example"), s, s.Example)
	l.value(s.Node.Get("default"), s, s.Default)
	for _, p := range s.Members() {
		l.schemaValues(p.Schema)
	}
	l.schemaValues(s.Item())
	l.schemaValues(s.Values())
}

func (l *linter) examples(at Node, s Schema, example any, named openapi3.Examples) {
	l.value(at.Get("example"), s, example)
	for _, n := range at.Get("examples").Members() {
		if ref := named[n.Name()]; ref != nil && ref.Value != nil {
			l.value(n.Deref().Get("value"), s, ref.Value.Value)
		}
	}
}

// value checks one example or default.
func (l *linter) value(at Node, s Schema, value any) {
	if !at.Ok() || !s.Ok() {
		return
	}
	err := s.VisitJSON(value,
		openapi3.MultiErrors(), openapi3.EnableFormatValidation(), openapi3.DisableSchemaErrorDetails())
	for _, e := range flatten(err) {
		n := at
		reason := e.Error()
		if schemaErr, ok := errors.AsType[*openapi3.SchemaError](e); ok {
			n, reason = at.follow(schemaErr.JSONPointer()), schemaErr.Reason
		}
		l.addf(n.ValuePos(), "the %s does not fit its schema: %s", at.kindOfValue(), reason)
	}
}

// kindOfValue names a value by its key.
func (n Node) kindOfValue() string {
	if n.Name() == "default" {
		return "default"
	}
	return "example"
}

// follow returns what a JSON pointer's tokens lead to, or the last thing on
// the way that is there.
func (n Node) follow(tokens []string) Node {
	for _, token := range tokens {
		next := n.child(token)
		if n.IsList() {
			next = n.index(token)
		}
		if !next.Ok() {
			break
		}
		n = next
	}
	return n
}

// flatten returns the errors that kin-openapi has packed into one.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	many, ok := errors.AsType[openapi3.MultiError](err)
	if !ok {
		return []error{err}
	}
	var flat []error
	for _, e := range many {
		flat = append(flat, flatten(e)...)
	}
	return flat
}
