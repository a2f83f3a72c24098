package serve

import (
	"reflect"
	"strings"
)

// fill makes nil slices and maps empty wherever a JSON member is always
// written, so that a list without items is [] and never null. v is a pointer.
func fill(v any) { fillValue(reflect.ValueOf(v).Elem()) }

func fillValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fillValue(v.Elem())
		}
	case reflect.Slice:
		fillSlice(v)
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	case reflect.Struct:
		fillStruct(v)
	}
}

func fillSlice(v reflect.Value) {
	if v.IsNil() {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	if v.Type().Elem().Kind() != reflect.Struct {
		return
	}
	for i := range v.Len() {
		fillStruct(v.Index(i))
	}
}

// fillStruct passes over members that are left out when they are empty.
func fillStruct(v reflect.Value) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.IsExported() && !strings.Contains(f.Tag.Get("json"), ",omit") {
			fillValue(v.Field(i))
		}
	}
}
