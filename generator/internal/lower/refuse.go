package lower

import (
	"cmp"
	"slices"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/generator/internal/pattern"
)

// refusals lowers x-gen-refuse.
func (l *lowering) refusals(s load.Schema) []ir.Refusal {
	list, _ := ext.Get[[]ext.Refusal](s.Node, ext.KeyRefuse)
	var out []ir.Refusal
	for _, r := range list {
		refusal := ir.Refusal{Error: l.errorName(r.Node.Get("error")), Why: r.Why}
		for _, m := range r.When {
			l.match(s, m)
			refusal.When = append(refusal.When, ir.Match{
				Wire: m.Property, Pattern: l.pattern(m.Pattern, m.Node.Get("pattern").ValuePos()),
			})
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
}

// pattern returns the Go variable of a regular expression, "" for none.
func (l *lowering) pattern(text string, at load.Position) string {
	if text == "" {
		return ""
	}
	p, err := pattern.Compile(text)
	if err != nil {
		l.addf(at, "pattern %s", err)
		return ""
	}
	place, known := slices.BinarySearchFunc(l.api.Patterns, p, func(a, b ir.Pattern) int { return cmp.Compare(a.Text, b.Text) })
	if !known {
		l.api.Patterns = slices.Insert(l.api.Patterns, place, p)
	}
	return p.Var
}
