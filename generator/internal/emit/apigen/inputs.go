package apigen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

func inputs(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("api", "")
	for _, in := range api.Inputs {
		input(f, in)
	}
	return f
}

// input makes the struct of a form or of query parameters.
//
//	type ListThingsParams struct { … }
//	func (in ListThingsParams) AppendFields(f *contract.Fields) { … }
//	func (in Upload) Parts() []contract.FilePart { … }
func input(f *jen.File, in ir.Input) {
	f.Add(jenx.Doc(jenx.Sentence(in.GoName, in.Doc), jen.Type().Id(in.GoName).StructFunc(func(g *jen.Group) {
		for _, field := range in.Fields {
			g.Add(jenx.Doc(jenx.Sentence(field.GoName, field.Doc), jen.Id(field.GoName).Add(fieldType(field))))
		}
		if in.Filter {
			g.Add(jenx.Doc("Filter selects by metadata. The zero value selects everything.", jen.Id("Filter").Id("Filter")))
		}
	})))
	f.Line()
	f.Comment("AppendFields writes what is set in wire form. Files and filters travel apart.")
	f.Func().Params(jen.Id("in").Id(in.GoName)).Id("AppendFields").Params(jen.Id("f").Op("*").Add(jenx.Contract("Fields"))).
		BlockFunc(func(g *jen.Group) {
			for _, field := range in.Fields {
				appendField(g, field)
			}
		})
	f.Line()
	if in.Form && jenx.HasFiles(&in) {
		parts(f, in)
	}
}

func parts(f *jen.File, in ir.Input) {
	var items []jen.Code
	for _, field := range in.Fields {
		if field.Kind == ir.FieldFile {
			items = append(items, jen.Values(
				jenx.Key("Name", jen.Lit(field.Wire)), jenx.Key("File", jen.Id("in").Dot(field.GoName))))
		}
	}
	part := jen.Index().Add(jenx.Contract("FilePart"))
	f.Comment("Parts returns the form's file parts, given or not.")
	f.Func().Params(jen.Id("in").Id(in.GoName)).Id("Parts").Params().Add(part).Block(
		jen.Return(part.Clone().Values(items...)))
	f.Line()
}

// fieldType is the Go type of a field.
func fieldType(field ir.Field) *jen.Statement {
	switch field.Kind {
	case ir.FieldText:
		return jen.String()
	case ir.FieldTextPtr:
		return jen.Op("*").String()
	case ir.FieldInt:
		return jen.Int64()
	case ir.FieldIntPtr:
		return jen.Op("*").Int64()
	case ir.FieldFloatPtr:
		return jen.Op("*").Float64()
	case ir.FieldBool:
		return jen.Bool()
	case ir.FieldBoolPtr:
		return jen.Op("*").Bool()
	case ir.FieldTime:
		return jen.Qual("time", "Time")
	case ir.FieldFile:
		return jen.Op("*").Id("File")
	default: // an enum or an object
		return jen.Id(field.Type)
	}
}

func appendField(g *jen.Group, field ir.Field) {
	if field.Kind == ir.FieldFile {
		return // files travel apart
	}
	value := jen.Id("in").Dot(field.GoName)
	if field.Kind == ir.FieldEnum {
		value = jen.String().Call(value)
	}
	g.Id("f").Dot(jenx.Accessor(field.Kind)).Call(jen.Lit(field.Wire), value)
}
