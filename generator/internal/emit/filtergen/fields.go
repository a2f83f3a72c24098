package filtergen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// searchesLists are the questions that package metafilter also puts to the
// elements of a list. Order is never asked of a list.
var searchesLists = []string{"MatchEqual", "MatchNotEqual", "MatchPrefix"}

// fields makes the two handles of a value type: for a field that holds a value
// of the type, and for one that holds a list of them.
func fields(f *jen.File, typ string, ops []ir.FilterOperator) {
	ops = slices.DeleteFunc(slices.Clone(ops), func(op ir.FilterOperator) bool {
		return !slices.Contains(op.Types, typ)
	})
	values := strings.ToLower(typ) + "s"
	field(f, typ, typ+"Field", "is a metadata field that holds "+values+
		". Its methods are the operators that take them.", ops)
	ops = slices.DeleteFunc(ops, func(op ir.FilterOperator) bool {
		return !slices.Contains(searchesLists, op.Match)
	})
	field(f, typ, typ+"ListField", "is a metadata field that holds lists of "+values+
		". Its methods are the operators that search a list for an element.", ops)
}

// field makes one handle, with the operators as methods. It is a struct, and
// no text, so that a handle is never taken for a value.
//
//	type NumberField[T Number] struct {
//		Path string
//	}
//
//	func (f NumberField[T]) Gte(value T) Term {
//		return Gte(f.Path, value)
//	}
func field(f *jen.File, constraint, name, doc string, ops []ir.FilterOperator) {
	f.Add(jenx.Doc(name+" "+doc, jen.Type().Id(name).Types(jen.Id("T").Id(constraint)).Struct(
		jen.Comment("// Path leads to the field; its levels are separated by dots."),
		jen.Id("Path").String(),
	)))
	f.Line()
	for _, op := range ops {
		param, arg := jen.Id("value").Id("T"), jen.Id("value")
		if op.List {
			param, arg = jen.Id("values").Op("...").Id("T"), jen.Id("values").Op("...")
		}
		f.Add(jenx.Doc(jenx.Sentence(op.GoName, op.Doc),
			jen.Func().Params(jen.Id("f").Id(name).Types(jen.Id("T"))).Id(op.GoName).Params(param).Id("Term").Block(
				jen.Return(jen.Id(op.GoName).Call(jen.Id("f").Dot("Path"), arg)))))
		f.Line()
	}
}
