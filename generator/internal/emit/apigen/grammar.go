package apigen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// grammar is the literal of the filter language.
func grammar(l *ir.Filter) []jen.Code {
	var ops []jen.Code
	for _, op := range l.Operators {
		items := []jen.Code{jenx.Key("Name", jen.Lit(op.Name)), jenx.Key("Match", jenx.Run("metafilter", op.Match))}
		if op.List {
			items = append(items, jenx.Key("List", jen.True()))
		}
		var types []jen.Code
		for _, t := range op.Types {
			types = append(types, jenx.Run("metafilter", t))
		}
		ops = append(ops, jen.Values(append(items, jenx.Key("Types", jen.Index().Add(jenx.Run("metafilter", "Type")).Values(types...)))...))
	}
	return []jen.Code{
		jenx.Key("Prefix", jen.Lit(l.Prefix)),
		jenx.Key("MaxTerms", jen.Lit(l.MaxTerms)),
		jenx.Key("MaxLevels", jen.Lit(l.MaxLevels)),
		jenx.Key("MaxElements", jen.Lit(l.MaxElements)),
		jenx.Key("MaxPath", jen.Lit(l.MaxPath)),
		jenx.Key("Segment", jen.Lit(l.Segment)),
		jenx.Key("Separator", jen.Lit(l.Separator)),
		jenx.Key("Operators", jen.Index().Add(jenx.Run("metafilter", "Operator")).Add(jenx.List(ops...))),
	}
}
