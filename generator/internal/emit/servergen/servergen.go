// Package servergen writes package server: any implementation of the service
// over HTTP. Routes, parameter binding and response types are oapi-codegen's
// strict server; what is written here joins it to the service.
package servergen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// Emit writes package server.
func Emit(api *ir.API, t emit.Target) ([]emit.File, error) {
	w := jenx.New(api, t)
	return emit.RenderAll(
		emit.Source{Path: "server/server.gen.go", File: server(w, api)},
		emit.Source{Path: "server/adapter.gen.go", File: adapter(w, api)},
	)
}

func strict(w *jenx.Words, name string) *jen.Statement {
	return jen.Qual(w.Path("server/strict"), name)
}

func server(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("server", "Package server serves any implementation of api.Service over HTTP. Requests are "+
		"authenticated, routed and held against the specification before the implementation sees them; its results "+
		"and errors are wrapped as the API wraps them.")
	options(f)
	resolver(f, w, api)
	f.Add(jenx.Doc("mount registers the routes.",
		jen.Func().Id("mount").Params(jen.Id("mux").Op("*").Add(jenx.Run("serve", "Mux")),
			jen.List(jen.Id("reject"), jen.Id("fail")).Add(jenx.Run("serve", "ErrorHandler"))).Block(
			jen.Id("h").Op(":=").Add(strict(w, "NewStrictHandlerWithOptions")).Call(jen.Id("adapter").Values(), jen.Nil(),
				strict(w, "StrictHTTPServerOptions").Values(
					jenx.Key("RequestErrorHandlerFunc", jen.Id("reject")),
					jenx.Key("ResponseErrorHandlerFunc", jen.Id("fail")))),
			strict(w, "HandlerWithOptions").Call(jen.Id("h"), strict(w, "StdHTTPServerOptions").Values(
				jenx.Key("BaseRouter", jen.Id("mux")), jenx.Key("ErrorHandlerFunc", jen.Id("reject")))),
		)))
	f.Line()
	for _, op := range api.Operations {
		if op.Upload != nil {
			upload(f, w, *op.Upload)
		}
	}
	return f
}

// options gives the transport's options names that need no second import.
func options(f *jen.File) {
	f.Add(jenx.Doc("Option changes how a handler is made.", jen.Type().Id("Option").Op("=").Add(jenx.Run("serve", "Option"))))
	f.Line()
	f.Add(jenx.Doc("Credentials are what a request authenticates with.",
		jen.Type().Id("Credentials").Op("=").Add(jenx.Run("serve", "Credentials"))))
	f.Line()
	auth := jen.Func().Params(jenx.Context(), jen.Id("who").Id("Credentials"), jen.Id("binds").Index().String()).Error()
	for _, o := range []struct {
		name, arg string
		typ       jen.Code
		doc       string
	}{
		{"WithBasePath", "path", jen.String(), `serves the API below a path such as "/v1". The default is the root.`},
		{"WithAuth", "auth", auth, "decides who may use what; binds are the bound parameters. Its error is answered as it is. " +
			"The default lets everybody in who has credentials."},
		{"WithLogger", "log", jen.Op("*").Qual("log/slog", "Logger"), "reports panics and unexpected errors. The default discards them."},
	} {
		f.Add(jenx.Doc(o.name+" "+o.doc, jen.Func().Id(o.name).Params(jen.Id(o.arg).Add(o.typ)).Id("Option").Block(
			jen.Return(jenx.Run("serve", o.name).Call(jen.Id(o.arg))))))
		f.Line()
	}
}

// resolver makes the constructor and the resolver of a single implementation.
//
//	func New(resolve Resolve, opts ...Option) http.Handler {
//		return serve.New(api.Contract, func(ctx context.Context, binds []string) (api.Service, error) {
//			return resolve(ctx, binds[0])
//		}, mount, opts...)
//	}
func resolver(f *jen.File, w *jenx.Words, api *ir.API) {
	params, blank := []jen.Code{jenx.Context()}, []jen.Code{jen.Qual("context", "Context")}
	values := []jen.Code{jen.Id("ctx")}
	for i, b := range api.Binds {
		params = append(params, jen.Id(b.GoName).String())
		blank = append(blank, jen.String())
		values = append(values, jen.Id("binds").Index(jen.Lit(i)))
	}
	results := jen.Params(w.API("Service"), jen.Error())
	f.Add(jenx.Doc("Resolve returns the implementation that serves a request. Its error is answered as it is.",
		jen.Type().Id("Resolve").Func().Params(params...).Add(results)))
	f.Line()
	f.Add(jenx.Doc("For resolves every request to one implementation: For(client) makes a proxy.",
		jen.Func().Id("For").Params(jen.Id("service").Add(w.API("Service"))).Id("Resolve").Block(
			jen.Return(jen.Func().Params(blank...).Add(results.Clone()).Block(jen.Return(jen.Id("service"), jen.Nil()))))))
	f.Line()
	f.Add(jenx.Doc("New returns a handler that serves the API.",
		jen.Func().Id("New").Params(jen.Id("resolve").Id("Resolve"), jen.Id("opts").Op("...").Id("Option")).
			Qual("net/http", "Handler").Block(
			jen.Return(jenx.Run("serve", "New").Call(
				w.API("Contract"),
				jen.Func().Params(jenx.Context(), jen.Id("binds").Index().String()).Add(results.Clone()).Block(
					jen.Return(jen.Id("resolve").Call(values...))),
				jen.Id("mount"), jen.Id("opts").Op("..."))))))
	f.Line()
}

// upload makes the handler of one-time upload URLs.
func upload(f *jen.File, w *jenx.Words, u ir.Upload) {
	accept := jen.Func().Params(jenx.Context(), jen.Id("url").String(), jen.Id("file").Op("*").Add(w.API("File"))).
		Params(jen.Op("*").Add(w.API(u.Result)), jen.Error())
	f.Add(jenx.Doc(u.Name+" returns a handler for one-time upload URLs, below any path. It asks accept for each POST of a "+
		"file, with the path of the URL as it was requested; nobody needs credentials.",
		jen.Func().Id(u.Name).Params(jen.Id("accept").Add(accept), jen.Id("opts").Op("...").Id("Option")).
			Qual("net/http", "Handler").Block(
			jen.Return(jenx.Run("serve", "Upload").Call(
				w.API("Contract"), w.API(u.Name+"Body"), jen.Lit(u.Part), jen.Id("accept"), jen.Id("opts").Op("..."))))))
	f.Line()
}
