package load

import (
	"slices"
	"strings"

	"github.com/cfimages/cfimages/internal/spell"
)

// fields are the members that a node of a kind may have besides extensions;
// nil means that anything goes. They are OpenAPI's own without those that the
// generator has no use for: a promise that nothing keeps.
func fields(k Kind) []string {
	switch k {
	case KindDocument:
		return []string{"openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs"}
	case KindPath:
		return []string{
			"summary", "description", "parameters", "get", "put", "post", "delete", "patch", "head", "options", "trace",
		}
	case KindOperation:
		return []string{
			"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses",
			"deprecated",
		}
	case KindParameter:
		return []string{"name", "in", "description", "required", "deprecated", "schema", "example", "examples"}
	case KindHeader:
		return []string{"description", "required", "deprecated", "schema", "example", "examples"}
	case KindBody:
		return []string{"description", "required", "content"}
	case KindResponse:
		return []string{"description", "headers", "content"}
	case KindMedia:
		return []string{"schema", "example", "examples", "encoding"}
	case kindComponents:
		return []string{"schemas", "parameters", "responses", "requestBodies", "headers", "examples", "securitySchemes"}
	case KindSchema:
		return []string{
			"type", "format", "title", "description", "default", "example", "deprecated", "nullable", "readOnly",
			"writeOnly", "enum", "minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems",
			"items", "properties", "required", "additionalProperties",
		}
	default:
		return nil
	}
}

// fields reports members that are not known on a node of a kind.
func (l *linter) fields(k Kind, n Node) {
	known := fields(k)
	if known == nil || n.Ref() != "" {
		return
	}
	for _, m := range n.Members() {
		if !slices.Contains(known, m.Name()) && !strings.HasPrefix(m.Name(), "x-") {
			l.addf(m.Pos(), "%q is not supported on %s%s", m.Name(), k, spell.Meant(m.Name(), known))
		}
	}
}
