package metadata

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// fit makes decoded JSON fit a Go type where encoding/json would be too strict
// or too lenient: an object keeps the members that the struct names exactly, an
// integer loses its fraction of zero, and a missing list is an empty one.
// Whatever does not fit is left as it is, for encoding/json to refuse.
func fit(v any, t reflect.Type) any {
	if t.Kind() == reflect.Pointer {
		if v == nil {
			return nil
		}
		return fit(v, t.Elem())
	}
	switch v := v.(type) {
	case nil:
		if t.Kind() == reflect.Slice {
			return []any{}
		}
	case map[string]any:
		if t.Kind() == reflect.Struct {
			return members(v, t)
		}
	case []any:
		if t.Kind() == reflect.Slice {
			return elements(v, t.Elem())
		}
	case json.Number:
		if t.Kind() == reflect.Int64 {
			return integer(v)
		}
	}
	return v
}

// elements are those of a list that a struct can hold; null is none, to a filter
// as well.
func elements(list []any, t reflect.Type) []any {
	if t.Kind() != reflect.Pointer {
		list = slices.DeleteFunc(list, func(v any) bool { return v == nil })
	}
	for i := range list {
		list[i] = fit(list[i], t)
	}
	return list
}

func members(object map[string]any, t reflect.Type) map[string]any {
	out := map[string]any{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if v, ok := object[name]; ok {
			out[name] = fit(v, f.Type)
		}
	}
	return out
}

// integer spells a whole number without fraction and exponent. Numbers that no
// int64 holds stay as they are.
func integer(n json.Number) json.Number {
	i, ok := contract.ExactInteger(n.String())
	if !ok {
		return n
	}
	return json.Number(strconv.FormatInt(i, 10))
}
