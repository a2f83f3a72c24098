package seed

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// maxDepth is how deeply values may be nested.
const maxDepth = 100

// walker holds JSON against a Go type, more strictly than encoding/json and with
// the place of a mistake: members are spelled exactly, known and there once, and
// values are of their type. A type of maps and interfaces allows anything.
type walker struct {
	dec   *json.Decoder
	depth int
}

func (w *walker) value(place string, t reflect.Type) error {
	optional := t.Kind() == reflect.Pointer && place != ""
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if w.depth++; w.depth > maxDepth {
		return wrong(place, "is nested too deeply")
	}
	defer func() { w.depth-- }()
	token, err := w.dec.Token()
	if errors.Is(err, io.EOF) {
		return wrong(place, "the text ends early")
	}
	if err != nil {
		return wrong(place, fmt.Sprintf("no JSON at byte %d", w.dec.InputOffset()))
	}
	want, ok := fits(token, t)
	switch {
	case optional && token == nil:
		return nil
	case !ok:
		return wrong(place, "must be "+want)
	case token == json.Delim('{'):
		return w.object(place, t)
	case token == json.Delim('['):
		return w.array(place, t)
	default:
		return nil
	}
}

// fits reports whether a token can begin a value of a type, and what would.
func fits(token json.Token, t reflect.Type) (want string, ok bool) {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "an object", token == json.Delim('{')
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			text, ok := token.(string)
			_, err := base64.StdEncoding.DecodeString(text)
			return "a text in base64", ok && err == nil
		}
		return "a list", token == json.Delim('[')
	case reflect.String:
		_, ok := token.(string)
		return "a text", ok
	case reflect.Bool:
		_, ok := token.(bool)
		return "true or false", ok
	case reflect.Int64:
		number, _ := token.(json.Number)
		_, err := strconv.ParseInt(number.String(), 10, 64)
		return "an integer", err == nil
	default: // an interface
		return "", true
	}
}

func (w *walker) object(place string, t reflect.Type) error {
	seen := map[string]bool{}
	for w.dec.More() {
		token, err := w.dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return wrong(place, fmt.Sprintf("no JSON at byte %d", w.dec.InputOffset()))
		}
		inner := strings.TrimPrefix(place+"."+name, ".")
		if seen[name] {
			return wrong(inner, "is there twice")
		}
		seen[name] = true
		member, ok := memberType(t, name)
		if !ok {
			return wrong(inner, "is an unknown field")
		}
		if err := w.value(inner, member); err != nil {
			return err
		}
	}
	return w.end(place)
}

// memberType is the type of an object's member. Which member of a map or an
// interface does not matter.
func memberType(t reflect.Type, name string) (reflect.Type, bool) {
	switch t.Kind() {
	case reflect.Map:
		return t.Elem(), true
	case reflect.Struct:
		for field := range t.Fields() {
			if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); tag == name && tag != "" {
				return field.Type, true
			}
		}
		return nil, false
	default:
		return t, true
	}
}

func (w *walker) array(place string, t reflect.Type) error {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	for i := 0; w.dec.More(); i++ {
		if err := w.value(fmt.Sprintf("%s[%d]", place, i), t); err != nil {
			return err
		}
	}
	return w.end(place)
}

// end reads the bracket that closes an object or a list.
func (w *walker) end(place string) error {
	if _, err := w.dec.Token(); err != nil {
		return wrong(place, fmt.Sprintf("no JSON at byte %d", w.dec.InputOffset()))
	}
	return nil
}

// wrong is a mistake at a place; the empty place is the whole.
func wrong(place, why string) error {
	if place == "" {
		place = "the document"
	}
	return errors.New(place + ": " + why)
}
