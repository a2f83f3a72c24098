// Package servergen writes package server: any implementation of the service
// over HTTP. What is written joins each operation to its method; the rest is
// package serve.
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
		emit.Source{Path: "server/routes.gen.go", File: routes(w, api)},
		emit.Source{Path: "server/strict/adapter.gen.go", File: adapter(w, api)},
	)
}

func server(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("server", "Package server serves any implementation of api.Service over HTTP. Requests are "+
		"authenticated, routed and held against the specification before the implementation sees them; its results "+
		"and errors are wrapped as the API wraps them.\n\nA file in a form may still be arriving when a method is called. Its "+
		"reader fails where the file is too large or breaks off, and delivers io.EOF only once the rest of the form has been "+
		"found to be right: a method that keeps nothing before it has read the end keeps nothing that the specification "+
		"forbids. Files can be read until the method returns.")
	options(f, w, api)
	resolver(f, w, api)
	for _, op := range api.Operations {
		if op.Upload != nil {
			upload(f, w, *op.Upload)
		}
	}
	return f
}

// resolver makes the constructor and the resolver of a single implementation.
//
//	func New(resolve Resolve, opts ...Option) http.Handler {
//		return serve.New(api.Contract, func(ctx context.Context, binds []string) (api.Service, error) {
//			return resolve(ctx, binds[0])
//		}, routes, opts...)
//	}
func resolver(f *jen.File, w *jenx.Words, api *ir.API) {
	params, blank := []jen.Code{jenx.Context()}, []jen.Code{jen.Qual("context", "Context")}
	for _, b := range api.Binds {
		params = append(params, jen.Id(b.GoName).String())
		blank = append(blank, jen.String())
	}
	results := jen.Params(w.API("Service"), jen.Error())
	f.Add(jenx.Doc("Resolve returns the implementation that serves a request. Its error is answered as it is.",
		jen.Type().Id("Resolve").Func().Params(params...).Add(results)))
	f.Line()
	f.Add(jenx.Doc("For resolves every request to one implementation: For(client) makes a proxy.",
		jen.Func().Id("For").Params(jen.Id("service").Add(w.API("Service"))).Id("Resolve").Block(
			jen.Return(jen.Func().Params(blank...).Add(results.Clone()).Block(jen.Return(jen.Id("service"), jen.Nil()))))))
	f.Line()
	f.Add(jenx.Doc("New returns a handler that serves the API. It may be mounted on any router.",
		jen.Func().Id("New").Params(jen.Id("resolve").Id("Resolve"), jen.Id("opts").Op("...").Id("Option")).
			Qual("net/http", "Handler").Block(
			jen.Return(jenx.Run("serve", "New").Call(
				w.API("Contract"), resolving(w, api), jen.Id("routes"), jen.Id("opts").Op("..."))))))
	f.Line()
}

// resolving gives a resolver the bound parameters by position.
func resolving(w *jenx.Words, api *ir.API) jen.Code {
	values := []jen.Code{jen.Id("ctx")}
	for i := range api.Binds {
		values = append(values, jen.Id("binds").Index(jen.Lit(i)))
	}
	return jen.Func().Params(jenx.Context(), jen.Id("binds").Index().String()).Params(w.API("Service"), jen.Error()).Block(
		jen.Return(jen.Id("resolve").Call(values...)))
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
