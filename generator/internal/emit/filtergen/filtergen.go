// Package filtergen writes package filter: one constructor for each operator
// of the filter language, typed by the values the operator takes.
package filtergen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/emit"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// Emit writes package filter, or nothing when the API has no filter.
func Emit(api *ir.API, t emit.Target) ([]emit.File, error) {
	if api.Filter == nil {
		return nil, nil
	}
	w := jenx.New(api, t)
	return emit.RenderAll(emit.Source{Path: "filter/filter.gen.go", File: filter(w, api.Filter)})
}

func filter(w *jenx.Words, l *ir.Filter) *jen.File {
	f := w.File("filter", "Package filter makes metadata filters. Each operator is a function whose type parameter "+
		"admits only the values that the operator takes, so that a wrong pairing does not compile.")
	f.Add(jenx.Doc("Filter selects by metadata: the conjunction of its terms.",
		jen.Type().Id("Filter").Op("=").Add(run("Filter"))))
	f.Line()
	f.Add(jenx.Doc("Term is one condition.", jen.Type().Id("Term").Op("=").Add(run("Term"))))
	f.Line()
	for _, set := range typeSets(l.Operators) {
		constraint(f, set)
	}
	whole(f, w)
	texts(f, w)
	for _, op := range l.Operators {
		constructors(f, w, op)
	}
	for _, t := range valueTypes {
		fields(f, t, l.Operators)
	}
	return f
}

func run(name string) *jen.Statement { return jenx.Run("metafilter", name) }

// typeSets are the distinct sets of value types: those of the operators in
// their order, then each type alone.
func typeSets(ops []ir.FilterOperator) [][]string {
	var all, sets [][]string
	for _, op := range ops {
		all = append(all, op.Types)
	}
	for _, t := range valueTypes {
		all = append(all, []string{t})
	}
	seen := map[string]bool{}
	for _, set := range all {
		if name := setName(set); !seen[name] {
			seen[name] = true
			sets = append(sets, set)
		}
	}
	return sets
}

// setName is the name of a type constraint: "StringOrNumber".
func setName(types []string) string { return strings.Join(types, "Or") }

// constraint makes the type constraint of a set of value types.
//
//	type StringOrNumber interface {
//		~string | ~int | …
//	}
func constraint(f *jen.File, set []string) {
	var union []jen.Code
	for _, t := range set {
		for _, name := range goTypes[t] {
			union = append(union, jen.Op("~").Id(name))
		}
	}
	f.Add(jenx.Doc(setName(set)+" is a value of one of these types, or of a type made of one.",
		jen.Type().Id(setName(set)).Interface(jen.Union(union...))))
	f.Line()
}

// valueTypes are the types that a value can have.
var valueTypes = []string{"String", "Number", "Boolean"}

// goTypes are the Go types of each value type.
var goTypes = map[string][]string{
	"String":  {"string"},
	"Boolean": {"bool"},
	"Number": {"int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64",
		"float32", "float64"},
}

// whole makes the functions over whole filters.
func whole(f *jen.File, w *jenx.Words) {
	f.Add(jenx.Doc("All joins terms: an item must satisfy each of them. A term or a number of terms that the API does "+
		"not take is reported by the filter's Err, and by the call that uses it before anything is sent.",
		jen.Func().Id("All").Params(jen.Id("terms").Op("...").Id("Term")).Id("Filter").Block(
			jen.Return(w.API("FilterGrammar").Dot("All").Call(jen.Id("terms").Op("..."))))))
	f.Line()
	f.Add(jenx.Doc("Parse reads the text form that Filter's String writes, which is also a query string.",
		jen.Func().Id("Parse").Params(jen.Id("text").String()).Params(jen.Id("Filter"), jen.Error()).Block(
			jen.Return(w.API("FilterGrammar").Dot("ParseText").Call(jen.Id("text"))))))
	f.Line()
}

// texts makes the functions over paths and the forms in which filters are kept.
func texts(f *jen.File, w *jenx.Words) {
	f.Add(jenx.Doc("Path joins the levels of a path. A level that has a dot in it names no field the API could find, and "+
		"makes the term that uses it an error.",
		jen.Func().Id("Path").Params(jen.Id("levels").Op("...").String()).String().Block(
			jen.Return(run("Path").Call(jen.Id("levels").Op("..."))))))
	f.Line()
	f.Add(jenx.Doc("ParseJSON reads a filter from the JSON string that marshalling one makes.",
		jen.Func().Id("ParseJSON").Params(jen.Id("data").Index().Byte()).Params(jen.Id("Filter"), jen.Error()).Block(
			jen.Return(w.API("FilterGrammar").Dot("ParseJSON").Call(jen.Id("data"))))))
	f.Line()
	f.Add(jenx.Doc("Text is a filter in a configuration: JSON, and every other format that knows encoding.TextUnmarshaler, "+
		"reads and writes its text form.",
		jen.Type().Id("Text").Struct(jen.Id("Filter"))))
	f.Line()
	f.Add(jenx.Doc("MarshalText writes the text form.",
		jen.Func().Params(jen.Id("t").Id("Text")).Id("MarshalText").Params().Params(jen.Index().Byte(), jen.Error()).Block(
			jen.Return(jen.Index().Byte().Call(jen.Id("t").Dot("String").Call()), jen.Id("t").Dot("Err").Call()))))
	f.Line()
	reader(f, "UnmarshalText reads the text form; what Parse refuses is an error.", "UnmarshalText",
		jen.Id("Parse").Call(jen.String().Call(jen.Id("data"))))
	reader(f, "UnmarshalJSON reads the text form from a JSON string.", "UnmarshalJSON",
		jen.Id("ParseJSON").Call(jen.Id("data")))
}

// reader makes a method that reads a Text.
func reader(f *jen.File, doc, name string, read *jen.Statement) {
	f.Add(jenx.Doc(doc, jen.Func().Params(jen.Id("t").Op("*").Id("Text")).Id(name).
		Params(jen.Id("data").Index().Byte()).Params(jen.Err().Error()).Block(
		jen.List(jen.Id("t").Dot("Filter"), jen.Err()).Op("=").Add(read),
		jen.Return(jen.Err()))))
	f.Line()
}

// constructors makes the typed and, where texts are comparable, the untyped constructor of an operator.
//
//	func Eq[T StringOrNumber](path string, value T) Term {
//		return api.FilterGrammar.Term("eq", path, metafilter.Of(value))
//	}
//	func EqText(path, value string) Term {
//		return api.FilterGrammar.Term("eq", path, metafilter.Text(value))
//	}
func constructors(f *jen.File, w *jenx.Words, op ir.FilterOperator) {
	param, values, texts := jen.Id("value").Id("T"), run("Of").Call(jen.Id("value")), run("Text").Call(jen.Id("value"))
	text := jen.Id("value").String()
	if op.List {
		param, values, texts = jen.Id("values").Op("...").Id("T"), run("OfAll").Call(jen.Id("values")).Op("..."), run("TextAll").Call(jen.Id("values")).Op("...")
		text = jen.Id("values").Op("...").String()
	}
	term := func(values jen.Code) jen.Code {
		return jen.Return(w.API("FilterGrammar").Dot("Term").Call(jen.Lit(op.Name), jen.Id("path"), values))
	}
	path := jen.Id("path").String()
	f.Add(jenx.Doc(jenx.Sentence(op.GoName, op.Doc)+" Levels of path are separated by dots.",
		jen.Func().Id(op.GoName).Types(jen.Id("T").Id(setName(op.Types))).Params(path, param).Id("Term").Block(term(values))))
	f.Line()
	if !slices.Contains(op.Types, "String") {
		return // no text is comparable, so a type would say nothing more
	}
	f.Add(jenx.Doc(op.GoName+"Text is "+op.GoName+" without a type: the API compares the text of a value, whatever its type.",
		jen.Func().Id(op.GoName+"Text").Params(path, text).Id("Term").Block(term(texts))))
	f.Line()
}
