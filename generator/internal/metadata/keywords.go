package metadata

import (
	"slices"
	"strings"

	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/internal/spell"
)

// Keywords are words of JSON Schema that are treated alike.
type Keywords struct {
	Words []string
	// Why says why they are ignored, or refused.
	Why string
}

func keywords(why, words string) Keywords { return Keywords{Words: strings.Fields(words), Why: why} }

// Understood are the keywords that become Go.
var Understood = keywords("",
	"type properties required enum items description format nullable additionalProperties $ref $defs definitions")

// Ignored are the keywords that change neither a Go type nor a filter.
var Ignored = []Keywords{
	keywords("they are for readers and other tools",
		"$schema $id $anchor $comment $vocabulary id title default example examples deprecated readOnly writeOnly"+
			" externalDocs xml contentEncoding contentMediaType contentSchema"),
	keywords("they narrow the values within a type; the service stores any value, so what is read may lie outside",
		"minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems"+
			" uniqueItems minProperties maxProperties"),
}

// Refused are the keywords that would give a value another type than the rest
// of its schema says.
var Refused = []Keywords{
	keywords("a Go struct has one shape", "allOf anyOf oneOf not if then else discriminator dependentSchemas"+
		" dependentRequired dependencies"),
	keywords("a Go struct has a name for each member", "patternProperties propertyNames unevaluatedProperties"),
	keywords("all elements of a Go slice have one type", "prefixItems additionalItems unevaluatedItems contains"+
		" minContains maxContains"),
	keywords("an enum of one value says the same", "const"),
	keywords("only $ref is followed", "$dynamicRef $dynamicAnchor $recursiveRef $recursiveAnchor"),
}

// besideRef are the understood keywords that may stand beside $ref: those that
// leave alone what the reference leads to.
var besideRef = []string{"$ref", "$defs", "definitions", "description"}

// checkKeywords reports the members of a schema that have no place in it.
func checkKeywords(n load.Node, problems *load.Problems) {
	ref := n.Get("$ref").Ok()
	for _, m := range n.Members() {
		switch why := refusal(m.Name()); {
		case why != "":
			problems.Addf(m.Pos(), "%s is not supported: %s", m.Name(), why)
		case ref && understood(m.Name()) && !slices.Contains(besideRef, m.Name()):
			problems.Addf(m.Pos(), "%s beside $ref is not supported: move it to what the $ref leads to", m.Name())
		case !understood(m.Name()) && !ignored(m.Name()):
			problems.Addf(m.Pos(), "unknown keyword %q%s", m.Name(), spell.Meant(m.Name(), Understood.Words))
		}
	}
}

func understood(word string) bool { return slices.Contains(Understood.Words, word) }

func ignored(word string) bool {
	return strings.HasPrefix(word, "x-") ||
		slices.ContainsFunc(Ignored, func(k Keywords) bool { return slices.Contains(k.Words, word) })
}

// refuses reports whether a schema has a keyword that is refused.
func refuses(n load.Node) bool {
	return slices.ContainsFunc(n.Members(), func(m load.Node) bool { return refusal(m.Name()) != "" })
}

func refusal(word string) string {
	for _, k := range Refused {
		if slices.Contains(k.Words, word) {
			return k.Why
		}
	}
	return ""
}
