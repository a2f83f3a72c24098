package load

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation is one operation with its place in the text.
type Operation struct {
	*openapi3.Operation

	Node   Node
	Method string // "GET"
	Path   string
	// PathNode is the path item's; its key is the path.
	PathNode Node
	// Params are the path item's, then the operation's own.
	Params []Parameter
}

// Parameter is a parameter with its place in the text.
type Parameter struct {
	*openapi3.Parameter

	// Node is where the parameter is described, Use is where the operation
	// names it; the two differ for a reference.
	Node, Use Node
	Schema    Schema
}

// Schema is a schema with its place in the text.
type Schema struct {
	*openapi3.Schema

	// Ref is the name of the component; empty for an inline schema.
	Ref string
	// Node is where the schema is described, Use is where it is named.
	Node, Use Node
}

// Property is a member of an object schema.
type Property struct {
	Schema

	Name     string
	Required bool
}

// Media is a body in one of its formats.
type Media struct {
	*openapi3.MediaType

	Type   string // "application/json"
	Node   Node
	Schema Schema
}

// Response is one documented answer of an operation.
type Response struct {
	*openapi3.Response

	Status string // "200", "4XX", "default"
	Node   Node
	Media  []Media
}

// Operations returns all operations in the order of the text.
func (d *Document) Operations() []Operation {
	var ops []Operation
	for _, path := range d.Root().Get("paths").Members() {
		item := d.Doc.Paths.Value(path.Name())
		if item == nil {
			continue
		}
		shared := parameters(path.Get("parameters"), item.Parameters)
		for _, m := range path.Members() {
			method := strings.ToUpper(m.Name())
			op := item.Operations()[method]
			if op == nil {
				continue
			}
			own := parameters(m.Get("parameters"), op.Parameters)
			ops = append(ops, Operation{
				Operation: op, Node: m, Method: method, Path: path.Name(), PathNode: path,
				Params: override(shared, own),
			})
		}
	}
	return ops
}

func parameters(list Node, refs openapi3.Parameters) []Parameter {
	var params []Parameter
	for i, use := range list.Items() {
		if i < len(refs) && refs[i].Value != nil && use.Deref().Ok() {
			params = append(params, parameter(use, refs[i].Value))
		}
	}
	return params
}

func parameter(use Node, p *openapi3.Parameter) Parameter {
	node := use.Deref()
	return Parameter{Parameter: p, Node: node, Use: use, Schema: schema(node.Get("schema"), p.Schema)}
}

// override returns the shared parameters that own does not replace, then own.
func override(shared, own []Parameter) []Parameter {
	replaced := map[string]bool{}
	for _, p := range own {
		replaced[p.In+" "+p.Name] = true
	}
	var params []Parameter
	for _, p := range shared {
		if !replaced[p.In+" "+p.Name] {
			params = append(params, p)
		}
	}
	return append(params, own...)
}

// Body returns the formats of the request body.
func (op Operation) Body() []Media {
	if op.RequestBody == nil || op.RequestBody.Value == nil {
		return nil
	}
	return medias(op.BodyNode().Get("content"), op.RequestBody.Value.Content)
}

// BodyNode returns the description of the request body.
func (op Operation) BodyNode() Node { return op.Node.Get("requestBody").Deref() }

// Answers returns the documented answers in the order of the text.
func (op Operation) Answers() []Response {
	var responses []Response
	for _, use := range op.Node.Get("responses").Members() {
		ref := op.Operation.Responses.Value(use.Name())
		if ref == nil || ref.Value == nil {
			continue
		}
		node := use.Deref()
		responses = append(responses, Response{
			Response: ref.Value, Status: use.Name(), Node: use,
			Media: medias(node.Get("content"), ref.Value.Content),
		})
	}
	return responses
}

func medias(content Node, types openapi3.Content) []Media {
	var ms []Media
	for _, n := range content.Members() {
		if mt := types[n.Name()]; mt != nil {
			ms = append(ms, Media{MediaType: mt, Type: n.Name(), Node: n, Schema: schema(n.Get("schema"), mt.Schema)})
		}
	}
	return ms
}

// Components returns the named schemas in the order of the text.
func (d *Document) Components() []Schema {
	var schemas []Schema
	for _, n := range d.Root().Get("components", "schemas").Members() {
		if s, ok := d.Component(n.Name()); ok {
			schemas = append(schemas, s)
		}
	}
	return schemas
}

// Component returns the schema with a name. Where it is used is where it is
// described.
func (d *Document) Component(name string) (Schema, bool) {
	use := d.Root().Get("components", "schemas", name)
	if !use.Ok() || d.Doc.Components == nil {
		return Schema{}, false
	}
	s := schema(use, d.Doc.Components.Schemas[name])
	s.Ref = name
	return s, s.Ok()
}

// schema pairs kin-openapi's schema with its text. The result is not Ok when
// there is none.
func schema(use Node, ref *openapi3.SchemaRef) Schema {
	if ref == nil || ref.Value == nil {
		return Schema{Use: use}
	}
	s := Schema{Schema: ref.Value, Node: use, Use: use}
	if r := use.Ref(); r != "" {
		s.Ref = strings.TrimPrefix(r, "#/components/schemas/")
		s.Node = use.Deref()
	}
	return s
}

// Ok reports whether there is a schema.
func (s Schema) Ok() bool { return s.Schema != nil }

// Broken reports whether the schema is a reference that leads nowhere, which
// has been reported.
func (s Schema) Broken() bool { return s.Ref != "" && !s.Node.Ok() }

// Is reports whether the schema is of the type.
func (s Schema) Is(typ string) bool { return s.Ok() && s.Type.Is(typ) }

// Members returns the properties in the order of the text.
func (s Schema) Members() []Property {
	if !s.Ok() {
		return nil
	}
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	var ps []Property
	for _, n := range s.Node.Get("properties").Members() {
		if p := schema(n, s.Properties[n.Name()]); p.Ok() {
			ps = append(ps, Property{Schema: p, Name: n.Name(), Required: required[n.Name()]})
		}
	}
	return ps
}

// Member returns the property with a name.
func (s Schema) Member(name string) (Property, bool) {
	for _, p := range s.Members() {
		if p.Name == name {
			return p, true
		}
	}
	return Property{}, false
}

// Item returns the schema of a list's items.
func (s Schema) Item() Schema { return schema(s.Node.Get("items"), s.Items) }

// Values returns the schema of an object's members that have no name of their
// own.
func (s Schema) Values() Schema {
	return schema(s.Node.Get("additionalProperties"), s.AdditionalProperties.Schema)
}

// Free reports whether the schema is an object of which nothing is known.
func (s Schema) Free() bool {
	has := s.Ok() && s.AdditionalProperties.Has != nil && *s.AdditionalProperties.Has
	return s.Is("object") && has && len(s.Properties) == 0
}
