// Package mockgen writes package mock: a programmable double of the service
// over the stateful fake, in process and over HTTP.
package mockgen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// Emit writes package mock.
func Emit(api *ir.API, t emit.Target) ([]emit.File, error) {
	w := jenx.New(api, t)
	return emit.RenderAll(
		emit.Source{Path: "mock/mock.gen.go", File: mock(w, api)},
		emit.Source{Path: "mock/methods.gen.go", File: methods(w, api)},
		emit.Source{Path: "mock/calls.gen.go", File: calls(w, api)},
	)
}

func mock(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("mock", "Package mock is a double of the service for tests. It remembers what was done to it; each "+
		"operation can be programmed, made to fail, and looked at afterwards.")
	fields := []jen.Code{
		jen.Op("*").Id("Funcs"),
		jen.Op("*").Add(jenx.Run("double", "Core")),
		jen.Id("host").Op("*").Add(jenx.Run("double", "Host")),
	}
	if w.Fake != "" {
		fields = append(fields, jen.Id("world").Op("*").Qual(w.Fake, "World"))
	}
	fields = append(fields, jen.Id("state").Add(w.API("Service")))
	for _, b := range api.Binds {
		fields = append(fields, jen.Id(b.GoName).String())
	}
	fields = append(fields, jen.Id("binds").Index().String())
	f.Add(jenx.Doc("Mock is the service of one account. It implements api.Service; an operation whose function in Funcs "+
		"is nil is answered by the stateful fake. It is safe for concurrent use, except that functions must be set before.",
		jen.Type().Id("Mock").Struct(fields...)))
	f.Line()
	f.Var().Id("_").Add(w.API("Service")).Op("=").Parens(jen.Op("*").Id("Mock")).Parens(jen.Nil())
	f.Line()
	constructor(f, w, api)
	account(f, w, api)
	serving(f, w, api)
	return f
}

// constructor makes New, which takes the fake's options where there is a fake.
func constructor(f *jen.File, w *jenx.Words, api *ir.API) {
	option := jen.Struct()
	if w.Fake != "" {
		option = jen.Qual(w.Fake, "Option")
	}
	f.Add(jenx.Doc(optionDoc(w), jen.Type().Id("Option").Op("=").Add(option)))
	f.Line()
	values := []jen.Code{
		jenx.Key("Funcs", jen.Op("&").Id("Funcs").Values()),
		jenx.Key("Core", jenx.Run("double", "NewCore").Call(w.API("Contract"))),
		jenx.Key("host", jen.Id("host")),
	}
	binds := make([]jen.Code, len(api.Binds))
	for i := range api.Binds {
		binds[i] = jenx.Run("double", "Bind")
	}
	block := []jen.Code{jen.Id("host").Op(":=").Add(jenx.Run("double", "NewHost")).Call(w.API("Contract"))}
	params := jen.Id("opts").Op("...").Id("Option")
	if w.Fake != "" {
		own := jen.Qual(w.Fake, "WithURLs").Call(jen.Id("host").Dot("URLs"))
		block = append(block, jen.Id("opts").Op("=").Append(jen.Index().Id("Option").Values(own), jen.Id("opts").Op("...")))
		values = append(values, jenx.Key("world", jen.Qual(w.Fake, "New").Call(jen.Id("opts").Op("..."))))
	} else {
		params = jen.Id("_").Op("...").Id("Option")
	}
	block = append(block,
		jen.Id("m").Op(":=").Parens(jen.Op("&").Id("Mock").Add(jenx.List(values...))).Dot("Account").Call(binds...),
	)
	if w.Fake != "" {
		block = append(block, jen.Id("m").Dot("Faults").Call().Dot("SetClock").Call(jen.Id("m").Dot("world").Dot("Now")))
	}
	block = append(block,
		jen.Id("m").Dot("Serve").Call(),
		jen.Return(jen.Id("m")),
	)
	f.Add(jenx.Doc("New returns a mock in memory. Client reaches it without a socket.",
		jen.Func().Id("New").Params(params).Op("*").Id("Mock").Block(block...)))
	f.Line()
	f.Add(jenx.Doc("Start returns a mock that serves HTTP on the loopback interface until the test ends. Where the test has "+
		"failed by then, the calls that were made are written to its log.",
		jen.Func().Id("Start").Params(jen.Id("tb").Add(jenx.Run("double", "TB")), jen.Id("opts").Op("...").Id("Option")).
			Op("*").Id("Mock").Block(
			jen.Id("tb").Dot("Helper").Call(),
			jen.Id("m").Op(":=").Id("New").Call(jen.Id("opts").Op("...")),
			jen.Id("m").Dot("LogOnFailure").Call(jen.Id("tb")),
			jen.Id("m").Dot("host").Dot("Start").Call(jen.Id("tb")),
			jen.Return(jen.Id("m")),
		)))
	f.Line()
}

func optionDoc(w *jenx.Words) string {
	if w.Fake == "" {
		return "Option is for what mocks of other APIs can be told."
	}
	return "Option changes how the fake behaves; package fake makes them."
}

// account makes the view of another account, and what resets all of them.
func account(f *jen.File, w *jenx.Words, api *ir.API) {
	var params, names []jen.Code
	values := []jen.Code{
		jenx.Key("Funcs", jen.Id("m").Dot("Funcs")),
		jenx.Key("Core", jen.Id("m").Dot("Core")),
		jenx.Key("host", jen.Id("m").Dot("host")),
	}
	state := w.API("Unimplemented").Values()
	for _, b := range api.Binds {
		params = append(params, jen.Id(b.GoName).String())
		names = append(names, jen.Id(b.GoName))
	}
	reset := jen.Id("m").Dot("Core").Dot("Forget").Call()
	if w.Fake != "" {
		values = append(values, jenx.Key("world", jen.Id("m").Dot("world")))
		state = jen.Id("m").Dot("world").Dot("Account").Call(names...)
		reset = jenx.Run("double", "Reset").Call(jen.Id("m").Dot("Core"), jen.Id("m").Dot("world").Dot("Reset"))
	}
	values = append(values, jenx.Key("state", state))
	for _, b := range api.Binds {
		values = append(values, jenx.Key(b.GoName, jen.Id(b.GoName)))
	}
	values = append(values, jenx.Key("binds", jen.Index().String().Values(names...)))
	f.Add(jenx.Doc("Account is the mock for other bound parameters. It shares functions, failures and the log of calls; the "+
		"state is its own.",
		jen.Func().Params(receiver()).Id("Account").Params(params...).Op("*").Id("Mock").Block(
			jen.Return(jen.Op("&").Id("Mock").Add(jenx.List(values...))))))
	f.Line()
	f.Add(jenx.Doc("Reset forgets all calls, pending failures, rules of faults and state, of every account. Programmed functions stay.",
		jen.Func().Params(receiver()).Id("Reset").Params().Block(reset)))
	f.Line()
}

// serving makes what joins the mock to HTTP.
func serving(f *jen.File, w *jenx.Words, api *ir.API) {
	server := func(name string) *jen.Statement { return jen.Qual(w.Path("server"), name) }
	var binds []jen.Code
	params := []jen.Code{jen.Id("_").Qual("context", "Context")}
	for _, b := range api.Binds {
		binds = append(binds, jen.Id(b.GoName))
		params = append(params, jen.Id(b.GoName).String())
	}
	upload := jen.Nil()
	for _, op := range api.Operations {
		if op.Upload != nil && w.Fake != "" {
			uploadTo(f, w, *op.Upload)
			upload = server(op.Upload.Name).Call(jen.Id("m").Dot(op.Upload.Name), jen.Id("opts").Op("..."))
		}
	}
	if w.Fake != "" {
		world(f, w)
		snapshot(f, w)
	}
	f.Add(jenx.Doc("Handler serves every account of the mock, under the path of the real API, and the one-time upload URLs "+
		"beside it.",
		jen.Func().Params(receiver()).Id("Handler").Params(jen.Id("opts").Op("...").Add(server("Option"))).Qual("net/http", "Handler").Block(
			jen.Id("resolve").Op(":=").Func().Params(params...).Params(w.API("Service"), jen.Error()).Block(
				jen.Return(jen.Id("m").Dot("Account").Call(binds...), jen.Nil())),
			jen.Id("opts").Op("=").Qual("slices", "Concat").Call(
				jen.Index().Add(server("Option")).Values(server("WithSpool").Call(jenx.Run("double", "Memory"))),
				jen.Id("opts"),
				jen.Index().Add(server("Option")).Values(server("WithBasePath").Call(jen.Id("m").Dot("host").Dot("Base").Call()))),
			jen.Return(beside(w, jen.Id("m").Dot("host").Dot("Combine").Call(
				server("New").Call(jen.Id("resolve"), jen.Id("opts").Op("...")), upload))),
		)))
	f.Line()
	f.Add(jenx.Doc("URL is the address of the API that the mock serves.",
		jen.Func().Params(receiver()).Id("URL").Params().String().Block(jen.Return(jen.Id("m").Dot("host").Dot("URL").Call()))))
	f.Line()
	f.Add(jenx.Doc("SetAddress tells a mock whose Handler the caller serves under which address it is reached, such as "+
		`"http://127.0.0.1:8787"; the URLs it answers begin with it.`,
		jen.Func().Params(receiver()).Id("SetAddress").Params(jen.Id("root").String()).Block(
			jen.Id("m").Dot("host").Dot("SetRoot").Call(jen.Id("root")))))
	f.Line()
	f.Add(jenx.Doc("Transport reaches the mock without a socket, whatever address a request names: an http.Client with it needs "+
		"no other setting. It works in a bubble of testing/synctest.",
		jen.Func().Params(receiver()).Id("Transport").Params().Qual("net/http", "RoundTripper").Block(
			jen.Return(jen.Id("m").Dot("host").Dot("Transport").Call()))))
	f.Line()
	f.Add(jenx.Doc("Serve gives what Start, Transport and Client reach options of the server, such as server.WithAuth; without "+
		"them, it takes any credentials.",
		jen.Func().Params(receiver()).Id("Serve").Params(jen.Id("opts").Op("...").Add(server("Option"))).Block(
			jen.Id("m").Dot("host").Dot("Use").Call(jen.Id("m").Dot("Handler").Call(jen.Id("opts").Op("..."))))))
	f.Line()
	f.Add(jenx.Doc("Close ends what serves the mock, as the end of the test does: connections are cut, calls by HTTP fail from "+
		"now on, and no goroutine is left. Calls of the mock itself still work.",
		jen.Func().Params(receiver()).Id("Close").Params().Block(jen.Id("m").Dot("host").Dot("Close").Call())))
	f.Line()
	client(f, w, api)
}

// beside adds what the fake serves beside the API, and its headers on all of it.
func beside(w *jenx.Words, handler *jen.Statement) *jen.Statement {
	faulty := jen.Id("m").Dot("Faults").Call().Dot("Handler")
	if w.Fake == "" {
		return faulty.Call(handler)
	}
	handler = faulty.Call(jen.Id("m").Dot("world").Dot("Beside").Call(handler))
	return jen.Id("m").Dot("world").Dot("Edge").Call(handler)
}

// client makes a client of the mock.
func client(f *jen.File, w *jenx.Words, api *ir.API) {
	name := func(name string) *jen.Statement { return jen.Qual(w.Path("client"), name) }
	options := []jen.Code{
		name("WithBaseURL").Call(jen.Id("m").Dot("URL").Call()),
		name("WithHTTPClient").Call(jen.Id("m").Dot("host").Dot("HTTPClient").Call()),
	}
	if len(api.Security) > 0 {
		options = append(options, credentials(name, api.Security[0]))
	}
	options = append(options, jen.Id("opts").Op("..."))
	var args []jen.Code
	for _, b := range api.Binds {
		args = append(args, jen.Id("m").Dot(b.GoName))
	}
	all := jen.Id("opts").Op("=").Append(
		jen.Index().Add(name("Option")).Values(options[:len(options)-1]...), jen.Id("opts").Op("..."))
	f.Add(jenx.Doc("Client returns a client of the mock. It panics where the options are invalid.",
		jen.Func().Params(receiver()).Id("Client").Params(jen.Id("opts").Op("...").Add(name("Option"))).
			Op("*").Add(name("Client")).Block(
			all,
			jen.Return(jenx.Run("double", "Must").Call(name("New").Call(append(args, jen.Id("opts").Op("..."))...))),
		)))
}

func credentials(name func(string) *jen.Statement, alternative []ir.Scheme) jen.Code {
	if len(alternative) == 1 && alternative[0].Bearer {
		return name("WithToken").Call(jenx.Run("double", "Bind"))
	}
	var values []jen.Code
	for range alternative {
		values = append(values, jenx.Run("double", "Bind"))
	}
	return name("WithKey").Call(values...)
}

// uploadTo makes the one-time upload without HTTP.
func uploadTo(f *jen.File, w *jenx.Words, u ir.Upload) {
	f.Add(jenx.Doc(u.Name+" posts a file to a one-time upload URL of the mock.",
		jen.Func().Params(receiver()).Id(u.Name).Params(jenx.Context(), jen.Id("url").String(), jen.Id("file").Op("*").Add(w.API("File"))).
			Params(jen.Op("*").Add(w.API(u.Result)), jen.Error()).Block(
			jen.Return(jen.Id("m").Dot("world").Dot(u.Name).Call(jen.Id("ctx"), jen.Id("url"), jen.Id("file"))))))
	f.Line()
}

// world gives access to the fake.
func world(f *jen.File, w *jenx.Words) {
	f.Add(jenx.Doc("World is the fake behind the mock, with the state of every account.",
		jen.Func().Params(receiver()).Id("World").Params().Op("*").Qual(w.Fake, "World").Block(jen.Return(jen.Id("m").Dot("world")))))
	f.Line()
}

// snapshot makes what takes a mock back to a moment.
func snapshot(f *jen.File, w *jenx.Words) {
	f.Add(jenx.Doc("Snapshot is a mock at one moment: the state of every account, the log of calls and the failures to come.",
		jen.Type().Id("Snapshot").Op("=").Add(jenx.Run("double", "Snapshot")).Index(jen.Op("*").Qual(w.Fake, "Snapshot"))))
	f.Line()
	f.Add(jenx.Doc("Snapshot remembers the present moment. In memory it does not fail.",
		jen.Func().Params(receiver()).Id("Snapshot").Params().Params(jen.Op("*").Id("Snapshot"), jen.Error()).Block(
			jen.Return(jenx.Run("double", "Take").Call(jen.Id("m").Dot("Core"), jen.Id("m").Dot("world").Dot("Snapshot"))))))
	f.Line()
	f.Add(jenx.Doc("Restore goes back to a snapshot, any number of times. Programmed functions stay.",
		jen.Func().Params(receiver()).Id("Restore").Params(jen.Id("s").Op("*").Id("Snapshot")).Error().Block(
			jen.Return(jenx.Run("double", "Restore").Call(jen.Id("m").Dot("Core"), jen.Id("s"), jen.Id("m").Dot("world").Dot("Restore"))))))
	f.Line()
}

func receiver() jen.Code { return jen.Id("m").Op("*").Id("Mock") }
