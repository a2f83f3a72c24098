package apigen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// operations makes the operation table and the contract.
func operations(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("api", "")
	for _, op := range api.Operations {
		f.Add(jenx.Doc(op.Var+" is "+op.Method+" "+op.Path+".",
			jen.Var().Id(op.Var).Op("=").Op("&").Add(jenx.Contract("Operation")).Add(jenx.List(operation(op, api)...))))
		f.Line()
	}
	if api.Filter != nil {
		f.Add(jenx.Doc("FilterGrammar is the language of metadata filters.",
			jen.Var().Id("FilterGrammar").Op("=").Op("&").Add(jenx.Run("metafilter", "Grammar")).Add(jenx.List(grammar(api.Filter)...))))
		f.Line()
	}
	f.Add(jenx.Doc("Contract is the whole API as data.",
		jen.Var().Id("Contract").Op("=").Op("&").Add(jenx.Contract("Contract")).Add(jenx.List(contract(api)...))))
	return f
}

// operation is the row of an operation, without what it does not have.
func operation(op ir.Operation, api *ir.API) []jen.Code {
	items := []jen.Code{
		jenx.Key("ID", jen.Lit(op.ID)),
		jenx.Key("Name", jen.Lit(op.Name)),
		jenx.Key("Method", jen.Lit(op.Method)),
		jenx.Key("Path", jen.Lit(op.Path)),
	}
	add := func(name string, value *jen.Statement) {
		if value != nil {
			items = append(items, jenx.Key(name, value))
		}
	}
	if op.Deprecated != "" {
		add("Deprecated", jen.True())
	}
	add("Binds", args(api.Binds))
	add("PathParams", args(op.Args))
	if op.Query != nil {
		add("QueryParams", params(op.Query.Fields))
	}
	add("Body", body(op.Body))
	add("Result", result(op.Result))
	add("Page", page(op.Page))
	if op.Filtered {
		add("Filter", jen.Id("FilterGrammar"))
	}
	add("Errors", kinds(op.Errors))
	if op.Example != "" {
		add("Example", rawText(op.Example))
	}
	return items
}

func args(list []ir.Arg) *jen.Statement {
	if len(list) == 0 {
		return nil
	}
	var items []jen.Code
	for _, a := range list {
		items = append(items, param(a.Wire, true, a.Schema))
	}
	return jen.Index().Add(jenx.Contract("Param")).Add(jenx.List(items...))
}

func params(fields []ir.Field) *jen.Statement {
	if len(fields) == 0 {
		return nil
	}
	var items []jen.Code
	for _, field := range fields {
		items = append(items, param(field.Wire, field.Required, field.Schema))
	}
	return jen.Index().Add(jenx.Contract("Param")).Add(jenx.List(items...))
}

// param is an element of a list of parameters or properties.
//
//	{Name: "page", Schema: &contract.Schema{…}}
func param(name string, required bool, s ir.Schema) jen.Code {
	items := []jen.Code{jenx.Key("Name", jen.Lit(name))}
	if required {
		items = append(items, jenx.Key("Required", jen.True()))
	}
	return jen.Values(append(items, jenx.Key("Schema", schema(s)))...)
}

func body(b *ir.Body) *jen.Statement {
	if b == nil {
		return nil
	}
	kind := "BodyJSON"
	if b.Form {
		kind = "BodyForm"
	}
	items := []jen.Code{jenx.Key("Kind", jenx.Contract(kind))}
	if b.Required {
		items = append(items, jenx.Key("Required", jen.True()))
	}
	return jen.Op("&").Add(jenx.Contract("Body")).Values(append(items, jenx.Key("Schema", schema(b.Schema)))...)
}

func result(r ir.Result) *jen.Statement {
	kind := map[ir.ResultKind]string{ir.ResultJSON: "ResultJSON", ir.ResultNone: "ResultNone", ir.ResultStream: "ResultStream"}
	items := []jen.Code{jenx.Key("Kind", jenx.Contract(kind[r.Kind]))}
	if r.MediaType != "" {
		items = append(items, jenx.Key("MediaType", jen.Lit(r.MediaType)))
	}
	if r.Member != "" {
		items = append(items, jenx.Key("Member", jen.Lit(r.Member)))
	}
	return jenx.Contract("Result").Values(items...)
}

func page(p *ir.Page) *jen.Statement {
	if p == nil {
		return nil
	}
	style := "PageNumber"
	if p.Token {
		style = "PageToken"
	}
	items := []jen.Code{jenx.Key("Style", jenx.Contract(style))}
	for _, member := range []struct{ field, wire string }{
		{"Items", p.Items}, {"TokenOut", p.TokenOut}, {"TokenIn", p.TokenIn}, {"Number", p.Number}, {"Size", p.Size},
	} {
		if member.wire != "" {
			items = append(items, jenx.Key(member.field, jen.Lit(member.wire)))
		}
	}
	return jen.Op("&").Add(jenx.Contract("Page")).Values(items...)
}

func kinds(names []string) *jen.Statement {
	if len(names) == 0 {
		return nil
	}
	return kindList(names)
}

func kindList(names []string) *jen.Statement {
	var items []jen.Code
	for _, name := range names {
		items = append(items, jen.Id(name))
	}
	return jen.Index().Op("*").Add(jenx.Contract("ErrorKind")).Values(items...)
}

func contract(api *ir.API) []jen.Code {
	var ops []jen.Code
	var catalogue []string
	var faults []jen.Code
	for _, op := range api.Operations {
		ops = append(ops, jen.Id(op.Var))
	}
	for _, e := range api.Errors {
		catalogue = append(catalogue, e.GoName)
		if e.Role != "" {
			faults = append(faults, jenx.Key(e.Role, jen.Id(e.GoName)))
		}
	}
	items := []jen.Code{
		jenx.Key("Title", jen.Lit(api.Title)),
		jenx.Key("Version", jen.Lit(api.Version)),
		jenx.Key("BaseURL", jen.Lit(api.BaseURL)),
		jenx.Key("Envelope", jenx.Contract("Envelope").Values(
			jenx.Key("Result", jen.Lit(api.Envelope.Result)),
			jenx.Key("Success", jen.Lit(api.Envelope.Success)),
			jenx.Key("Errors", jen.Lit(api.Envelope.Errors)),
			jenx.Key("Messages", jen.Lit(api.Envelope.Messages)),
		)),
		jenx.Key("Security", security(api.Security)),
		jenx.Key("Operations", jen.Index().Op("*").Add(jenx.Contract("Operation")).Add(jenx.List(ops...))),
		jenx.Key("Errors", kindList(catalogue)),
		jenx.Key("Faults", jenx.Contract("Faults").Add(jenx.List(faults...))),
	}
	if e := env(api); e != nil {
		items = append(items, jenx.Key("Env", e))
	}
	return items
}

// env names the environment variables beside those of credentials, nil when there
// is none.
func env(api *ir.API) *jen.Statement {
	var items, binds []jen.Code
	if api.BaseURLEnv != "" {
		items = append(items, jenx.Key("BaseURL", jen.Lit(api.BaseURLEnv)))
	}
	for _, b := range api.Binds {
		if b.Env != "" {
			binds = append(binds, jen.Lit(b.Env))
		}
	}
	if len(binds) > 0 {
		items = append(items, jenx.Key("Binds", jen.Index().String().Values(binds...)))
	}
	if len(items) == 0 {
		return nil
	}
	return jenx.Contract("Env").Values(items...)
}

func security(alternatives [][]ir.Scheme) *jen.Statement {
	var requirements []jen.Code
	for _, alternative := range alternatives {
		var schemes []jen.Code
		for _, s := range alternative {
			items := []jen.Code{jenx.Key("Name", jen.Lit(s.Name)), jenx.Key("Header", jen.Lit(s.Header))}
			if s.Bearer {
				items = append(items, jenx.Key("Bearer", jen.True()))
			}
			if s.Env != "" {
				items = append(items, jenx.Key("Env", jen.Lit(s.Env)))
			}
			schemes = append(schemes, jen.Values(items...))
		}
		requirements = append(requirements, jen.Values(schemes...))
	}
	return jen.Index().Add(jenx.Contract("Requirement")).Add(jenx.List(requirements...))
}
