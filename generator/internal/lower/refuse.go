package lower

import (
	"regexp"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// refusals lowers x-gen-refuse.
func (l *lowering) refusals(s load.Schema) []ir.Refusal {
	list, _ := ext.Get[[]ext.Refusal](s.Node, ext.KeyRefuse)
	var out []ir.Refusal
	for _, r := range list {
		refusal := ir.Refusal{Error: l.errorName(r.Node.Get("error")), Why: r.Why}
		for _, m := range r.When {
			l.match(s, m)
			refusal.When = append(refusal.When, ir.Match{Wire: m.Property, Pattern: m.Pattern})
		}
		out = append(out, refusal)
	}
	return out
}

func (l *lowering) match(s load.Schema, m ext.Match) {
	if _, ok := s.Member(m.Property); !ok && m.Property != "" {
		l.addf(m.Node.Get("property").ValuePos(), "%s names %q, which is not a property%s",
			ext.KeyRefuse, m.Property, having(propertyNames(s)))
	}
	if _, err := regexp.Compile(m.Pattern); err != nil {
		l.addf(m.Node.Get("pattern").ValuePos(), "pattern is not a regular expression: %s", err)
	}
}
