package oapi

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"

	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
)

// declared are the types of a Go file; the fields of those that are structs.
type declared map[string]map[string]bool

func declarations(src []byte) (declared, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	d := declared{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			d[spec.Name.Name] = fieldsOf(spec.Type)
		}
		return true
	})
	return d, nil
}

func fieldsOf(typ ast.Expr) map[string]bool {
	fields := map[string]bool{}
	if s, ok := typ.(*ast.StructType); ok {
		for _, f := range s.Fields.List {
			for _, name := range f.Names {
				fields[name.Name] = true
			}
		}
	}
	return fields
}

// want returns an error unless the type is declared and has the fields. It
// guards the names that the rest of the generator predicts: a new version of
// oapi-codegen may choose others.
func (d declared) want(typ string, fields ...string) error {
	has, ok := d[typ]
	if !ok {
		return fmt.Errorf("oapi-codegen wrote no type %s", typ)
	}
	for _, f := range fields {
		if !has[f] {
			return fmt.Errorf("oapi-codegen wrote no field %s.%s", typ, f)
		}
	}
	return nil
}

// checkModels wants the types that the model of the API names.
func checkModels(src []byte, api *ir.API) error {
	d, err := declarations(src)
	if err != nil {
		return err
	}
	for _, name := range api.Models {
		if err := d.want(goname.Exported(name)); err != nil {
			return err
		}
	}
	for _, s := range api.Scans {
		var fields []string
		for _, m := range s.Members {
			fields = append(fields, m.Field)
		}
		if err := d.want(s.Type, fields...); err != nil {
			return err
		}
	}
	for _, op := range api.Operations {
		if err := checkResult(d, op); err != nil {
			return err
		}
	}
	return nil
}

func checkResult(d declared, op ir.Operation) error {
	var fields []string
	if op.Result.Member != "" {
		fields = append(fields, op.Result.MemberField)
	}
	if op.Page != nil {
		fields = append(fields, op.Page.ItemsField)
		if op.Page.Token {
			fields = append(fields, op.Page.TokenOutField)
		}
	}
	if op.Upload != nil {
		fields = append(fields, op.Upload.Field)
	}
	if len(fields) == 0 {
		return nil
	}
	return d.want(op.Result.Type, fields...)
}

// checkServer wants the request and response types of all operations.
func checkServer(src []byte, api *ir.API) error {
	d, err := declarations(src)
	if err != nil {
		return err
	}
	for _, op := range api.Operations {
		var fields []string
		for _, arg := range api.Binds {
			fields = append(fields, arg.Field)
		}
		for _, arg := range op.Args {
			fields = append(fields, arg.Field)
		}
		if op.Body != nil {
			fields = append(fields, "Body")
		}
		if err := d.want(op.Name+"RequestObject", fields...); err != nil {
			return err
		}
		if err := d.want(op.Result.Reply); err != nil {
			return err
		}
	}
	return nil
}
