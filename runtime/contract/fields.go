package contract

import (
	"strconv"
	"time"
)

// Field is a query parameter or a text part of a form, as it is written on
// the wire.
type Field struct {
	Name, Value string
}

// Fields is an input in wire form, in the order of the specification. Its
// methods leave out what is not set, so that no zero value is ever sent.
type Fields struct {
	List []Field
	// Err is the first value that could not be written.
	Err error
}

// Input is implemented by every generated input type that travels as query
// parameters or form parts.
type Input interface {
	AppendFields(*Fields)
}

func (f *Fields) add(name, value string) {
	f.List = append(f.List, Field{name, value})
}

// Text adds a text that cannot be empty; empty means not set.
func (f *Fields) Text(name, v string) {
	if v != "" {
		f.add(name, v)
	}
}

// TextPtr adds a text that may be empty; nil means not set.
func (f *Fields) TextPtr(name string, v *string) {
	if v != nil {
		f.add(name, *v)
	}
}

// Int adds a number that cannot be 0; 0 means not set.
func (f *Fields) Int(name string, v int64) {
	if v != 0 {
		f.add(name, strconv.FormatInt(v, 10))
	}
}

// IntPtr adds a number; nil means not set.
func (f *Fields) IntPtr(name string, v *int64) {
	if v != nil {
		f.add(name, strconv.FormatInt(*v, 10))
	}
}

// FloatPtr adds a number; nil means not set.
func (f *Fields) FloatPtr(name string, v *float64) {
	if v != nil {
		f.add(name, strconv.FormatFloat(*v, 'g', -1, 64))
	}
}

// Bool adds a flag whose default is false; false means not set.
func (f *Fields) Bool(name string, v bool) {
	if v {
		f.add(name, "true")
	}
}

// BoolPtr adds a flag; nil means not set.
func (f *Fields) BoolPtr(name string, v *bool) {
	if v != nil {
		f.add(name, strconv.FormatBool(*v))
	}
}

// Time adds a moment in RFC 3339; the zero time means not set.
func (f *Fields) Time(name string, v time.Time) {
	if !v.IsZero() {
		f.add(name, v.UTC().Format(time.RFC3339Nano))
	}
}

// Object adds a JSON object; nil means not set.
func (f *Fields) Object(name string, v Object) {
	if v == nil {
		return
	}
	b, err := v.MarshalJSON() // json.Marshal would add HTML escapes, and length
	if err != nil && f.Err == nil {
		f.Err = err
	}
	f.add(name, string(b))
}

// NonZero returns a pointer to v, nil when v is the zero value.
func NonZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Value returns what p points to, or the zero value, which means "not set".
func Value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
