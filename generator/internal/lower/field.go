package lower

import (
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// field lowers a query parameter or a form part. A token of a list is never
// empty, though its schema need not say so.
func (l *lowering) field(name string, s load.Schema, at load.Node, token bool) ir.Field {
	f := ir.Field{Wire: name, GoName: goname.Exported(name), Schema: l.validation(s)}
	switch {
	case s.Broken():
	case s.Is("string"):
		l.stringField(&f, s, token)
	case s.Is("integer"):
		f.Kind = ir.FieldIntPtr
		if excludesZero(s) {
			f.Kind = ir.FieldInt
		}
	case s.Is("number"):
		f.Kind = ir.FieldFloatPtr
	case s.Is("boolean"):
		f.Kind = ir.FieldBoolPtr
		if s.Default == false {
			f.Kind = ir.FieldBool
		}
	case s.Free() && s.Ref != "":
		f.Kind, f.Type = ir.FieldObject, goname.Exported(s.Ref)
	default:
		l.addf(at.Pos(), "%q: in a query or a form only strings, numbers, booleans, files and free-form objects "+
			"with a component of their own are supported", name)
	}
	return f
}

func (l *lowering) stringField(f *ir.Field, s load.Schema, token bool) {
	switch {
	case len(s.Enum) > 0:
		f.Kind, f.Type = ir.FieldEnum, goname.Exported(s.Ref)
		for _, v := range s.Enum {
			if v == "" {
				l.addf(s.Node.Get("enum").Pos(), "an enum must not hold the empty text: it means \"not set\"")
			}
		}
	case s.Format == "binary":
		f.Kind = ir.FieldFile
	case s.Format == "date-time":
		f.Kind = ir.FieldTime
	case s.MinLength > 0 || token:
		f.Kind = ir.FieldText
	default:
		f.Kind = ir.FieldTextPtr
	}
}

func excludesZero(s load.Schema) bool {
	return s.Min != nil && *s.Min > 0 || s.Max != nil && *s.Max < 0
}
