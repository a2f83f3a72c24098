// Package clientgen writes package client: the service over HTTP, as thin
// methods over the hand-written transport.
package clientgen

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// Emit writes package client.
func Emit(api *ir.API, t emit.Target) ([]emit.File, error) {
	w := jenx.New(api, t)
	return emit.RenderAll(
		emit.Source{Path: "client/client.gen.go", File: client(w, api)},
		emit.Source{Path: "client/methods.gen.go", File: methods(w, api)},
		emit.Source{Path: "client/options.gen.go", File: options(w, api)},
	)
}

const packageDoc = "Package client is the API over HTTP. A Client implements api.Service, so that a program written against that " +
	"interface runs on the real service and on a mock." +
	"\n\n" +
	"New makes a client, which is safe for concurrent use, and With derives one with other options: those of single calls are " +
	"given so. Without options, a call is limited by its context alone, idempotent calls are tried again twice after a lost " +
	"connection or when the service is busy, and a form or a body that the service would refuse for sure is not sent." +
	"\n\n" +
	"Every error of a call is an *api.Error, in which errors.Is finds the catalogue of package api. Its Status is 0 when there " +
	"was no answer or nothing was sent. Credentials go to the API's own address only, and are in no error and no log."

// client makes the type, and its constructors.
//
//	func New(accountID string, opts ...Option) (*Client, error) {
//		core, err := rest.New(api.Contract, []string{accountID}, opts...)
//		if err != nil {
//			return nil, err
//		}
//		return &Client{core: core}, nil
//	}
func client(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("client", packageDoc)
	f.Add(jenx.Doc("Client calls the API. It is safe for concurrent use.",
		jen.Type().Id("Client").Struct(jen.Id("core").Op("*").Add(jenx.Run("rest", "Core")))))
	f.Line()
	f.Var().Id("_").Add(w.API("Service")).Op("=").Parens(jen.Op("*").Id("Client")).Parens(jen.Nil())
	f.Line()
	var binds, params []jen.Code
	for _, b := range api.Binds {
		binds = append(binds, jen.Id(b.GoName))
		params = append(params, jen.Id(b.GoName).String())
	}
	params = append(params, jen.Id("opts").Op("...").Id("Option"))
	f.Add(jenx.Doc("New returns a client. It fails when an argument cannot be a part of a URL, or an option cannot be used; nothing is sent.",
		jen.Func().Id("New").Params(params...).Params(jen.Op("*").Id("Client"), jen.Error()).Block(
			jen.List(jen.Id("core"), jen.Err()).Op(":=").Add(jenx.Run("rest", "New")).Call(
				w.API("Contract"), jen.Index().String().Values(binds...), jen.Id("opts").Op("...")),
			jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())),
			jen.Return(jen.Op("&").Id("Client").Values(jenx.Key("core", jen.Id("core"))), jen.Nil()),
		)))
	f.Line()
	if e := fromEnv(w, api); e != nil {
		f.Add(e)
		f.Line()
	}
	f.Add(with())
	f.Line()
	f.Add(quota())
	f.Line()
	f.Comment("String names the address; it never shows credentials.")
	f.Func().Params(jen.Id("c").Op("*").Id("Client")).Id("String").Params().String().Block(
		jen.Return(jen.Id("c").Dot("core").Dot("String").Call()))
	return f
}

// fromEnv makes the constructor that takes everything from environment variables,
// nil when the specification names none.
//
//	func FromEnv(opts ...Option) (*Client, error) {
//		core, err := rest.FromEnv(api.Contract, opts...)
//		…
//	}
func fromEnv(w *jenx.Words, api *ir.API) jen.Code {
	var names []string
	for _, b := range api.Binds {
		if b.Env == "" {
			return nil
		}
		names = append(names, b.Env)
	}
	if len(names) == 0 {
		return nil
	}
	doc := "FromEnv returns a client with the values of " + strings.Join(names, ", ")
	if api.BaseURLEnv != "" {
		doc += ", of " + api.BaseURLEnv + " if it is set,"
	}
	doc += " and of the credentials " + credentialVariables(api.Security) + ". Options come after them: credentials among the options are " +
		"used instead of those of the environment. The error names the variables that are missing."
	return jenx.Doc(doc, jen.Func().Id("FromEnv").Params(jen.Id("opts").Op("...").Id("Option")).Params(jen.Op("*").Id("Client"), jen.Error()).Block(
		jen.List(jen.Id("core"), jen.Err()).Op(":=").Add(jenx.Run("rest", "FromEnv")).Call(w.API("Contract"), jen.Id("opts").Op("...")),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())),
		jen.Return(jen.Op("&").Id("Client").Values(jenx.Key("core", jen.Id("core"))), jen.Nil()),
	))
}

// credentialVariables lists the variables of each way to authenticate.
func credentialVariables(security [][]ir.Scheme) string {
	var ways []string
	for _, schemes := range security {
		var names []string
		for _, s := range schemes {
			if s.Env != "" {
				names = append(names, s.Env)
			}
		}
		if len(names) > 0 {
			ways = append(ways, strings.Join(names, " with "))
		}
	}
	return strings.Join(ways, ", or ")
}

// with makes the method for options of single calls.
func with() jen.Code {
	return jenx.Doc("With returns a client that differs by the options and shares everything else, connections included: "+
		"c.With(WithTimeout(time.Second)).… is one call with an option of its own. It does not fail: an option that New would "+
		"refuse makes every call of the new client fail.",
		jen.Func().Params(receiver()).Id("With").Params(jen.Id("opts").Op("...").Id("Option")).Op("*").Id("Client").Block(
			jen.Return(jen.Op("&").Id("Client").Values(jenx.Key("core", jen.Id("c").Dot("core").Dot("With").Call(jen.Id("opts").Op("...")))))))
}

// quota makes the method that tells the rate limit.
func quota() jen.Code {
	return jenx.Doc("RateLimit returns what the latest answer to this client, or to one that is derived from it, said about the "+
		"caller's quota; false when none said anything.",
		jen.Func().Params(receiver()).Id("RateLimit").Params().Params(jenx.Contract("RateLimit"), jen.Bool()).Block(
			jen.Return(jen.Id("c").Dot("core").Dot("RateLimit").Call())))
}
