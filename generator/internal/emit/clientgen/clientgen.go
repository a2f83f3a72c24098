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

// client makes the type, its constructor and the envelope.
//
//	func New(accountID string, opts ...Option) (*Client, error) {
//		core, err := rest.New(api.Contract, []string{accountID}, opts...)
//		if err != nil {
//			return nil, err
//		}
//		return &Client{core: core}, nil
//	}
func client(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("client", "Package client is the API over HTTP. A Client implements api.Service, so that a program "+
		"written against that interface runs on the real service and on a mock.")
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
	f.Add(jenx.Doc("New returns a client. It fails when an argument cannot be a part of a URL; nothing is sent.",
		jen.Func().Id("New").Params(params...).Params(jen.Op("*").Id("Client"), jen.Error()).Block(
			jen.List(jen.Id("core"), jen.Err()).Op(":=").Add(jenx.Run("rest", "New")).Call(
				w.API("Contract"), jen.Index().String().Values(binds...), jen.Id("opts").Op("...")),
			jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())),
			jen.Return(jen.Op("&").Id("Client").Values(jenx.Key("core", jen.Id("core"))), jen.Nil()),
		)))
	f.Line()
	f.Comment("String names the address; it never shows credentials.")
	f.Func().Params(jen.Id("c").Op("*").Id("Client")).Id("String").Params().String().Block(
		jen.Return(jen.Id("c").Dot("core").Dot("String").Call()))
	f.Line()
	envelope(f, api.Envelope)
	return f
}

// envelope makes the JSON object around every answer.
//
//	type envelope[T any] struct {
//		Result  *T                 `json:"result"`
//		Success *bool              `json:"success"`
//		Errors  []contract.Message `json:"errors"`
//	}
func envelope(f *jen.File, e ir.Envelope) {
	tag := func(name string) map[string]string { return map[string]string{"json": name} }
	messages := jen.Index().Add(jenx.Contract("Message"))
	f.Add(jenx.Doc("envelope is the object around every answer.",
		jen.Type().Id("envelope").Types(jen.Id("T").Any()).Struct(
			jen.Id("Result").Op("*").Id("T").Tag(tag(e.Result)),
			jen.Id("Success").Op("*").Bool().Tag(tag(e.Success)),
			jen.Id("Errors").Add(messages).Tag(tag(e.Errors)),
		)))
	f.Line()
	f.Add(jenx.Doc("Open returns what is in the envelope.",
		jen.Func().Params(jen.Id("e").Op("*").Id("envelope").Types(jen.Id("T"))).Id("Open").Params().Params(
			jen.Op("*").Id("T"), jen.Op("*").Bool(), messages).Block(
			jen.Return(jen.Id("e").Dot("Result"), jen.Id("e").Dot("Success"), jen.Id("e").Dot("Errors")))))
}

// options makes the options a caller may give. They are the transport's, under
// names that need no second import.
func options(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("client", "")
	f.Add(jenx.Doc("Option changes how a client is made.", jen.Type().Id("Option").Op("=").Add(jenx.Run("rest", "Option"))))
	f.Line()
	for _, alternative := range api.Security {
		credentials(f, alternative)
	}
	for _, o := range []struct {
		name, arg string
		typ       jen.Code
		doc       string
	}{
		{"WithBaseURL", "base", jen.String(), "sends requests to another address. The default is the service's own."},
		{"WithHTTPClient", "hc", jen.Op("*").Qual("net/http", "Client"), "uses an HTTP client of the caller's, which follows no redirects here whatever its own policy. The default is " +
			"http.DefaultClient, which has no timeout: use contexts."},
		{"WithUserAgent", "agent", jen.String(), "names the calling program."},
		{"WithRetries", "n", jen.Int(), "sets how often a failed request is sent again: only idempotent operations, only " +
			"after a lost connection or an answer of 408, 429, 502, 503 or 504. The default is 2; 0 turns it off."},
		{"WithMaxWait", "d", jen.Qual("time", "Duration"), "caps the wait before a request is sent again. The default is one minute."},
	} {
		f.Add(jenx.Doc(o.name+" "+o.doc, jen.Func().Id(o.name).Params(jen.Id(o.arg).Add(o.typ)).Id("Option").Block(
			jen.Return(jenx.Run("rest", o.name).Call(jen.Id(o.arg))))))
		f.Line()
	}
	return f
}

// credentials makes the option for one way to authenticate: WithToken for a
// bearer token, WithKey for credentials in headers of their own.
func credentials(f *jen.File, alternative []ir.Scheme) {
	if len(alternative) == 1 && alternative[0].Bearer {
		f.Add(jenx.Doc("WithToken authenticates with an API token.",
			jen.Func().Id("WithToken").Params(jen.Id("token").String()).Id("Option").Block(
				jen.Return(jenx.Run("rest", "WithToken").Call(jen.Id("token"))))))
		f.Line()
		return
	}
	var params, pairs []jen.Code
	var headers []string
	for _, s := range alternative {
		params = append(params, jen.Id(s.Arg))
		pairs = append(pairs, jen.Lit(s.Header), jen.Id(s.Arg))
		headers = append(headers, s.Header)
	}
	params[len(params)-1] = jen.Id(alternative[len(alternative)-1].Arg).String()
	f.Add(jenx.Doc("WithKey authenticates with "+strings.Join(headers, " and ")+".",
		jen.Func().Id("WithKey").Params(params...).Id("Option").Block(
			jen.Return(jenx.Run("rest", "WithHeaders").Call(pairs...)))))
	f.Line()
}
