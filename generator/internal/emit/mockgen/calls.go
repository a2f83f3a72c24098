package mockgen

import (
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// calls makes the typed view of the log.
func calls(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("mock", "")
	f.Add(jenx.Doc("Call is a call that was made, as the log keeps it.",
		jen.Type().Id("Call").Op("=").Add(jenx.Run("double", "Call"))))
	f.Line()
	for _, op := range api.Operations {
		typed(f, w, op)
	}
	return f
}

// typed makes the calls of one operation.
//
//	type EditThingCall struct {
//		Call
//		ThingID string
//		In      api.ThingEdit
//	}
//
//	func (m *Mock) EditThingCalls() []EditThingCall {
//		return double.Typed(m.Core, api.OpEditThing, func(c Call) EditThingCall {
//			return EditThingCall{c, c.Args[0].(string), c.Args[1].(api.ThingEdit)}
//		})
//	}
func typed(f *jen.File, w *jenx.Words, op ir.Operation) {
	name := op.Name + "Call"
	fields := []jen.Code{jen.Id("Call")}
	values := []jen.Code{jen.Id("c")}
	add := func(field string, t *jen.Statement) {
		values = append(values, jen.Id("c").Dot("Args").Index(jen.Lit(len(values)-1)).Assert(t))
		fields = append(fields, jen.Id(field).Add(t))
	}
	for _, a := range op.Args {
		add(exported(a.GoName), jen.String())
	}
	if in := w.Input(op); in != nil {
		add("In", in)
	}
	f.Add(jenx.Doc(name+" is a call of "+op.Name+" with its arguments.", jen.Type().Id(name).Struct(fields...)))
	f.Line()
	convert := jen.Func().Params(jen.Id("c").Id("Call")).Id(name).Block(jen.Return(jen.Id(name).Values(values...)))
	f.Add(jenx.Doc(name+"s returns the calls of "+op.Name+" in the order they began.",
		jen.Func().Params(receiver()).Id(name+"s").Params().Index().Id(name).Block(
			jen.Return(jenx.Run("double", "Typed").Call(jen.Id("m").Dot("Core"), w.API(op.Var), convert)))))
	f.Line()
}

// exported is the field for a parameter.
func exported(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}
