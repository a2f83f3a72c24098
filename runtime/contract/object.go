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

// EncodeJSON is [json.Marshal] without escapes that JSON does not need: <, >, &,
// U+2028 and U+2029 are written as they are.
func EncodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return withSeparators(bytes.TrimRight(b.Bytes(), "\n")), nil
}

// withSeparators writes U+2028 and U+2029 as they are, which the encoder escapes
// always.
func withSeparators(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u202`)) {
		return text
	}
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		switch {
		case bytes.HasPrefix(text, []byte(`\u2028`)):
			out, text = append(out, "\u2028"...), text[6:]
		case bytes.HasPrefix(text, []byte(`\u2029`)):
			out, text = append(out, "\u2029"...), text[6:]
		case text[0] == '\\': // with the character it escapes, which may be another backslash
			out, text = append(out, text[:2]...), text[2:]
		default:
			out, text = append(out, text[0]), text[1:]
		}
	}
	return out
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
