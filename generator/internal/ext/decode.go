package ext

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/internal/spell"
)

// decode stores the value of a node in the variable that v points to and
// reports every part of it that does not fit.
func decode(n load.Node, v any, problems *load.Problems) {
	d := decoder{problems: problems}
	d.value(n, reflect.ValueOf(v).Elem(), nil)
}

type decoder struct{ problems *load.Problems }

func (d decoder) value(n load.Node, v reflect.Value, one []string) {
	switch v.Interface().(type) {
	case time.Duration:
		d.duration(n, v)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.object(n, v)
	case reflect.Slice:
		d.list(n, v, one)
	case reflect.String:
		if d.is(n, "!!str", "text") {
			v.SetString(n.Text())
			d.oneOf(n, one)
		}
	case reflect.Bool:
		if d.is(n, "!!bool", "true or false") {
			v.SetBool(n.Text() == "true")
		}
	default:
		if d.is(n, "!!int", "a whole number") {
			d.integer(n, v)
		}
	}
}

// is reports whether the value has the tag, and a problem when it has not.
func (d decoder) is(n load.Node, tag, what string) bool {
	if n.Tag() == tag {
		return true
	}
	if n.Name() == "" {
		d.problems.Addf(n.ValuePos(), "must be %s", what)
	} else {
		d.problems.Addf(n.ValuePos(), "%s must be %s", n.Name(), what)
	}
	return false
}

func (d decoder) integer(n load.Node, v reflect.Value) {
	var i int64
	if err := n.Decode(&i); err != nil {
		d.problems.Addf(n.ValuePos(), "%s is too large", n.Name())
	} else if i < 1 {
		d.problems.Addf(n.ValuePos(), "%s must be at least 1", n.Name())
	}
	v.SetInt(i)
}

func (d decoder) duration(n load.Node, v reflect.Value) {
	if !d.is(n, "!!str", `a duration such as "30m"`) {
		return
	}
	dur, err := time.ParseDuration(n.Text())
	if err != nil || dur <= 0 {
		d.problems.Addf(n.ValuePos(), "%s: %q is not a duration such as \"30m\"", n.Name(), n.Text())
	}
	v.SetInt(int64(dur))
}

func (d decoder) oneOf(n load.Node, one []string) {
	if len(one) == 0 || slices.Contains(one, n.Text()) {
		return
	}
	d.problems.Addf(n.ValuePos(), "%q is not one of %s%s", n.Text(), strings.Join(one, ", "), spell.Meant(n.Text(), one))
}

func (d decoder) list(n load.Node, v reflect.Value, one []string) {
	if !n.IsList() {
		d.problems.Addf(n.ValuePos(), "%s must be a list", n.Name())
		return
	}
	items := n.Items()
	if len(items) == 0 {
		d.problems.Addf(n.ValuePos(), "%s must not be empty", n.Name())
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		d.value(item, v.Index(i), one)
	}
}

func (d decoder) object(n load.Node, v reflect.Value) {
	if !n.IsMap() {
		d.is(n, "!!map", "a mapping")
		return
	}
	fields := fieldsOf(v.Type())
	for _, m := range n.Members() {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == m.Name() })
		if i < 0 {
			d.problems.Addf(m.Pos(), "unknown field %q%s", m.Name(), spell.Meant(m.Name(), names(fields)))
			continue
		}
		d.value(m, v.Field(fields[i].index), fields[i].one)
	}
	for _, f := range fields {
		if f.required && !n.Get(f.name).Ok() {
			d.problems.Addf(n.Pos(), "field %q is missing", f.name)
		}
	}
	if f := v.FieldByName("Node"); f.IsValid() {
		f.Set(reflect.ValueOf(n))
	}
}

// field is a field of an extension's struct as its tags describe it.
type field struct {
	index    int
	name     string
	required bool
	one      []string
}

func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("ext"), ",")
		if name != "-" {
			one := strings.Fields(t.Field(i).Tag.Get("one"))
			fields = append(fields, field{i, name, options == "required", one})
		}
	}
	return fields
}

func names(fields []field) []string {
	ns := make([]string, len(fields))
	for i, f := range fields {
		ns[i] = f.name
	}
	return ns
}

// oneOf returns the values that a field's tag allows.
func oneOf(v any, name string) []string {
	f, _ := reflect.TypeOf(v).FieldByName(name)
	return strings.Fields(f.Tag.Get("one"))
}
