package load

import (
	"regexp"
	"slices"

	"github.com/cfimages/cfimages/internal/spell"
)

// schemaNode checks a schema by itself.
func (l *linter) schemaNode(n Node) {
	if n.Ref() != "" {
		return
	}
	switch typ := n.Get("type").Text(); typ {
	case "number":
		l.format(n, typ, "double")
	case "integer":
		l.format(n, typ, "int64")
	case "string":
		l.limits(n, "minLength", "maxLength")
		l.pattern(n.Get("pattern"))
	case "array":
		l.limits(n, "minItems", "maxItems")
		if !n.Get("items").Ok() {
			l.addf(n.Pos(), "a schema of type array needs items")
		}
	case "object":
		l.object(n)
	case "boolean":
	case "":
		if !l.composed(n) {
			l.addf(n.Pos(), "the schema has no type")
		}
	default:
		l.addf(n.Get("type").ValuePos(), "type %q is not supported%s", typ,
			spell.Meant(typ, []string{"string", "number", "integer", "boolean", "array", "object"}))
	}
	l.enum(n)
	l.foreignKeywords(n)
}

// composed reports whether the schema is made of others, which has been
// reported as not supported.
func (l *linter) composed(n Node) bool {
	return n.Get("allOf").Ok() || n.Get("oneOf").Ok() || n.Get("anyOf").Ok()
}

func (l *linter) format(n Node, typ, want string) {
	l.limits(n, "minimum", "maximum")
	switch f := n.Get("format"); {
	case !f.Ok():
		l.addf(n.Pos(), "a schema of type %s needs format: %s, or Go's type would be a guess", typ, want)
	case f.Text() != want:
		l.addf(f.ValuePos(), "format %q is not supported for type %s, only %s", f.Text(), typ, want)
	}
}

func (l *linter) limits(n Node, least, most string) {
	var a, b float64
	lo, hi := n.Get(least), n.Get(most)
	if !lo.Ok() || !hi.Ok() || lo.Decode(&a) != nil || hi.Decode(&b) != nil {
		return
	}
	if a > b {
		l.addf(lo.Pos(), "%s is greater than %s", least, most)
	}
}

func (l *linter) pattern(n Node) {
	if _, err := regexp.Compile(n.Text()); n.Ok() && err != nil {
		l.addf(n.ValuePos(), "pattern: %v", err)
	}
}

// object checks an object's properties, and that it has a name: Go has no good
// word for a type without one.
func (l *linter) object(n Node) {
	more := n.Get("additionalProperties")
	if !l.isComponent(n) && !more.IsMap() {
		l.addf(n.Pos(), "an object needs a component of its own: it becomes a Go type")
	}
	properties := n.Get("properties")
	if !more.Ok() && len(properties.Members()) == 0 {
		l.addf(n.Pos(), "an object without properties needs additionalProperties: true")
	}
	if len(properties.Members()) > 0 && (more.IsMap() || more.Text() == "true") {
		l.addf(more.Pos(), "additionalProperties beside properties are not supported")
	}
	l.names("property", properties.Members())
	for _, item := range n.Get("required").Items() {
		if !properties.Get(item.Text()).Ok() {
			l.addf(item.ValuePos(), "required names %q, which is not a property", item.Text())
		}
	}
}

func (l *linter) isComponent(n Node) bool {
	return l.doc.Root().Get("components", "schemas", n.Name()).value == n.value
}

func (l *linter) enum(n Node) {
	enum := n.Get("enum")
	if !enum.Ok() {
		return
	}
	if n.Get("type").Text() != "string" {
		l.addf(enum.Pos(), "an enum of anything but strings is not supported")
	}
	if !l.isComponent(n) {
		l.addf(enum.Pos(), "an enum needs a component of its own: it becomes a Go type")
	}
	seen := map[string]bool{}
	for _, item := range enum.Items() {
		if item.Tag() != "!!str" {
			l.addf(item.ValuePos(), "%s is not text here; put it in quotes", item.Text())
		}
		if seen[item.Text()] {
			l.addf(item.ValuePos(), "%q is in the enum twice", item.Text())
		}
		seen[item.Text()] = true
	}
}

// foreignKeywords reports limits that say nothing about a value of the type.
func (l *linter) foreignKeywords(n Node) {
	typ := n.Get("type").Text()
	for _, group := range []struct {
		types []string
		keys  []string
	}{
		{[]string{"string"}, []string{"minLength", "maxLength", "pattern"}},
		{[]string{"number", "integer"}, []string{"minimum", "maximum"}},
		{[]string{"array"}, []string{"minItems", "maxItems", "items"}},
		{[]string{"object"}, []string{"properties", "required", "additionalProperties"}},
	} {
		for _, key := range group.keys {
			if m := n.Get(key); m.Ok() && typ != "" && !slices.Contains(group.types, typ) {
				l.addf(m.Pos(), "%s says nothing about type %s", key, typ)
			}
		}
	}
}
