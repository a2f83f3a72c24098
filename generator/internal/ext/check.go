package ext

import (
	"maps"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/internal/spell"
)

// rule says where a key may stand and what its value must be.
type rule struct {
	on    []load.Kind // empty: anywhere
	check func(load.Node, *load.Problems)
}

// vocabulary returns the rules of all keys. A key with different meanings on
// different nodes has one rule for each.
func vocabulary() map[string][]rule {
	schema := []load.Kind{load.KindSchema}
	operation := []load.Kind{load.KindOperation}
	return map[string][]rule{
		KeyEnvelope: {
			{[]load.Kind{load.KindDocument}, check[Envelope]},
			{operation, check[noneOnly]},
		},
		KeyErrors: {
			{[]load.Kind{load.KindDocument}, check[[]Error]},
			{operation, check[[]string]},
		},
		KeyBind:        {{[]load.Kind{load.KindParameter}, check[bool]}},
		KeyEvidence:    {{nil, check[evidence]}},
		KeyFilter:      {{operation, check[Filter]}},
		KeyMaxBytes:    {{schema, check[int64]}},
		KeyOneOf:       {{schema, check[[]string]}},
		KeyPage:        {{operation, check[Page]}},
		KeyEnv:         {{[]load.Kind{load.KindDocument}, check[Env]}},
		KeyRefuse:      {{schema, check[[]Refusal]}},
		KeyRaw:         {{schema, check[bool]}},
		KeyResult:      {{operation, check[string]}},
		KeyUpload:      {{operation, check[Upload]}},
		KeyViolation:   {{schema, check[string]}},
		KeyWindow:      {{schema, check[Window]}},
		KeySkipPointer: {{schema, check[bool]}},
		KeyOmitZero:    {{schema, check[bool]}},
		KeyReason:      {{[]load.Kind{load.KindOperation, load.KindSchema, load.KindParameter}, check[string]}},
	}
}

// noneOnly and evidence are scalars from a closed set.
type (
	noneOnly string
	evidence string
)

func check[T any](n load.Node, problems *load.Problems) {
	var v T
	switch any(v).(type) {
	case noneOnly:
		decodeOne(n, []string{None}, problems)
	case evidence:
		decodeOne(n, oneOf(Error{}, "Evidence"), problems)
	default:
		decode(n, &v, problems)
	}
}

func decodeOne(n load.Node, one []string, problems *load.Problems) {
	d := decoder{problems: problems}
	if d.is(n, "!!str", "text") {
		d.oneOf(n, one)
	}
}

// Check reports every extension of the document that is not part of the
// vocabulary, stands on the wrong kind of node or has a value that does not
// fit.
func Check(d *load.Document) load.Problems {
	var problems load.Problems
	rules := vocabulary()
	d.Walk(func(on load.Kind, n load.Node) {
		if on.Named() {
			return
		}
		for _, m := range n.Members() {
			if strings.HasPrefix(m.Name(), "x-") {
				checkMember(rules, on, m, &problems)
			}
		}
	})
	return problems
}

func checkMember(rules map[string][]rule, on load.Kind, n load.Node, problems *load.Problems) {
	candidates := rules[n.Name()]
	if candidates == nil {
		known := slices.Sorted(maps.Keys(rules))
		problems.Addf(n.Pos(), "unknown extension %s%s", n.Name(), spell.Meant(n.Name(), known))
		return
	}
	for _, r := range candidates {
		if len(r.on) == 0 || slices.Contains(r.on, on) {
			r.check(n, problems)
			return
		}
	}
	problems.Addf(n.Pos(), "%s does not belong on %s", n.Name(), on)
}
