package servergen

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// adapter makes the strict server's implementation over the service.
func adapter(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("server", "")
	f.Add(jenx.Doc("adapter serves the strict server's requests with the implementation of each.",
		jen.Type().Id("adapter").Struct()))
	f.Line()
	for _, op := range api.Operations {
		method(f, w, op)
	}
	return f
}

// method joins one operation.
//
//	func (adapter) GetThing(ctx context.Context, r strict.GetThingRequestObject) (strict.GetThingResponseObject, error) {
//		out, err := serve.Service[api.Service](ctx).GetThing(ctx, r.ThingID)
//		return serve.Reply(out, err, func(out *api.Thing) strict.GetThing200JSONResponse {
//			return strict.GetThing200JSONResponse{Result: *out, Success: true}
//		})
//	}
func method(f *jen.File, w *jenx.Words, op ir.Operation) {
	response := strict(w, op.Name+"ResponseObject")
	request := jen.Id("r").Add(strict(w, op.Name+"RequestObject"))
	if len(op.Args) == 0 && op.Query == nil && op.Body == nil {
		request = jen.Id("_").Add(strict(w, op.Name+"RequestObject"))
	}
	result := w.Result(op)
	if result == nil {
		result = jen.Struct()
	}
	f.Comment(op.Name + " calls the implementation.")
	f.Func().Params(jen.Id("adapter")).Id(op.Name).Params(jenx.Context(), request).Params(response, jen.Error()).Block(
		jen.List(jen.Id("out"), jen.Err()).Op(":=").Add(invoke(w, op, result)),
		jen.Return(jenx.Run("serve", "Reply").Call(jen.Id("out"), jen.Err(),
			jen.Func().Params(outParam(op, result)).Add(strict(w, op.Result.Reply)).Block(
				jen.Return(reply(w, op))))),
	)
	f.Line()
}

// outParam is the call's result as a parameter.
func outParam(op ir.Operation, result *jen.Statement) jen.Code {
	if op.Result.Kind == ir.ResultNone {
		return result.Clone()
	}
	return jen.Id("out").Add(result.Clone())
}

// invoke calls the implementation.
func invoke(w *jenx.Words, op ir.Operation, result *jen.Statement) *jen.Statement {
	args := []jen.Code{jen.Id("ctx")}
	for _, a := range op.Args {
		args = append(args, jen.Id("r").Dot(a.Field))
	}
	switch {
	case op.Body != nil && op.Body.Form:
		args = append(args, literal(w, op.Body.Input, fromForm))
	case op.Body != nil:
		args = append(args, jen.Op("*").Id("r").Dot("Body"))
	case op.Query != nil:
		args = append(args, literal(w, op.Query, fromQuery))
	}
	invoked := jenx.Run("serve", "Service").Types(w.API("Service")).Call(jen.Id("ctx")).Dot(op.Name).Call(args...)
	if op.Result.Kind == ir.ResultNone {
		invoked = jenx.Run("serve", "None").Call(invoked)
	}
	if op.Body == nil || !op.Body.Form {
		return invoked
	}
	return jenx.Run("serve", "Form").Call(jen.Id("r").Dot("Body"), w.API(op.Var), w.API("Contract"),
		jen.Func().Params(jen.Id("v").Op("*").Add(jenx.Run("form", "Values"))).Params(result.Clone(), jen.Error()).Block(
			jen.Return(invoked)))
}

// literal is an input read from a request.
func literal(w *jenx.Words, in *ir.Input, read func(w *jenx.Words, f ir.Field) jen.Code) jen.Code {
	var items []jen.Code
	for _, field := range in.Fields {
		items = append(items, jenx.Key(field.GoName, read(w, field)))
	}
	if in.Filter {
		items = append(items, jenx.Key("Filter", jenx.Run("serve", "Filter").Call(jen.Id("ctx"))))
	}
	return w.API(in.GoName).Add(jenx.List(items...))
}

// fromQuery reads a field from the strict server's parameters, where what is
// optional is a pointer.
func fromQuery(_ *jenx.Words, field ir.Field) jen.Code {
	value := jen.Id("r").Dot("Params").Dot(field.GoName)
	switch field.Kind {
	case ir.FieldTextPtr, ir.FieldIntPtr, ir.FieldFloatPtr, ir.FieldBoolPtr:
		return value
	}
	if field.Required {
		return value
	}
	return jenx.Contract("Value").Call(value)
}

func fromForm(w *jenx.Words, field ir.Field) jen.Code {
	value := jen.Id("v").Dot(jenx.Accessor(field.Kind)).Call(jen.Lit(field.Wire))
	if field.Kind == ir.FieldEnum {
		return w.API(field.Type).Call(value)
	}
	return value
}

// reply is the strict server's successful response.
func reply(w *jenx.Words, op ir.Operation) *jen.Statement {
	r := op.Result
	out := jen.Id("out")
	if r.Kind == ir.ResultStream {
		items := []jen.Code{
			jenx.Key("Body", out),
			jenx.Key("ContentLength", jen.Max(out.Clone().Dot("Size"), jen.Lit(0))),
		}
		if strings.Contains(r.MediaType, "*") { // otherwise the type is fixed
			items = append(items, jenx.Key("ContentType", out.Clone().Dot("ContentType")))
		}
		return strict(w, r.Reply).Values(items...)
	}
	items := []jen.Code{jenx.Key(r.ReplyFields.Success, jen.True())}
	if r.Kind == ir.ResultJSON {
		items = append([]jen.Code{jenx.Key(r.ReplyFields.Result, resultOf(w, r))}, items...)
	}
	return strict(w, r.Reply).Values(items...)
}

// resultOf puts the method's value into the envelope's result.
func resultOf(w *jenx.Words, r ir.Result) *jen.Statement {
	value := jen.Id("out")
	if r.Member == "" {
		return jen.Op("*").Add(value)
	}
	if r.MemberType.Kind == ir.TypeNamed && r.MemberType.Basic == "" {
		value = jen.Op("*").Id("out")
	}
	return w.API(r.Type).Values(jenx.Key(r.MemberField, value))
}
