package lower

import (
	"math"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// progress says how far the lowering of a component has come.
type progress int

const (
	untouched progress = iota
	underway
	finished
)

// validation lowers what a request must satisfy. A component becomes a
// variable of its own, after those it refers to.
func (l *lowering) validation(s load.Schema) ir.Schema {
	if !s.Ok() || s.Broken() {
		return ir.Schema{}
	}
	if s.Ref == "" {
		return l.inline(s)
	}
	ref := ir.Schema{Ref: "schema" + goname.Exported(s.Ref)}
	switch l.schemas[s.Ref] {
	case underway:
		l.addf(s.Use.Pos(), "schema %q refers to itself, which is not supported in requests", s.Ref)
	case untouched:
		l.schemas[s.Ref] = underway
		lowered := l.inline(s)
		l.schemas[s.Ref] = finished
		named := ir.NamedSchema{Var: ref.Ref, GoName: goname.Exported(s.Ref), Schema: lowered}
		if named.LimitedObject() {
			l.declare(named.MaxBytes(), s.Node.Pos())
		}
		l.api.Schemas = append(l.api.Schemas, named)
	}
	return ref
}

func (l *lowering) inline(s load.Schema) ir.Schema {
	out := ir.Schema{
		Type: schemaType(s), Nullable: s.Nullable, Format: s.Format,
		MinLength: clamp(s.MinLength), Pattern: l.pattern(s.Pattern, s.Node.Get("pattern").ValuePos()), Minimum: s.Min, Maximum: s.Max,
		MinItems: clamp(s.MinItems),
	}
	if s.MaxLength != nil {
		out.MaxLength = clamp(*s.MaxLength)
	}
	if s.MaxItems != nil {
		out.MaxItems = clamp(*s.MaxItems)
	}
	for _, v := range s.Enum {
		if text, ok := v.(string); ok {
			out.Enum = append(out.Enum, text)
		}
	}
	l.formats(s, &out)
	l.extensions(s, &out)
	if s.Is("array") {
		item := l.validation(s.Item())
		out.Items = &item
	}
	if s.Is("object") {
		l.object(s, &out)
	}
	return out
}

// formats keeps the formats that are checked; the others say how a number is
// held, which the type says already.
func (l *lowering) formats(s load.Schema, out *ir.Schema) {
	switch s.Format {
	case "date-time", "uri", "":
	case "int64", "double", "binary":
		out.Format = ""
	default:
		l.addf(s.Node.Get("format").ValuePos(), "format %q is not supported in requests", s.Format)
	}
}

func schemaType(s load.Schema) string {
	switch {
	case s.Is("string") && s.Format == "binary":
		return "Binary"
	case s.Type == nil || len(*s.Type) == 0:
		return "Any"
	default:
		return goname.Exported((*s.Type)[0])
	}
}

func clamp(n uint64) int { return int(min(n, math.MaxInt32)) }

func (l *lowering) object(s load.Schema, out *ir.Schema) {
	for _, p := range s.Members() {
		out.Properties = append(out.Properties, ir.Property{
			Wire: p.Name, Required: p.Required, Schema: l.validation(p.Schema),
		})
	}
	if s.AdditionalProperties.Schema != nil {
		l.addf(s.Node.Get("additionalProperties").Pos(), "a map of values with a schema is not supported in requests")
	}
	// As OpenAPI has it, an object is open unless it says otherwise.
	out.Open = s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has
}

// extensions lowers what OpenAPI has no words for.
func (l *lowering) extensions(s load.Schema, out *ir.Schema) {
	if n, ok := ext.Get[int64](s.Node, ext.KeyMaxBytes); ok {
		out.MaxBytes = n
		if out.Type != "Binary" && out.Type != "Object" {
			l.addf(s.Node.Get(ext.KeyMaxBytes).Pos(), "%s limits files and objects; a text has maxLength", ext.KeyMaxBytes)
		}
	}
	if w, ok := ext.Get[ext.Window](s.Node, ext.KeyWindow); ok {
		window := ir.Window(w)
		out.Window = &window
		l.checkWindow(s, w)
	}
	if n := s.Node.Get(ext.KeyViolation); n.Ok() {
		out.Violation = l.errorName(n)
	}
	out.OneOf = l.oneOf(s)
	out.Refusals = l.refusals(s)
}

func (l *lowering) checkWindow(s load.Schema, w ext.Window) {
	n := s.Node.Get(ext.KeyWindow)
	if s.Format != "date-time" {
		l.addf(n.Pos(), "%s limits a date-time only", ext.KeyWindow)
	}
	if w.Max != 0 && w.Min > w.Max {
		l.addf(n.Get("min").ValuePos(), "min is greater than max")
	}
	if w.Default != 0 && (w.Default < w.Min || w.Max != 0 && w.Default > w.Max) {
		l.addf(n.Get("default").ValuePos(), "default lies outside min and max")
	}
}

func (l *lowering) oneOf(s load.Schema) []string {
	var names []string
	list := s.Node.Get(ext.KeyOneOf)
	for _, item := range list.Items() {
		switch p, ok := s.Member(item.Text()); {
		case !ok:
			l.addf(item.ValuePos(), "%s names %q, which is not a property%s",
				ext.KeyOneOf, item.Text(), having(propertyNames(s)))
		case p.Required:
			l.addf(item.ValuePos(), "%s names %q, which is required", ext.KeyOneOf, item.Text())
		case slices.Contains(names, item.Text()):
			l.addf(item.ValuePos(), "%s names %q twice", ext.KeyOneOf, item.Text())
		}
		names = append(names, item.Text())
	}
	if len(names) == 1 {
		l.addf(list.Pos(), "%s needs at least two properties", ext.KeyOneOf)
	}
	return names
}

func propertyNames(s load.Schema) []string {
	var names []string
	for _, p := range s.Members() {
		names = append(names, p.Name)
	}
	return names
}

// having lists what there is instead of something that is not there.
func having(names []string) string {
	if len(names) == 0 {
		return "; there are none"
	}
	return "; there are " + strings.Join(names, ", ")
}
