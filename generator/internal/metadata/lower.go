package metadata

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// DecodeFunc is the function of a package that reads metadata. The method that
// writes it has the name of the type it returns.
const DecodeFunc = "Decode"

// Lower decides the Go names and types of a package for the schema at use. The
// error is of type [load.Problems] and holds every mistake in the schema.
func Lower(use load.Node, service Service, pkg, typ string) (*Model, error) {
	l := &lowering{
		model: &Model{Package: pkg, Service: service}, root: typ,
		names: map[string]place{typ: {what: "the metadata itself"}, DecodeFunc: {what: "the function that reads metadata"}},
		types: map[load.Position]string{},
	}
	n, _, doc, ok := l.resolve(use)
	if ok {
		if t := l.typeOf(n); t.name == "object" {
			l.model.Handles = l.object(n, scope{}, typ, doc)
		} else if t.name != "" {
			l.addf(n.ValuePos(), "metadata is an object, not %s %s", article(t.name), t.name)
		}
	}
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	return l.model, nil
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an"
	}
	return "a"
}

// lowering is the state of one [Lower].
// maxFields keeps objects that are used again and again from multiplying.
const maxFields = 1000

type lowering struct {
	model    *Model
	root     string // the Go type of the metadata
	problems load.Problems
	// names are the Go names that the package declares.
	names map[string]place
	// types are the Go types of the objects and enums so far.
	types  map[load.Position]string
	fields int // lowered so far, at all places
	// around are the objects that the current one lies in.
	around []load.Position
}

// place is what a Go name is already for.
type place struct {
	what string
	line int
}

// scope is where in the metadata a schema is used.
type scope struct {
	path  []string // the wire names of the fields that lead there
	group string   // their Go names, joined
	// name is what the Go types below are named after: the component, or the
	// fields that lead there.
	name string
}

func (s scope) below(wire, goName string) scope {
	return scope{path: append(slices.Clone(s.path), wire), group: s.group + goName, name: s.name + goName}
}

func (l *lowering) addf(at load.Position, format string, args ...any) {
	l.problems.Addf(at, format, args...)
}

// declare takes a Go name at package level.
func (l *lowering) declare(name, what string, at load.Position) {
	if have, taken := l.names[name]; taken {
		on := ""
		if have.line > 0 {
			on = " on line " + itoa(have.line)
		}
		l.addf(at, "%s needs the Go name %s, which %s%s has", what, name, have.what, on)
		return
	}
	l.names[name] = place{what, at.Line}
}

// resolve follows references to a schema. The name is that of the component it
// was found under, if any; the description is the one nearest to the use.
func (l *lowering) resolve(use load.Node) (n load.Node, name, doc string, ok bool) {
	n = use
	for range 100 { // a chain that long is a cycle
		if !n.IsMap() {
			l.addf(n.ValuePos(), "a schema must be a mapping")
			return n, "", "", false
		}
		checkKeywords(n, &l.problems)
		if doc == "" {
			doc = n.Get("description").Text()
		}
		ref := n.Get("$ref")
		if !ref.Ok() {
			return n, name, doc, true
		}
		if !strings.HasPrefix(ref.Text(), "#") {
			l.addf(ref.ValuePos(), "$ref %q leaves the file; only references that begin with # are followed", ref.Text())
			return n, "", "", false
		}
		n = n.Lookup(ref.Text())
		if !n.Ok() {
			l.addf(ref.ValuePos(), "$ref %q leads nowhere", ref.Text())
			return n, "", "", false
		}
		name = goname.Exported(n.Name())
	}
	l.addf(use.Pos(), "$ref leads back to itself")
	return n, "", "", false
}

// object lowers the properties of an object to a struct with the given name,
// unless it is there already, and to handles.
func (l *lowering) object(n load.Node, s scope, typ, doc string) []Handle {
	l.checkObject(n)
	st := Struct{GoName: typ, Doc: doc}
	at := len(l.model.Structs)
	_, known := l.types[n.ValuePos()]
	if !known {
		l.types[n.ValuePos()] = typ
		l.model.Structs = append(l.model.Structs, st)
	}
	l.around = append(l.around, n.ValuePos())
	required := l.required(n)
	names := map[string]load.Node{}
	var handles []Handle
	for _, p := range n.Get("properties").Members() {
		goName := goname.Exported(p.Name())
		if !l.checkPath(p, s) || !l.checkName(p, goName, names, len(s.path) == 0) {
			continue
		}
		names[goName] = p
		if l.fields++; l.fields > maxFields {
			if l.fields == maxFields+1 {
				l.addf(p.Pos(), "there are more than %d fields, those of shared objects counted at each place", maxFields)
			}
			return handles
		}
		m, h, ok := l.property(p, goName, s.below(p.Name(), goName))
		if !ok {
			continue
		}
		m.Optional = !required[p.Name()]
		m.Pointer = !m.Type.List && (m.Pointer || m.Optional)
		st.Members = append(st.Members, m)
		handles = append(handles, h)
	}
	l.around = l.around[:len(l.around)-1]
	if !known {
		l.model.Structs[at] = st
	}
	return handles
}

func (l *lowering) checkObject(n load.Node) {
	properties := n.Get("properties")
	switch {
	case !properties.Ok():
		l.addf(n.Pos(), "an object without properties is not supported: there is nothing to name in Go")
	case !properties.IsMap():
		l.addf(properties.ValuePos(), "properties must be a mapping")
	case len(properties.Members()) == 0:
		l.addf(properties.Pos(), "properties must not be empty")
	}
	if enum := n.Get("enum"); enum.Ok() {
		l.addf(enum.Pos(), "only strings can have an enum")
	}
	if more := n.Get("additionalProperties"); len(more.Members()) > 0 || more.Ok() && !more.IsMap() && more.Tag() != "!!bool" {
		l.addf(more.Pos(), "additionalProperties must be true or false: a Go struct has a name for each member")
	}
}

func (l *lowering) required(n load.Node) map[string]bool {
	required := map[string]bool{}
	list := n.Get("required")
	if list.Ok() && !list.IsList() {
		l.addf(list.ValuePos(), "required must be a list of properties")
	}
	for _, item := range list.Items() {
		if !n.Get("properties", item.Text()).Ok() {
			l.addf(item.ValuePos(), "required names %q, which is not a property", item.Text())
		}
		required[item.Text()] = true
	}
	return required
}

// checkName reports a property that has no Go name of its own in its object.
func (l *lowering) checkName(p load.Node, goName string, names map[string]load.Node, top bool) bool {
	other, twice := names[goName]
	switch {
	case goName == "" || goName[0] < 'A' || goName[0] > 'Z':
		l.addf(p.Pos(), "no Go name can be made of %q: it must begin with a letter", p.Name())
	case twice:
		l.addf(p.Pos(), "%q and %q on line %d have the same Go name %s", p.Name(), other.Name(), other.Pos().Line, goName)
	case top && goName == l.model.Service.Sent:
		l.addf(p.Pos(), "%q needs the Go name %s, which the method that writes metadata has", p.Name(), goName)
	default:
		return true
	}
	return false
}

// checkPath reports a property that no filter could name.
func (l *lowering) checkPath(p load.Node, s scope) bool {
	g := l.model.Service.Filter
	path := strings.Join(append(slices.Clone(s.path), p.Name()), ".")
	switch size := utf8.RuneCountInString(path); {
	case strings.ContainsFunc(p.Name(), func(c rune) bool { return !allowed(c, g.Segment) }):
		l.addf(p.Pos(), "%q is not the name of a field: only ASCII letters, digits and %q can be part of it", p.Name(), g.Segment)
	case len(s.path) >= g.MaxLevels && g.MaxLevels > 0:
		l.addf(p.Pos(), "%s has %d levels, at most %d are possible", path, len(s.path)+1, g.MaxLevels)
	case size > g.MaxPath && g.MaxPath > 0:
		l.addf(p.Pos(), "%s has %d characters, at most %d are possible", path, size, g.MaxPath)
	default:
		return true
	}
	return false
}

// allowed reports whether c may be a part of a field's name, as the filter
// language has it.
func allowed(c rune, segment string) bool {
	lower := c | 0x20
	return 'a' <= lower && lower <= 'z' || '0' <= c && c <= '9' || strings.ContainsRune(segment, c)
}

// property lowers one property of an object.
func (l *lowering) property(p load.Node, goName string, s scope) (Member, Handle, bool) {
	if len(s.path) == 1 {
		l.declare(goName, quoted(p.Name()), p.Pos())
	}
	path := strings.Join(s.path, ".")
	m := Member{Wire: p.Name(), GoName: goName}
	h := Handle{GoName: goName, Path: path}
	n, name, doc, ok := l.resolve(p)
	if !ok {
		return m, h, false
	}
	if name != "" {
		s.name = name
	}
	t := l.typeOf(n)
	m.Pointer, m.Doc, h.Doc = t.nullable, doc, doc
	switch t.name {
	case "":
		return m, h, false
	case "object":
		return m, h, l.nested(p, n, s, &m, &h)
	case "array":
		m.Type.List = true
		if n, s, ok = l.items(n, s); !ok {
			return m, h, false
		}
		t = l.typeOf(n)
	}
	m.Type.Name = l.scalar(n, t, s)
	h.Of = m.Type.Name
	h.Field = handleOf(t.name, m.Type.List)
	if !m.Type.List && n.Get("format").Text() == "date-time" {
		m.Doc = strings.TrimSpace(sentence(m.Doc) + " It is a date and time as in RFC 3339, kept as text.")
	}
	return m, h, m.Type.Name != ""
}

// nested lowers a property that is the object n.
func (l *lowering) nested(p, n load.Node, s scope, m *Member, h *Handle) bool {
	if slices.Contains(l.around, n.ValuePos()) {
		l.addf(p.Pos(), "%s is an object within itself", h.Path)
		return false
	}
	h.Group = s.group + "Fields"
	l.declare(h.Group, "the handles of "+quoted(h.Path), n.Pos())
	typ, known := l.types[n.ValuePos()]
	if !known {
		typ = l.root + s.name
		l.declare(typ, "the type of "+quoted(h.Path), n.Pos())
	}
	m.Type.Name = typ
	h.Below = l.object(n, s, typ, n.Get("description").Text())
	return true
}

// items resolves the element of a list, which must be a scalar.
func (l *lowering) items(n load.Node, s scope) (load.Node, scope, bool) {
	if enum := n.Get("enum"); enum.Ok() {
		l.addf(enum.Pos(), "only strings can have an enum; put it into items")
	}
	items := n.Get("items")
	switch {
	case !items.Ok():
		l.addf(n.Pos(), "an array needs items")
		return n, s, false
	case items.IsList():
		l.addf(items.Pos(), "items must be one schema: all elements of a Go slice have one type")
		return n, s, false
	}
	element, name, _, ok := l.resolve(items)
	if !ok {
		return n, s, false
	}
	if name != "" {
		s.name = name
	}
	switch t := l.typeOf(element); {
	case t.name == "array" || t.name == "object":
		l.addf(items.Pos(), "an array of %ss is not supported: no filter looks into it", t.name)
		return n, s, false
	case t.nullable:
		l.addf(items.Pos(), "elements that may be null are not supported")
		return n, s, false
	}
	return element, s, true
}

// scalar returns the Go type of a value that is neither object nor array.
func (l *lowering) scalar(n load.Node, t jsonType, s scope) string {
	if enum := n.Get("enum"); enum.Ok() {
		if t.name == "string" {
			return l.enum(n, t, s)
		}
		l.addf(enum.Pos(), "only strings can have an enum")
		return ""
	}
	return basic[t.name]
}

// basic are the Go types of JSON's scalars.
var basic = map[string]string{"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}

// sentence ends a text with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// handleOf is the handle of package filter for a JSON type.
func handleOf(typ string, list bool) string {
	name := goname.Exported(typ)
	if typ == "integer" {
		name = goname.Exported("number")
	}
	if list {
		name += "List"
	}
	return name + "Field"
}
