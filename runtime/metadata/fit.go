package metadata

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
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
			for i := range v {
				v[i] = fit(v[i], t.Elem())
			}
		}
	case json.Number:
		if t.Kind() == reflect.Int64 {
			return integer(v)
		}
	}
	return v
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
	if !strings.ContainsAny(n.String(), ".eE") || len(n) > 400 {
		return n
	}
	// The nearest float64 bounds the exponent, and with it the work below.
	if f, err := n.Float64(); err != nil || f >= 1<<63 || f < -1<<63 {
		return n
	}
	r, ok := new(big.Rat).SetString(n.String())
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return n
	}
	return json.Number(r.Num().String())
}
