package apigen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// patterns makes the regular expressions of schemas.
//
//	var pattern9f2a14c7 = &contract.Pattern{Text: `^a`, Steps: []contract.Step{
//		{Kind: contract.StepBegin, Next: 1},
//	}}
func patterns(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("api", "")
	for _, p := range api.Patterns {
		var steps []jen.Code
		for _, s := range p.Steps {
			steps = append(steps, step(s))
		}
		f.Var().Id(p.Var).Op("=").Op("&").Add(jenx.Contract("Pattern")).Values(
			jenx.Key("Text", rawText(p.Text)), jenx.Key("Steps", jen.Index().Add(jenx.Contract("Step")).Add(jenx.List(steps...))),
		)
		f.Line()
	}
	return f
}

func step(s ir.Step) *jen.Statement {
	items := []jen.Code{jenx.Key("Kind", jenx.Contract("Step"+s.Kind))}
	if s.Runes != "" {
		items = append(items, jenx.Key("Runes", jen.Lit(s.Runes)))
	}
	if s.Next != 0 {
		items = append(items, jenx.Key("Next", jen.Lit(s.Next)))
	}
	if s.Or != 0 {
		items = append(items, jenx.Key("Or", jen.Lit(s.Or)))
	}
	return jen.Values(items...)
}
