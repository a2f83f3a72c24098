package load

// Kind is what a node of a specification describes.
type Kind string

// The kinds of nodes. Mappings by free names have kinds of their own, so that
// a name is never taken for a keyword.
const (
	KindDocument  Kind = "the document"
	KindPaths     Kind = "the list of paths"
	KindPath      Kind = "a path"
	KindOperation Kind = "an operation"
	KindParameter Kind = "a parameter"
	KindBody      Kind = "a request body"
	KindResponse  Kind = "a response"
	KindHeader    Kind = "a header"
	KindMedia     Kind = "a media type"
	KindSchema    Kind = "a schema"
	// KindOther is what nothing here asks about, such as a tag.
	KindOther Kind = "this part of the document"
	// KindData is an example or a default, whose keys are the API's own.
	KindData Kind = "data"

	kindComponents Kind = "the components"
	kindParameters Kind = "parameters"
	kindBodies     Kind = "request bodies"
	kindResponses  Kind = "responses"
	kindHeaders    Kind = "headers"
	kindMedias     Kind = "media types"
	kindSchemas    Kind = "schemas"
	kindOthers     Kind = "others"
)

// anyKey stands in [members] for the keys that are not listed.
const anyKey = ""

// members says what the members of a node of a kind describe. The items of a
// list are of the list's own kind.
func members(k Kind) map[string]Kind {
	switch k {
	case KindDocument:
		return map[string]Kind{"paths": KindPaths, "components": kindComponents}
	case kindComponents:
		return map[string]Kind{
			"schemas": kindSchemas, "parameters": kindParameters, "responses": kindResponses,
			"requestBodies": kindBodies, "headers": kindHeaders, "examples": KindData, anyKey: kindOthers,
		}
	case KindPaths:
		return map[string]Kind{anyKey: KindPath}
	case KindPath:
		return map[string]Kind{
			"get": KindOperation, "put": KindOperation, "post": KindOperation, "delete": KindOperation,
			"patch": KindOperation, "head": KindOperation, "options": KindOperation, "trace": KindOperation,
			"parameters": KindParameter,
		}
	case KindOperation:
		return map[string]Kind{"parameters": KindParameter, "requestBody": KindBody, "responses": kindResponses}
	case KindParameter, KindHeader, KindMedia, KindBody, KindResponse:
		return map[string]Kind{
			"schema": KindSchema, "content": kindMedias, "headers": kindHeaders, "example": KindData, "examples": KindData,
		}
	case KindSchema:
		return map[string]Kind{
			"properties": kindSchemas, "items": KindSchema, "additionalProperties": KindSchema, "not": KindSchema,
			"allOf": KindSchema, "oneOf": KindSchema, "anyOf": KindSchema,
			"example": KindData, "default": KindData, "enum": KindData,
		}
	default:
		return named(k)
	}
}

// named is the part of [members] for mappings by free names.
func named(k Kind) map[string]Kind {
	switch k {
	case kindParameters:
		return map[string]Kind{anyKey: KindParameter}
	case kindBodies:
		return map[string]Kind{anyKey: KindBody}
	case kindResponses:
		return map[string]Kind{anyKey: KindResponse}
	case kindHeaders:
		return map[string]Kind{anyKey: KindHeader}
	case kindMedias:
		return map[string]Kind{anyKey: KindMedia}
	case kindSchemas:
		return map[string]Kind{anyKey: KindSchema}
	case kindOthers:
		return map[string]Kind{anyKey: KindOther}
	default:
		return nil
	}
}

// Named reports whether a node of the kind is a mapping by free names.
func (k Kind) Named() bool { return named(k) != nil }

// refPrefix is where references from a node of the kind must lead; "" when
// there must not be any.
func (k Kind) refPrefix() string {
	switch k {
	case KindSchema:
		return "#/components/schemas/"
	case KindParameter:
		return "#/components/parameters/"
	case KindBody:
		return "#/components/requestBodies/"
	case KindResponse:
		return "#/components/responses/"
	case KindHeader:
		return "#/components/headers/"
	case KindOther:
		return anywhere
	default:
		return ""
	}
}

const anywhere = "#/"

// Walk calls visit for every mapping of the specification that is not data,
// outer ones before those in them.
func (d *Document) Walk(visit func(k Kind, n Node)) { walk(d.Root(), KindDocument, visit) }

func walk(n Node, k Kind, visit func(Kind, Node)) {
	if k == KindData {
		return
	}
	for _, item := range n.Items() {
		walk(item, k, visit)
	}
	if !n.IsMap() {
		return
	}
	visit(k, n)
	kinds := members(k)
	for _, m := range n.Members() {
		next, ok := kinds[m.Name()]
		if !ok {
			next, ok = kinds[anyKey]
		}
		if !ok {
			next = KindOther
		}
		walk(m, next, visit)
	}
}
