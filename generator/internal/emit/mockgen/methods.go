package mockgen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

func methods(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("mock", "")
	f.Add(jenx.Doc("Funcs are the operations a test programs. Those that are nil are stateful.",
		jen.Type().Id("Funcs").StructFunc(func(g *jen.Group) {
			for _, op := range api.Operations {
				g.Id(op.Name + "Func").Func().Add(w.Signature(op))
			}
		})))
	f.Line()
	for _, op := range api.Operations {
		method(f, w, op)
	}
	return f
}

// method answers one operation.
//
//	func (m *Mock) GetThing(ctx context.Context, thingID string) (*api.Thing, error) {
//		p := m.Begin(ctx, m.binds, api.OpGetThing, thingID)
//		if f := m.GetThingFunc; f != nil {
//			return double.Programmed(p, func() (*api.Thing, error) { return f(ctx, thingID) })
//		}
//		return double.Stateful(p, contract.Request{…}, func() (*api.Thing, error) { return m.state.GetThing(ctx, thingID) })
//	}
func method(f *jen.File, w *jenx.Words, op ir.Operation) {
	names := jenx.Names(op)
	begin := append([]jen.Code{jen.Id("ctx"), jen.Id("m").Dot("binds"), w.API(op.Var)}, names...)
	args := append([]jen.Code{jen.Id("ctx")}, names...)
	programmed := answer(w, op, "Programmed", jen.Id("f").Call(args...))
	stateful := answer(w, op, "Stateful", jen.Id("m").Dot("state").Dot(op.Name).Call(args...), w.Request(op))
	f.Add(jenx.Doc(op.Name+" calls "+op.Name+"Func, or else the fake.",
		jen.Func().Params(receiver()).Id(op.Name).Add(w.Signature(op)).Block(
			jen.Id("p").Op(":=").Id("m").Dot("Begin").Call(begin...),
			jen.If(jen.Id("f").Op(":=").Id("m").Dot(op.Name+"Func"), jen.Id("f").Op("!=").Nil()).Block(programmed...),
			jen.Empty().Add(statements(stateful)),
		)))
	f.Line()
}

// answer returns what a function answers, in the double's terms. More arguments
// of the double go before the function.
func answer(w *jenx.Words, op ir.Operation, how string, invoked *jen.Statement, more ...jen.Code) []jen.Code {
	args := append([]jen.Code{jen.Id("p")}, more...)
	if op.Result.Kind == ir.ResultNone {
		run := jen.Func().Params().Error().Block(jen.Return(invoked))
		return []jen.Code{
			jen.List(jen.Id("_"), jen.Err()).Op(":=").Add(jenx.Run("double", how)).Call(
				append(args, jenx.Run("double", "None").Call(run))...),
			jen.Return(jen.Err()),
		}
	}
	run := jen.Func().Params().Params(w.Result(op), jen.Error()).Block(jen.Return(invoked))
	return []jen.Code{jen.Return(jenx.Run("double", how).Call(append(args, run)...))}
}

// statements are written one below the other.
func statements(list []jen.Code) *jen.Statement {
	s := jen.Empty()
	for i, code := range list {
		if i > 0 {
			s.Line()
		}
		s.Add(code)
	}
	return s
}
