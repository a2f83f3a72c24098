package metafilter

import (
	"math"
	"reflect"
	"strconv"
)

// Scalar is every Go type that has a counterpart among the metadata types, named types included.
type Scalar interface {
	~string | ~bool |
		~int | ~int8 | ~int16 | ~int32 | ~int64 |
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64
}

// Value is one operand of a term. The zero Value is the empty untyped text.
type Value struct {
	text string
	typ  Type
	inf  bool // NaN or an infinity, which no term takes
	num  number
}

// Of makes an operand whose type follows from the kind of T. A float is written with the fewest digits that give it
// back, without an exponent where encoding/json writes none; negative zero becomes 0. NaN and the infinities are no
// operands: the term that takes one has an error.
func Of[T Scalar](v T) Value {
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.String:
		return Value{typ: String, text: rv.String()}
	case reflect.Bool:
		return Value{typ: Boolean, text: strconv.FormatBool(rv.Bool())}
	case reflect.Float32, reflect.Float64:
		return ofFloat(rv.Float(), rv.Type().Bits())
	default:
		return ofInteger(rv)
	}
}

// Text makes an untyped operand: it is compared with the text of a scalar, whatever the scalar's type.
func Text(v string) Value { return Value{text: v} }

// String gives the operand as it is sent, before escaping.
func (v Value) String() string { return v.text }

// Type gives the declared type, Untyped for [Text].
func (v Value) Type() Type { return v.typ }

func ofInteger(rv reflect.Value) Value {
	if rv.CanInt() {
		return Value{typ: Number, text: strconv.FormatInt(rv.Int(), 10)}
	}
	return Value{typ: Number, text: strconv.FormatUint(rv.Uint(), 10)}
}

func ofFloat(f float64, bits int) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		text := strconv.FormatFloat(f, 'g', -1, bits)
		return Value{typ: Number, text: text, inf: true}
	}
	var buf [32]byte
	return Value{typ: Number, text: string(appendFloat(buf[:0], f, bits))}
}

// appendFloat writes a finite float as encoding/json does, but for negative zero.
func appendFloat(b []byte, f float64, bits int) []byte {
	form := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		form = 'e'
	}
	if f == 0 {
		f = 0 // drops the sign: -0 compares equal, and no server needs to know it
	}
	return strconv.AppendFloat(b, f, form, -1, bits)
}

// OfAll is [Of] for each element of a list.
func OfAll[T Scalar](list []T) []Value {
	out := make([]Value, len(list))
	for i, v := range list {
		out[i] = Of(v)
	}
	return out
}

// TextAll is [Text] for each element of a list.
func TextAll(list []string) []Value {
	out := make([]Value, len(list))
	for i, v := range list {
		out[i] = Text(v)
	}
	return out
}
