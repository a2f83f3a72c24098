package apigen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// scans makes the methods by which models are read without reflection.
func scans(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("api", "")
	for _, s := range api.Scans {
		scan(f, s)
	}
	return f
}

// scan makes the method of one model.
//
//	func (v *Thing) ScanJSON(s *contract.Scanner) {
//		o := s.Object([]string{"name", "parts"})
//		for o.Next() {
//			switch o.Name {
//			case "name":
//				contract.ScanString(&v.Name, s)
//			case "parts":
//				contract.ScanSlice(&v.Parts, s, (*Part).ScanJSON)
//			}
//		}
//	}
func scan(f *jen.File, m ir.Scan) {
	var names []jen.Code
	for _, member := range m.Members {
		names = append(names, jen.Lit(member.Wire))
	}
	f.Add(jenx.Doc("ScanJSON reads what encoding/json reads, without reflection. The client calls it.",
		jen.Func().Params(jen.Id("v").Op("*").Id(m.Type)).Id("ScanJSON").Params(
			jen.Id("s").Op("*").Add(jenx.Contract("Scanner"))).Block(
			jen.Id("o").Op(":=").Id("s").Dot("Object").Call(jen.Index().String().Values(names...)),
			jen.For(jen.Id("o").Dot("Next").Call()).Block(
				jen.Switch(jen.Id("o").Dot("Name")).BlockFunc(func(g *jen.Group) {
					for _, member := range m.Members {
						g.Case(jen.Lit(member.Wire)).Block(scanMember(member))
					}
				}),
			),
		)))
	f.Line()
}

func scanMember(m ir.ScanMember) jen.Code {
	field, s := jen.Id("v").Dot(m.Field), jen.Id("s")
	if m.Holder == ir.ScanPlain && m.Model != "" {
		return field.Dot("ScanJSON").Call(s)
	}
	read := jenx.Contract("Scan" + m.Read)
	if m.Model != "" {
		read = jen.Parens(jen.Op("*").Id(m.Model)).Dot("ScanJSON")
	}
	if m.Holder == ir.ScanPlain {
		return read.Call(jen.Op("&").Add(field), s)
	}
	return jenx.Contract("Scan"+string(m.Holder)).Call(jen.Op("&").Add(field), s, read)
}
