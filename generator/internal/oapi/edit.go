package oapi

import (
	"maps"
	"path"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// The words by which oapi-codegen is told what to write.
const (
	goType      = "x-go-type"
	goImport    = "x-go-type-import"
	extraTags   = "x-oapi-codegen-extra-tags"
	skipPointer = "x-go-type-skip-optional-pointer"
	orderKey    = "x-order"
)

// order makes oapi-codegen keep the order of the text; its own is that of the
// alphabet.
func order(d *load.Document, doc *openapi3.T) {
	for i, c := range d.Components() {
		ref := doc.Components.Schemas[c.Ref]
		if ref == nil {
			continue
		}
		set(&ref.Extensions, orderKey, float64(i))
		for j, p := range c.Members() {
			set(&ref.Value.Properties[p.Name].Extensions, orderKey, float64(j))
		}
	}
}

// sentences makes descriptions continue the Go name that oapi-codegen puts in
// front of them: "Holds a page." documents Page as "Page holds a page."
func sentences(doc *openapi3.T) {
	for _, ref := range doc.Components.Schemas {
		lowerFirst(ref.Value)
		for _, p := range ref.Value.Properties {
			if p.Ref == "" {
				lowerFirst(p.Value)
			}
		}
	}
}

func lowerFirst(s *openapi3.Schema) {
	if s.Description != "" {
		s.Description = strings.ToLower(s.Description[:1]) + s.Description[1:]
	}
}

// set puts a value into a map that may not exist yet.
func set(m *map[string]any, key string, value any) {
	if *m == nil {
		*m = map[string]any{}
	}
	(*m)[key] = value
}

// editor prepares a copy of the specification for oapi-codegen.
type editor struct {
	doc *load.Document
	opt Options
}

// model prepares a schema whose Go type is to be written.
func (e editor) model(name string, ref *openapi3.SchemaRef) {
	c, _ := e.doc.Component(name)
	if c.Free() {
		e.foreign(ref, path.Base(e.opt.Contract)+"."+object(c), e.opt.Contract)
		return
	}
	for _, p := range c.Members() {
		if p.Ref != "" && p.Free() {
			ref.Value.Properties[p.Name] = e.freeProperty(p, ref.Value.Properties[p.Name])
		}
	}
}

// object returns the Go type of a free-form object.
func object(s load.Schema) string {
	if raw, _ := ext.Get[bool](s.Node, ext.KeyRaw); raw {
		return "RawObject"
	}
	return "Object"
}

// freeProperty returns a property that holds a free-form object without a
// pointer: the type has a zero value that means "absent". A reference cannot
// carry the words for that, so the property gets a schema of its own.
func (e editor) freeProperty(p load.Property, old *openapi3.SchemaRef) *openapi3.SchemaRef {
	s := &openapi3.Schema{
		Type:        &openapi3.Types{openapi3.TypeObject},
		Description: p.Description,
		Extensions: map[string]any{
			goType:      goname.Exported(p.Ref),
			skipPointer: true,
			orderKey:    old.Extensions[orderKey],
		},
	}
	tag := p.Name
	if !p.Required {
		// Both leave the absent value out; an Object that is empty is sent.
		omit := ",omitzero"
		if object(p.Schema) == "RawObject" {
			omit = ",omitempty"
		}
		tag += omit
	}
	s.Extensions[extraTags] = map[string]any{"json": tag}
	return &openapi3.SchemaRef{Value: s}
}

// alias makes a schema an alias of the Go type in the API's package.
func (e editor) alias(name string, ref *openapi3.SchemaRef) {
	e.foreign(ref, path.Base(e.opt.API)+"."+goname.Exported(name), e.opt.API)
}

// foreign makes a schema an alias of a Go type of another package.
func (e editor) foreign(ref *openapi3.SchemaRef, typ, importPath string) {
	set(&ref.Value.Extensions, goType, typ)
	set(&ref.Value.Extensions, goImport, map[string]any{"path": importPath})
	maps.Copy(ref.Value.Extensions, ref.Extensions)
}
