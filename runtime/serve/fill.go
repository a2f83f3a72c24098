package serve

import (
	"reflect"
	"strings"
	"sync"

	"github.com/cfimages/cfimages/runtime/contract"
)

// fill returns v with empty slices, maps and objects in place of nil ones
// wherever a JSON member is always written, so that a list without items is []
// and never null. What v refers to may be shared, so that what changes is copied
// and v stays as it is. It is false when v needs no change.
func fill(v reflect.Value) (reflect.Value, bool) {
	switch v.Kind() {
	case reflect.Pointer:
		return fillPointer(v)
	case reflect.Slice:
		return fillSlice(v)
	case reflect.Map:
		return fillMap(v)
	case reflect.Struct:
		return fillStruct(v)
	default:
		return v, false
	}
}

func fillPointer(v reflect.Value) (reflect.Value, bool) {
	if v.IsNil() {
		return v, false
	}
	elem, changed := fill(v.Elem())
	if !changed {
		return v, false
	}
	own := reflect.New(v.Type().Elem())
	own.Elem().Set(elem)
	return own, true
}

func fillSlice(v reflect.Value) (reflect.Value, bool) {
	if v.IsNil() {
		if v.Type() == reflect.TypeFor[contract.RawObject]() {
			return reflect.ValueOf(contract.RawObject("{}")), true
		}
		return reflect.MakeSlice(v.Type(), 0, 0), true
	}
	if !fillable(v.Type().Elem()) {
		return v, false
	}
	own, copied := v, false
	for i := range v.Len() {
		elem, changed := fill(v.Index(i))
		if !changed {
			continue
		}
		if !copied {
			own, copied = reflect.MakeSlice(v.Type(), v.Len(), v.Len()), true
			reflect.Copy(own, v)
		}
		own.Index(i).Set(elem)
	}
	return own, copied
}

// fillable reports whether values of the type are looked into: not the bytes of
// an object, nor its free-form values.
func fillable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Struct:
		return true
	default:
		return false
	}
}

func fillMap(v reflect.Value) (reflect.Value, bool) {
	if v.IsNil() {
		return reflect.MakeMap(v.Type()), true
	}
	if !fillable(v.Type().Elem()) {
		return v, false
	}
	own, copied := v, false
	for _, key := range v.MapKeys() {
		elem, changed := fill(v.MapIndex(key))
		if !changed {
			continue
		}
		if !copied {
			own, copied = cloneMap(v), true
		}
		own.SetMapIndex(key, elem)
	}
	return own, copied
}

func cloneMap(v reflect.Value) reflect.Value {
	own := reflect.MakeMapWithSize(v.Type(), v.Len())
	for _, key := range v.MapKeys() {
		own.SetMapIndex(key, v.MapIndex(key))
	}
	return own
}

func fillStruct(v reflect.Value) (reflect.Value, bool) {
	own, copied := v, false
	for _, i := range written(v.Type()) {
		field, changed := fill(v.Field(i))
		if !changed {
			continue
		}
		if !copied {
			own, copied = reflect.New(v.Type()).Elem(), true
			own.Set(v)
		}
		own.Field(i).Set(field)
	}
	return own, copied
}

var writtenOf sync.Map // reflect.Type -> []int

// written returns the fields of a struct that may have to be filled: not those
// that are left out when they are empty.
func written(t reflect.Type) []int {
	if list, ok := writtenOf.Load(t); ok {
		return list.([]int)
	}
	var list []int
	for i := range t.NumField() {
		f := t.Field(i)
		if f.IsExported() && fillable(f.Type) && !strings.Contains(f.Tag.Get("json"), ",omit") {
			list = append(list, i)
		}
	}
	writtenOf.Store(t, list)
	return list
}
