package apigen

import (
	"strings"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// schemas makes what inputs must satisfy.
func schemas(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("api", "")
	for _, s := range api.Schemas {
		f.Var().Id(s.Var).Op("=").Add(schema(s.Schema))
		f.Line()
		maxBytes(f, s)
	}
	for _, op := range api.Operations {
		if u := op.Upload; u != nil {
			f.Add(jenx.Doc(u.Name+"Body is what a one-time upload URL takes.",
				jen.Var().Id(u.Name+"Body").Op("=").Add(body(&ir.Body{Form: true, Required: true, Schema: ir.Schema{
					Type:       "Object",
					Properties: []ir.Property{{Wire: u.Part, Required: true, Schema: u.Schema}},
				}}))))
			f.Line()
		}
	}
	return f
}

// maxBytes makes the limit of a free-form object known to programs that build
// one.
//
//	const MetaMaxBytes = 1024
func maxBytes(f *jen.File, s ir.NamedSchema) {
	if !s.LimitedObject() {
		return
	}
	f.Add(jenx.Doc(s.MaxBytes()+" is how long the JSON text of a "+s.GoName+" may be, in bytes.",
		jen.Const().Id(s.MaxBytes()).Op("=").Lit(int(s.Schema.MaxBytes))))
	f.Line()
}

// schema refers to a schema or is its literal.
//
//	&contract.Schema{Type: contract.TypeString, MaxLength: 1024}
func schema(s ir.Schema) *jen.Statement {
	if s.Ref != "" {
		return jen.Id(s.Ref)
	}
	items := append(limits(s), composition(s)...)
	literal := jen.Op("&").Add(jenx.Contract("Schema"))
	if len(s.Properties) > 0 {
		return literal.Add(jenx.List(items...))
	}
	return literal.Values(items...)
}

// limits are what a schema demands of a scalar.
func limits(s ir.Schema) []jen.Code {
	items := []jen.Code{jenx.Key("Type", jenx.Contract("Type"+s.Type))}
	add := func(set bool, name string, value *jen.Statement) {
		if set {
			items = append(items, jenx.Key(name, value))
		}
	}
	add(s.Nullable, "Nullable", jen.True())
	add(s.Format != "", "Format", jen.Lit(s.Format))
	add(len(s.Enum) > 0, "Enum", texts(s.Enum))
	add(s.MinLength > 0, "MinLength", jen.Lit(s.MinLength))
	add(s.MaxLength > 0, "MaxLength", jen.Lit(s.MaxLength))
	add(s.Pattern != "", "Pattern", jen.Id(s.Pattern))
	add(s.Minimum != nil, "Minimum", limit(s.Minimum))
	add(s.Maximum != nil, "Maximum", limit(s.Maximum))
	add(s.MaxBytes > 0, "MaxBytes", jen.Lit(int(s.MaxBytes)))
	if s.Window != nil {
		add(true, "Window", window(*s.Window))
	}
	add(s.Violation != "", "Violation", jen.Id(s.Violation))
	return items
}

// composition are what a schema demands of an object or an array.
func composition(s ir.Schema) []jen.Code {
	var items []jen.Code
	add := func(set bool, name string, value *jen.Statement) {
		if set {
			items = append(items, jenx.Key(name, value))
		}
	}
	add(s.MinItems > 0, "MinItems", jen.Lit(s.MinItems))
	add(s.MaxItems > 0, "MaxItems", jen.Lit(s.MaxItems))
	if s.Items != nil {
		add(true, "Items", schema(*s.Items))
	}
	add(len(s.OneOf) > 0, "OneOf", texts(s.OneOf))
	add(len(s.Refusals) > 0, "Refusals", refusals(s.Refusals))
	var properties []jen.Code
	for _, p := range s.Properties {
		properties = append(properties, param(p.Wire, p.Required, p.Schema))
	}
	add(len(properties) > 0, "Properties", jen.Index().Add(jenx.Contract("Property")).Add(jenx.List(properties...)))
	return items
}

// refusals are the combinations of values that are refused for sure.
//
//	[]contract.Refusal{
//		{When: []contract.Match{{"id", pattern9f2a14c7}}, Error: ErrBadRequest, Why: "…"},
//	}
func refusals(list []ir.Refusal) *jen.Statement {
	var items []jen.Code
	for _, r := range list {
		var when []jen.Code
		for _, m := range r.When {
			when = append(when, jen.Values(jenx.Key("Name", jen.Lit(m.Wire)), jenx.Key("Pattern", jen.Id(m.Pattern))))
		}
		parts := []jen.Code{
			jenx.Key("When", jen.Index().Add(jenx.Contract("Match")).Values(when...)), jenx.Key("Error", jen.Id(r.Error)),
		}
		if r.Why != "" {
			parts = append(parts, jenx.Key("Why", jen.Lit(r.Why)))
		}
		items = append(items, jen.Values(parts...))
	}
	return jen.Index().Add(jenx.Contract("Refusal")).Add(jenx.List(items...))
}

func texts(list []string) *jen.Statement {
	var items []jen.Code
	for _, text := range list {
		items = append(items, jen.Lit(text))
	}
	return jen.Index().String().Values(items...)
}

// rawText is a raw string where that is possible, for regular expressions and
// JSON.
func rawText(p string) *jen.Statement {
	if strings.ContainsAny(p, "`\r") {
		return jen.Lit(p)
	}
	return jen.Op("`" + p + "`")
}

func limit(f *float64) *jen.Statement {
	if f == nil {
		return nil
	}
	return jenx.Contract("Limit").Call(jen.Lit(*f))
}

func window(win ir.Window) *jen.Statement {
	return jen.Op("&").Add(jenx.Contract("Window")).Values(
		jenx.Key("Min", duration(win.Min)),
		jenx.Key("Max", duration(win.Max)),
		jenx.Key("Default", duration(win.Default)),
	)
}

func duration(d time.Duration) *jen.Statement {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"Hour", time.Hour}, {"Minute", time.Minute}, {"Second", time.Second}} {
		if d != 0 && d%unit.size == 0 {
			return jen.Lit(int(d/unit.size)).Op("*").Qual("time", unit.name)
		}
	}
	return jen.Lit(int(d)).Op("*").Qual("time", "Nanosecond")
}
