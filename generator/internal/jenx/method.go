package jenx

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
)

// Params are the parameters of an operation's method, after the context.
func (w *Words) Params(op ir.Operation) []jen.Code {
	var params []jen.Code
	for _, a := range op.Args {
		params = append(params, jen.Id(a.GoName).String())
	}
	if in := w.Input(op); in != nil {
		params = append(params, jen.Id("in").Add(in))
	}
	return params
}

// Names are the names of [Words.Params].
func Names(op ir.Operation) []jen.Code {
	var names []jen.Code
	for _, a := range op.Args {
		names = append(names, jen.Id(a.GoName))
	}
	if op.Query != nil || op.Body != nil {
		names = append(names, jen.Id("in"))
	}
	return names
}

// Input is the type of an operation's parameter in, nil when it has none.
func (w *Words) Input(op ir.Operation) *jen.Statement {
	switch {
	case op.Body != nil:
		return w.API(op.Body.Type)
	case op.Query != nil:
		return w.API(op.Query.GoName)
	default:
		return nil
	}
}

// Result is what an operation's method returns before the error, nil when that
// is nothing.
func (w *Words) Result(op ir.Operation) *jen.Statement {
	r := op.Result
	switch {
	case r.Kind == ir.ResultNone:
		return nil
	case r.Kind == ir.ResultStream:
		return jen.Op("*").Add(w.API("Stream"))
	case r.Member == "":
		return jen.Op("*").Add(w.API(r.Type))
	case r.MemberType.Kind == ir.TypeNamed && r.MemberType.Basic == "":
		return jen.Op("*").Add(w.Type(r.MemberType))
	default:
		return w.Type(r.MemberType)
	}
}

// Results are the method's results.
func (w *Words) Results(op ir.Operation) *jen.Statement {
	if r := w.Result(op); r != nil {
		return jen.Parens(jen.List(r, jen.Error()))
	}
	return jen.Error()
}

// Signature is the method's parameters and results.
func (w *Words) Signature(op ir.Operation) *jen.Statement {
	return jen.Params(append([]jen.Code{Context()}, w.Params(op)...)...).Add(w.Results(op))
}

// MethodDoc is the documentation of an operation's method.
func MethodDoc(op ir.Operation) string {
	doc := Sentence(op.Name, op.Doc)
	if op.Deprecated != "" {
		doc += "\n\nDeprecated: " + op.Deprecated
	}
	return doc
}

// Request is the literal of a contract.Request for an operation's method.
//
//	contract.Request{Op: api.OpEditImage, Path: []string{imageID}, JSON: in}
func (w *Words) Request(op ir.Operation) *jen.Statement {
	items := []jen.Code{Key("Op", w.API(op.Var))}
	if len(op.Args) > 0 {
		var path []jen.Code
		for _, a := range op.Args {
			path = append(path, jen.Id(a.GoName))
		}
		items = append(items, Key("Path", jen.Index().String().Values(path...)))
	}
	if op.Query != nil {
		items = append(items, Key("Query", jen.Id("in")))
	}
	if op.Filtered {
		items = append(items, Key("Filter", jen.Id("in").Dot("Filter")))
	}
	if op.Body != nil {
		items = append(items, bodyOf(op.Body)...)
	}
	return Contract("Request").Values(items...)
}

func bodyOf(b *ir.Body) []jen.Code {
	if !b.Form {
		return []jen.Code{Key("JSON", jen.Id("in"))}
	}
	items := []jen.Code{Key("Form", jen.Id("in"))}
	if HasFiles(b.Input) {
		items = append(items, Key("Files", jen.Id("in").Dot("Parts").Call()))
	}
	return items
}

// HasFiles reports whether a form has file parts.
func HasFiles(in *ir.Input) bool {
	for _, f := range in.Fields {
		if f.Kind == ir.FieldFile {
			return true
		}
	}
	return false
}

var accessors = map[ir.FieldKind]string{
	ir.FieldText:     "Text",
	ir.FieldTextPtr:  "TextPtr",
	ir.FieldEnum:     "Text",
	ir.FieldInt:      "Int",
	ir.FieldIntPtr:   "IntPtr",
	ir.FieldFloatPtr: "FloatPtr",
	ir.FieldBool:     "Bool",
	ir.FieldBoolPtr:  "BoolPtr",
	ir.FieldTime:     "Time",
	ir.FieldObject:   "Object",
	ir.FieldFile:     "File",
}

// Accessor is the method that writes a field of a kind to contract.Fields, and
// the one of the same name that reads it from form.Values.
func Accessor(kind ir.FieldKind) string { return accessors[kind] }
