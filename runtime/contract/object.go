package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Object is a free-form JSON object to send. Numbers decoded into it keep
// their spelling, as [json.Number]. A nil Object is absent; an empty one is
// sent as {}.
type Object map[string]any

// MarshalJSON writes the object without HTML escapes, so that the text is no
// longer than it needs to be: the API limits it in bytes.
func (o Object) MarshalJSON() ([]byte, error) {
	if o == nil {
		return []byte("null"), nil
	}
	return EncodeJSON(map[string]any(o))
}

// EncodeJSON is [json.Marshal] without HTML escapes.
func EncodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// UnmarshalJSON reads an object, keeping the spelling of numbers.
func (o *Object) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	*o = m
	return nil
}

// RawObject is a free-form JSON object as it was received, decoded when asked.
// The zero value is absent.
type RawObject []byte

// MarshalJSON returns the object as it is.
func (r RawObject) MarshalJSON() ([]byte, error) {
	if len(r) == 0 {
		return []byte("null"), nil
	}
	return r, nil
}

// UnmarshalJSON keeps a copy of b; null makes it absent.
func (r *RawObject) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*r = nil
		return nil
	}
	*r = bytes.Clone(b)
	return nil
}

// Decode unmarshals the object into v. An absent object leaves v as it is.
func (r RawObject) Decode(v any) error {
	if len(r) == 0 {
		return nil
	}
	return json.Unmarshal(r, v)
}

// Map decodes the object. It is nil when the object is absent or malformed.
func (r RawObject) Map() Object {
	var o Object
	if r.Decode(&o) != nil {
		return nil
	}
	return o
}

// String returns the JSON text.
func (r RawObject) String() string { return string(r) }
