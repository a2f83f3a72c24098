package servergen

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// adapter makes the strict server's interface over the service, for programs
// that have middlewares or methods of their own for it.
func adapter(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("server/strict", "")
	server := func(name string) *jen.Statement { return jen.Qual(w.Path("server"), name) }
	f.Add(jenx.Doc("New returns a handler that serves the API through the strict interface: requests are held against the specification as "+
		"package server does, and pass the middlewares. around may put another implementation in front of the adapter, "+
		"which calls the service; nil puts none.",
		jen.Func().Id("New").Params(
			jen.Id("resolve").Add(server("Resolve")),
			jen.Id("around").Func().Params(jen.Id("StrictServerInterface")).Id("StrictServerInterface"),
			jen.Id("middlewares").Index().Id("StrictMiddlewareFunc"),
			jen.Id("opts").Op("...").Add(server("Option")),
		).Qual("net/http", "Handler").Block(
			jen.Id("ssi").Op(":=").Add(jenx.Run("serve", "Around").Types(jen.Id("StrictServerInterface")).Call(jen.Id("adapter").Values(), jen.Id("around"))),
			jen.Return(jenx.Run("serve", "Mounted").Call(
				w.API("Contract"),
				resolving(w, api),
				jen.Func().Params(jen.Id("mux").Op("*").Add(jenx.Run("serve", "Mux"))).Block(
					jen.Id("h").Op(":=").Id("NewStrictHandlerWithOptions").Call(jen.Id("ssi"), jen.Id("middlewares"),
						jen.Id("StrictHTTPServerOptions").Values(
							jenx.Key("RequestErrorHandlerFunc", jenx.Run("serve", "Refuse")),
							jenx.Key("ResponseErrorHandlerFunc", jenx.Run("serve", "Fail")))),
					jen.Id("HandlerWithOptions").Call(jen.Id("h"), jen.Id("StdHTTPServerOptions").Values(
						jenx.Key("BaseRouter", jen.Id("mux")), jenx.Key("ErrorHandlerFunc", jenx.Run("serve", "Refuse")))),
				),
				jen.Id("opts").Op("..."))))))
	f.Line()
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
	response := strict(op.Name + "ResponseObject")
	request := jen.Id("r").Add(strict(op.Name + "RequestObject"))
	if len(op.Args) == 0 && op.Query == nil && op.Body == nil {
		request = jen.Id("_").Add(strict(op.Name + "RequestObject"))
	}
	result := w.Result(op)
	if result == nil {
		result = jen.Struct()
	}
	f.Comment(op.Name + " calls the implementation.")
	f.Func().Params(jen.Id("adapter")).Id(op.Name).Params(jenx.Context(), request).Params(response, jen.Error()).Block(
		jen.List(jen.Id("out"), jen.Err()).Op(":=").Add(adapted(w, op, result)),
		jen.Return(jenx.Run("serve", "Reply").Call(jen.Id("out"), jen.Err(),
			jen.Func().Params(outParam(op, result)).Add(strict(op.Result.Reply)).Block(
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

// adapted calls the implementation.
func adapted(w *jenx.Words, op ir.Operation, result *jen.Statement) *jen.Statement {
	args := []jen.Code{jen.Id("ctx")}
	for _, a := range op.Args {
		args = append(args, jen.Id("r").Dot(a.Field))
	}
	switch {
	case op.Body != nil && op.Body.Form:
		args = append(args, literal(w, op.Body.Input, jen.Id("v"), jen.Id("r")))
	case op.Body != nil:
		args = append(args, jen.Op("*").Id("r").Dot("Body"))
	case op.Query != nil:
		args = append(args, fromParams(w, op.Query))
	}
	invoked := jenx.Run("serve", "Service").Types(w.API("Service")).Call(jen.Id("ctx")).Dot(op.Name).Call(args...)
	if op.Result.Kind == ir.ResultNone {
		invoked = jenx.Run("serve", "Done").Call(invoked)
	}
	if op.Body == nil || !op.Body.Form {
		return invoked
	}
	return jenx.Run("serve", "Form").Call(jenx.Run("serve", "From").Call(jen.Id("ctx")),
		jen.Func().Params(jen.Id("v").Op("*").Add(jenx.Run("form", "Values"))).Params(result.Clone(), jen.Error()).Block(
			jen.Return(invoked)))
}

// fromParams is an input read from the strict server's parameters.
func fromParams(w *jenx.Words, in *ir.Input) jen.Code {
	var items []jen.Code
	for _, field := range in.Fields {
		items = append(items, jenx.Key(field.GoName, fromQuery(field)))
	}
	if in.Filter {
		items = append(items, jenx.Key("Filter", jenx.Run("serve", "From").Call(jen.Id("ctx")).Dot("Filter").Call()))
	}
	return w.API(in.GoName).Add(jenx.List(items...))
}

// fromQuery reads a field from the strict server's parameters, where what is
// optional is a pointer.
func fromQuery(field ir.Field) jen.Code {
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

// strict is a name of oapi-codegen's output, which is in the same package.
func strict(name string) *jen.Statement { return jen.Id(name) }

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
		return strict(r.Reply).Values(items...)
	}
	items := []jen.Code{jenx.Key(r.ReplyFields.Success, jen.True())}
	if r.Kind == ir.ResultJSON {
		items = append([]jen.Code{jenx.Key(r.ReplyFields.Result, resultOf(w, r))}, items...)
	}
	return strict(r.Reply).Values(items...)
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
