package servergen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// routes makes the table that joins every operation to its method.
func routes(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("server", "")
	var rows []jen.Code
	for _, op := range api.Operations {
		rows = append(rows, route(w, op))
	}
	f.Add(jenx.Doc("routes join every operation to the method that serves it.",
		jen.Var().Id("routes").Op("=").Index().Add(jenx.Run("serve", "Route")).Types(w.API("Service")).Add(jenx.List(rows...))))
	return f
}

// route joins one operation.
//
//	serve.JSON(api.OpGetThing, func(ctx context.Context, s api.Service, r *serve.Request) (*api.Thing, error) {
//		return s.GetThing(ctx, r.Path(0))
//	})
func route(w *jenx.Words, op ir.Operation) jen.Code {
	kind := "JSON"
	if op.Result.Kind == ir.ResultStream {
		kind = "Stream"
	}
	request := "r"
	if len(op.Args) == 0 && op.Query == nil && op.Body == nil {
		request = "_"
	}
	return jenx.Run("serve", kind).Call(w.API(op.Var),
		jen.Func().Params(
			jenx.Context(), jen.Id("s").Add(w.API("Service")), jen.Id(request).Op("*").Add(jenx.Run("serve", "Request")),
		).Params(answer(w, op), jen.Error()).Block(body(w, op)...))
}

// answer is the type of what is in the envelope.
func answer(w *jenx.Words, op ir.Operation) *jen.Statement {
	r := op.Result
	if r.Kind == ir.ResultNone || r.Member != "" {
		return w.API(r.Type)
	}
	return w.Result(op)
}

// body calls the implementation and puts its result into what is answered.
func body(w *jenx.Words, op ir.Operation) []jen.Code {
	r := op.Result
	called := invoke(w, op)
	switch {
	case r.Kind == ir.ResultNone:
		return []jen.Code{jen.Return(jenx.Run("serve", "None").Types(w.API(r.Type)).Call(called))}
	case r.Member == "":
		return []jen.Code{jen.Return(called)}
	}
	value := jen.Id("out")
	if r.MemberType.Kind == ir.TypeNamed && r.MemberType.Basic == "" {
		value = jen.Op("*").Id("out")
	}
	return []jen.Code{
		jen.List(jen.Id("out"), jen.Err()).Op(":=").Add(called),
		jen.Return(jenx.Run("serve", "Wrap").Call(jen.Id("out"), jen.Err(),
			jen.Func().Params(jen.Id("out").Add(w.Result(op))).Add(w.API(r.Type)).Block(
				jen.Return(w.API(r.Type).Values(jenx.Key(r.MemberField, value)))))),
	}
}

// invoke calls the method, with the body of the request where it has one.
func invoke(w *jenx.Words, op ir.Operation) *jen.Statement {
	args := []jen.Code{jen.Id("ctx")}
	for i := range op.Args {
		args = append(args, jen.Id("r").Dot("Path").Call(jen.Lit(i)))
	}
	switch {
	case op.Body != nil && op.Body.Form:
		args = append(args, literal(w, op.Body.Input, jen.Id("v"), jen.Id("r")))
	case op.Body != nil:
		args = append(args, jen.Id("in"))
	case op.Query != nil:
		args = append(args, literal(w, op.Query, jen.Id("r").Dot("Query").Call(), jen.Id("r")))
	}
	result := w.Result(op)
	invoked := jen.Id("s").Dot(op.Name).Call(args...)
	if result == nil {
		result, invoked = jen.Struct(), jenx.Run("serve", "Done").Call(invoked)
	}
	switch {
	case op.Body == nil:
		return invoked
	case op.Body.Form:
		return within("Form", jen.Id("v").Op("*").Add(jenx.Run("form", "Values")), result, invoked)
	default:
		return within("Body", jen.Id("in").Add(w.API(op.Body.Type)), result, invoked)
	}
}

// within calls the method with what the runtime reads.
func within(reader string, param jen.Code, result, invoked *jen.Statement) *jen.Statement {
	return jenx.Run("serve", reader).Call(jen.Id("r"),
		jen.Func().Params(param).Params(result.Clone(), jen.Error()).Block(jen.Return(invoked)))
}

// literal is an input read from values; request has the filter.
func literal(w *jenx.Words, in *ir.Input, values, request *jen.Statement) jen.Code {
	var items []jen.Code
	for _, field := range in.Fields {
		value := values.Clone().Dot(jenx.Accessor(field.Kind)).Call(jen.Lit(field.Wire))
		if field.Kind == ir.FieldEnum {
			value = w.API(field.Type).Call(value)
		}
		items = append(items, jenx.Key(field.GoName, value))
	}
	if in.Filter {
		items = append(items, jenx.Key("Filter", request.Clone().Dot("Filter").Call()))
	}
	return w.API(in.GoName).Add(jenx.List(items...))
}
