// Package metadata turns Go structs into the metadata of an item and back. It
// is what the packages call that `generator metadata` writes.
//
// It is stricter about names than encoding/json, and more lenient about
// numbers, so that a struct and a filter see the same: names are compared with
// their case, and 5.0 and 5e0 are the integer 5.
package metadata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/cfimages/cfimages/runtime/contract"
)

// SizeError says that metadata is longer than the service takes.
type SizeError struct {
	// Size is the length of the JSON text in bytes, Limit the longest allowed.
	Size, Limit int
}

// Error gives both numbers.
func (e *SizeError) Error() string {
	return fmt.Sprintf("metadata of %d bytes as JSON, maximum %d allowed", e.Size, e.Limit)
}

// Decode reads metadata into a struct. Where there is none, or null, the struct
// is zero. Members that T does not name are ignored.
func Decode[T any](m contract.RawObject) (T, error) {
	var v, zero T
	if len(m) == 0 {
		return v, nil
	}
	tree, err := read(m)
	if err != nil {
		return zero, fmt.Errorf("metadata: %w", err)
	}
	text, err := json.Marshal(fit(tree, reflect.TypeFor[T]()))
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		return zero, fmt.Errorf("metadata: %w", err)
	}
	return v, nil
}

// Encode makes metadata of a struct. The error is a [*SizeError] when its JSON
// text, as it is sent, has more than limit bytes.
func Encode(v any, limit int) (contract.Object, error) {
	if v == nil {
		return nil, errors.New("metadata: nil is no object")
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	tree, err := read(text)
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	object, ok := fit(tree, reflect.TypeOf(v)).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("metadata: %T is no object", v)
	}
	m := contract.Object(object)
	sent, err := m.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	if len(sent) > limit {
		return nil, &SizeError{Size: len(sent), Limit: limit}
	}
	return m, nil
}

// read decodes JSON, keeping the spelling of numbers.
func read(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return tree, nil
}
