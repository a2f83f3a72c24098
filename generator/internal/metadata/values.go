package metadata

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/internal/spell"
)

// jsonTypes are the types of JSON Schema, null excepted.
var jsonTypes = []string{"string", "integer", "number", "boolean", "array", "object"}

// null is the type, and the value, that makes another type a pointer.
const null = "null"

// jsonType is one type of JSON Schema, or that and null. It has no name when
// the schema is wrong.
type jsonType struct {
	name     string
	nullable bool
}

// typeOf reads the keywords type and nullable.
func (l *lowering) typeOf(n load.Node) jsonType {
	var t jsonType
	typ := n.Get("type")
	names := []load.Node{typ}
	if typ.IsList() {
		names = typ.Items()
	}
	var found []string
	for _, name := range names {
		switch text := name.Text(); {
		case !name.Ok():
		case text == null || name.Tag() == "!!null":
			t.nullable = true
		case !slices.Contains(jsonTypes, text):
			l.addf(name.ValuePos(), "type must be one of %s, or one of them and null%s",
				strings.Join(jsonTypes, ", "), spell.Meant(text, jsonTypes))
			return jsonType{}
		default:
			found = append(found, text)
		}
	}
	if nullable := n.Get("nullable"); nullable.Ok() {
		if nullable.Tag() != "!!bool" {
			l.addf(nullable.ValuePos(), "nullable must be true or false")
		}
		t.nullable = t.nullable || strings.EqualFold(nullable.Text(), "true")
	}
	switch {
	case len(found) == 1:
		t.name = found[0]
	case typ.Ok():
		l.addf(typ.ValuePos(), "type must be one type, or one type and null")
	case n.Get("properties").Ok():
		t.name = "object"
	case n.Get("enum").Ok():
		t.name = "string"
	case !refuses(n): // else that has been told
		l.addf(n.Pos(), "type is missing")
	}
	return t
}

// enum returns the Go type of a text of which all values are known.
func (l *lowering) enum(n load.Node, t jsonType, s scope) string {
	if typ, known := l.types[n.ValuePos()]; known {
		return typ
	}
	list := n.Get("enum")
	e := Enum{GoName: l.root + s.name, Doc: n.Get("description").Text()}
	l.types[n.ValuePos()] = e.GoName
	l.declare(e.GoName, "the type of "+quoted(strings.Join(s.path, ".")), n.Pos())
	seen := map[string]bool{}
	for _, item := range list.Items() {
		name := goname.Exported(item.Text())
		switch {
		case item.Tag() == "!!null" && t.nullable:
			continue
		case item.Tag() != "!!str":
			l.addf(item.ValuePos(), "only strings can be values of an enum")
			continue
		case seen[item.Text()]:
			l.addf(item.ValuePos(), "%q is given twice", item.Text())
			continue
		case item.Text() == "":
			name = "Empty"
		case name == "":
			l.addf(item.ValuePos(), "no Go name can be made of %q", item.Text())
			continue
		}
		seen[item.Text()] = true
		l.declare(s.name+name, "the value "+quoted(item.Text()), item.ValuePos())
		e.Values = append(e.Values, Value{GoName: s.name + name, Wire: item.Text()})
	}
	if len(list.Items()) == 0 {
		l.addf(list.Pos(), "enum must be a list of values")
	}
	l.model.Enums = append(l.model.Enums, e)
	return e.GoName
}

func quoted(text string) string { return strconv.Quote(text) }

func itoa(n int) string { return strconv.Itoa(n) }
