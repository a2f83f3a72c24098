package metadata

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
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

// maxExponent is beyond what a text of metadata's length could make whole.
const maxExponent = 1 << 20

// integer spells a whole number without fraction and exponent. Numbers that no
// int64 holds stay as they are. It works on the digits, so that an exponent
// costs nothing.
func integer(n json.Number) json.Number {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(n.String()), "e")
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimRight(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	shift := 0
	if exponent != "" {
		var err error
		if shift, err = strconv.Atoi(exponent); err != nil || shift < -maxExponent || shift > maxExponent {
			return n
		}
	}
	// The number is 0.digits times ten to the power of point.
	point := len(whole) + shift
	zeros := len(digits) - len(strings.TrimLeft(digits, "0"))
	if point < len(digits) || point-zeros > 19 {
		return n
	}
	text := digits[zeros:] + strings.Repeat("0", point-len(digits))
	if negative {
		text = "-" + text
	}
	if _, err := strconv.ParseInt(text, 10, 64); err != nil {
		return n
	}
	return json.Number(text)
}
