package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CleanJSON checks a JSON body against its schema and returns it reduced to
// the members the schema names, spelled exactly so: what is decoded from the
// result is what was checked, although encoding/json takes members in any case.
// Members the schema does not name are ignored.
//
// The error is an [*Error] that holds a message for every violation, up to 100.
func CleanJSON(s *Schema, body []byte, f *Faults) ([]byte, error) {
	if !utf8.Valid(body) {
		return nil, f.BadRequest.With("the body is not UTF-8")
	}
	if err := json.Unmarshal(body, new(json.RawMessage)); err != nil {
		return nil, f.BadRequest.With("the body is not valid JSON: %s", err)
	}
	v := jsonChecker{faults: f}
	clean := v.value(s, "", bytes.TrimSpace(body))
	if v.err != nil {
		return nil, v.err
	}
	return clean, nil
}

// maxViolations bounds an answer: a body of a megabyte may hold half a million.
const maxViolations = 100

// jsonChecker walks a value that is known to be valid JSON.
type jsonChecker struct {
	faults *Faults
	err    *Error
}

func (v *jsonChecker) fail(s *Schema, at, why string) {
	if v.err != nil && len(v.err.Messages) >= maxViolations {
		return
	}
	name := at
	if name == "" {
		name = "body"
	}
	e := violated(s, at, name, why, v.faults)
	if v.err == nil {
		v.err = e
		return
	}
	v.err.Messages = append(v.err.Messages, e.Messages...)
}

// value checks one value and returns its cleaned text.
func (v *jsonChecker) value(s *Schema, at string, text []byte) []byte {
	kind := kindOf(text)
	switch {
	case string(text) == "null":
		if !s.Nullable {
			v.fail(s, at, "must not be null")
		}
	case s.Type == TypeAny:
	case s.Type == TypeObject && kind == TypeObject:
		return v.object(s, at, text)
	case s.Type == TypeArray && kind == TypeArray:
		return v.array(s, at, text)
	case s.Type == TypeString && kind == TypeString:
		var str string
		_ = json.Unmarshal(text, &str)
		v.check(s, at, s.stringViolation(str))
	case (s.Type == TypeInteger || s.Type == TypeNumber) && kind == TypeNumber:
		return v.number(s, at, text)
	case s.Type == kind:
	default:
		v.fail(s, at, "must be "+s.Type.describe())
	}
	return text
}

func (v *jsonChecker) check(s *Schema, at, why string) {
	if why != "" {
		v.fail(s, at, why)
	}
}

// number accepts 10.0 and 1e1 for an integer, as JSON Schema does, and
// rewrites them so that they decode as one.
func (v *jsonChecker) number(s *Schema, at string, text []byte) []byte {
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		v.fail(s, at, "is out of range")
		return text
	}
	if s.Type == TypeInteger {
		i, ok := ExactInteger(string(text))
		if !ok {
			v.fail(s, at, "must be an integer of 64 bits")
			return text
		}
		text = strconv.AppendInt(nil, i, 10)
	}
	v.check(s, at, s.rangeViolation(n))
	return text
}

// maxPower is a power of ten that no number of digits in a body makes up for.
const maxPower = 1 << 30

// ExactInteger returns the integer that a JSON number denotes, false when it
// denotes none or no int64 holds it. It works on the digits: floating point would
// round 9007199254740993.0, and an exponent costs nothing.
func ExactInteger(text string) (int64, bool) {
	mantissa, power := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		power, _ = strconv.Atoi(text[i+1:]) // the nearest int where it is out of range
		power = min(max(power, -maxPower), maxPower)
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimRight(whole+fraction, "0")
	if digits == "" || digits == "-" {
		return 0, true
	}
	zeros := len(whole) - len(digits) // to append
	if zeros += power; zeros < 0 || zeros > 19 {
		return 0, false
	}
	i, err := strconv.ParseInt(digits+strings.Repeat("0", zeros), 10, 64)
	return i, err == nil
}

func (v *jsonChecker) object(s *Schema, at string, text []byte) []byte {
	if len(s.Properties) == 0 {
		v.check(s, at, s.objectViolation(text))
		return text
	}
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members)
	out := []byte{'{'}
	var given []string
	for _, p := range s.Properties {
		value, ok := members[p.Name]
		if !ok {
			if p.Required {
				v.fail(p.Schema, at+"/"+p.Name, "is required")
			}
			continue
		}
		given = append(given, p.Name)
		out = appendMember(out, p.Name, v.value(p.Schema, at+"/"+p.Name, value))
	}
	v.check(s, at, OneOfViolation(s.OneOf, given))
	return append(out, '}')
}

func appendMember(out []byte, name string, value []byte) []byte {
	if len(out) > 1 {
		out = append(out, ',')
	}
	key, _ := json.Marshal(name)
	return append(append(append(out, key...), ':'), value...)
}

func (v *jsonChecker) array(s *Schema, at string, text []byte) []byte {
	var items []json.RawMessage
	_ = json.Unmarshal(text, &items)
	switch {
	case len(items) < s.MinItems:
		v.fail(s, at, fmt.Sprintf("must have at least %d items", s.MinItems))
	case s.MaxItems > 0 && len(items) > s.MaxItems:
		v.fail(s, at, fmt.Sprintf("must have at most %d items", s.MaxItems))
	}
	if s.Items == nil {
		return text
	}
	out := []byte{'['}
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, v.value(s.Items, at+"/"+strconv.Itoa(i), item)...)
	}
	return append(out, ']')
}

// kindOf returns the type of a JSON text by its first character.
func kindOf(text []byte) Type {
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 {
		return TypeAny
	}
	switch text[0] {
	case '{':
		return TypeObject
	case '[':
		return TypeArray
	case '"':
		return TypeString
	case 't', 'f':
		return TypeBoolean
	case 'n':
		return TypeAny
	default:
		return TypeNumber
	}
}

func (t Type) describe() string {
	switch t {
	case TypeString:
		return "a string"
	case TypeInteger:
		return "an integer"
	case TypeNumber:
		return "a number"
	case TypeBoolean:
		return "true or false"
	case TypeArray:
		return "an array"
	default:
		return "an object"
	}
}
