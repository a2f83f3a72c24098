// Package apigen writes package api: the service interface, its inputs, the
// error catalogue and the operation table. The models beside them are written
// by oapi-codegen.
package apigen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// Emit writes package api.
func Emit(api *ir.API, t emit.Target) ([]emit.File, error) {
	w := jenx.New(api, t)
	return emit.RenderAll(
		emit.Source{Path: "api/service.gen.go", File: service(w, api)},
		emit.Source{Path: "api/inputs.gen.go", File: inputs(w, api)},
		emit.Source{Path: "api/errors.gen.go", File: errors(w, api)},
		emit.Source{Path: "api/operations.gen.go", File: operations(w, api)},
		emit.Source{Path: "api/schemas.gen.go", File: schemas(w, api)},
		emit.Source{Path: "api/patterns.gen.go", File: patterns(w, api)},
		emit.Source{Path: "api/scans.gen.go", File: scans(w, api)},
	)
}

func service(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("api", "Package api is the API in Go: the service as one interface, its types, errors and operation table.")
	aliases(f, api)
	f.Add(jenx.Doc("Service is the whole API for one set of bound parameters. A client implements it over "+
		"HTTP, a server serves any implementation, and the mock implements it in memory.",
		jen.Type().Id("Service").InterfaceFunc(func(g *jen.Group) {
			for i, op := range api.Operations {
				if i > 0 {
					g.Line()
				}
				g.Add(jenx.Doc(jenx.MethodDoc(op), jen.Id(op.Name).Add(w.Signature(op))))
			}
		})))
	unimplemented(f, w, api)
	return f
}

// aliases gives names of the hand-written packages to callers, so that they
// import only this package.
//
//	type Error = contract.Error
func aliases(f *jen.File, api *ir.API) {
	f.Comment("A compile error on the next line says that the module's runtime is older than")
	f.Comment("this file: update the module, or generate again.")
	f.Const().Id("_").Op("=").Add(jenx.Contract("Version2"))
	f.Line()
	alias := func(doc, name string, target *jen.Statement) {
		f.Add(jenx.Doc(doc, jen.Type().Id(name).Op("=").Add(target)))
		f.Line()
	}
	alias("Error is a failed operation. Every error that an operation of a client returns is one, reachable with errors.As. It has the "+
		"operation, the status, all messages with their codes, an id for the provider's support, how long to wait and what is left of the "+
		"quota; errors.Is finds the catalogue in it. Package runtime/contract documents its fields.",
		"Error", jenx.Contract("Error"))
	alias("ErrorKind is an entry of the error catalogue, such as the variables of this package.",
		"ErrorKind", jenx.Contract("ErrorKind"))
	alias("Operation is a row of the operation table, such as the variables of this package.",
		"Operation", jenx.Contract("Operation"))
	alias("Stream is a result of bytes, with their type and size. WriteTo copies them, SaveFile saves them whole or not at all. The "+
		"receiver closes it.", "Stream", jenx.Contract("Stream"))
	if api.Filter != nil {
		alias("Filter selects by metadata; package filter makes one.", "Filter", jenx.Run("metafilter", "Filter"))
	}
	if hasFiles(api) {
		alias("File is a file to send, or one that was received. WithName, WithType, WithSize and WithProgress return copies that "+
			"differ; Open and WriteTo read it. Package runtime/contract documents them.", "File", jenx.Contract("File"))
		files(f)
	}
}

func hasFiles(api *ir.API) bool {
	for _, in := range api.Inputs {
		if in.Form && jenx.HasFiles(&in) {
			return true
		}
	}
	return slices.ContainsFunc(api.Operations, func(op ir.Operation) bool { return op.Upload != nil })
}

// files makes the ways to give a file.
func files(f *jen.File) {
	file := jen.Op("*").Id("File")
	f.Add(jenx.Doc("OpenFile is the file at path. It is opened when it is sent; an error is reported then.",
		jen.Func().Id("OpenFile").Params(jen.Id("path").String()).Add(file).Block(
			jen.Return(jenx.Contract("OpenFile").Call(jen.Id("path"))))))
	f.Line()
	f.Add(jenx.Doc("Bytes is a file in memory. The bytes must not change while a call sends it.",
		jen.Func().Id("Bytes").Params(jen.Id("name").String(), jen.Id("content").Index().Byte()).Add(file).Block(
			jen.Return(jenx.Contract("Bytes").Call(jen.Id("name"), jen.Id("content"))))))
	f.Line()
	f.Add(jenx.Doc("Reader is a file that is read from r: once, unless r can seek. Its size is taken from r where r tells it.",
		jen.Func().Id("Reader").Params(jen.Id("name").String(), jen.Id("r").Qual("io", "Reader")).Add(file).Block(
			jen.Return(jenx.Contract("Reader").Call(jen.Id("name"), jen.Id("r"))))))
	f.Line()
}

// unimplemented makes a service that does nothing.
//
//	func (Unimplemented) GetImage(context.Context, string) (*Image, error) {
//		return nil, <the catalogue's error for it>
//	}
func unimplemented(f *jen.File, w *jenx.Words, api *ir.API) {
	f.Add(jenx.Doc("Unimplemented is a Service whose every method fails with the catalogue's error for that. "+
		"Embed it to implement a part of the API, and to keep compiling when the API grows.",
		jen.Type().Id("Unimplemented").Struct()))
	f.Line()
	f.Var().Id("_").Id("Service").Op("=").Id("Unimplemented").Values()
	fault := jen.Id("Contract").Dot("Faults").Dot("Unimplemented")
	for _, op := range api.Operations {
		results := []jen.Code{fault.Clone().Dot("New").Call()}
		if op.Result.Kind != ir.ResultNone {
			results = append([]jen.Code{jen.Nil()}, results...)
		}
		f.Line()
		f.Add(jenx.Doc(jenx.Sentence(op.Name, "fails."),
			jen.Func().Params(jen.Id("Unimplemented")).Id(op.Name).Add(anonymous(w, op)).Block(jen.Return(results...))))
	}
}

// anonymous is a method's signature with blank parameters.
func anonymous(w *jenx.Words, op ir.Operation) *jen.Statement {
	params := []jen.Code{jen.Qual("context", "Context")}
	for range op.Args {
		params = append(params, jen.String())
	}
	if in := w.Input(op); in != nil {
		params = append(params, in)
	}
	return jen.Params(params...).Add(w.Results(op))
}

// errors makes the catalogue.
//
//	ErrImageNotFound = &contract.ErrorKind{Name: "ImageNotFound", Code: 5404, …}
func errors(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("api", "")
	f.Add(jenx.Doc("The error catalogue. errors.Is finds an entry in what a client returns; an implementation "+
		"returns one as it is, or with a message of its own from its method With.",
		jen.Var().DefsFunc(func(g *jen.Group) {
			for _, e := range api.Errors {
				g.Add(jenx.Doc(e.GoName+" is: "+e.Message+" ("+e.Evidence+")",
					jen.Id(e.GoName).Op("=").Op("&").Add(jenx.Contract("ErrorKind")).Add(jenx.List(
						jenx.Key("Name", jen.Lit(e.Name)),
						jenx.Key("Code", jen.Lit(e.Code)),
						jenx.Key("Status", jen.Lit(e.Status)),
						jenx.Key("Message", jen.Lit(e.Message)),
						jenx.Key("Evidence", jen.Lit(e.Evidence)),
					))))
			}
		})))
	return f
}
