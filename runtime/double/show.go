package double

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// maxText bounds what is shown of a value, in bytes.
const maxText = 200

var (
	fileType = reflect.TypeFor[*contract.File]()
	withFile sync.Map // reflect.Type of an argument -> whether it has files
)

// outlined takes the content of files out of the arguments, which the log would
// keep in memory.
func outlined(args []any) []any {
	for i, arg := range args {
		if v := reflect.ValueOf(arg); v.Kind() == reflect.Struct && holdsFile(v.Type()) {
			args[i] = withoutContent(v)
		}
	}
	return args
}

func holdsFile(t reflect.Type) bool {
	known, ok := withFile.Load(t)
	if !ok {
		known = false
		for i := range t.NumField() {
			known = known.(bool) || t.Field(i).Type == fileType
		}
		withFile.Store(t, known)
	}
	return known.(bool)
}

func withoutContent(v reflect.Value) any {
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	for i := range copied.NumField() {
		if f := copied.Field(i); f.Type() == fileType && !f.IsNil() {
			f.Set(reflect.ValueOf(f.Interface().(*contract.File).Outline()))
		}
	}
	return copied.Interface()
}

// show returns an argument as it would be written in Go, more or less; fields
// that are not set are left out.
func show(arg any) string { return cut(render(reflect.ValueOf(arg))) }

// showText returns a text of which no secret is left.
func showText(text string) string { return cut(redact(text)) }

func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

// credentials are those that a URL carries: a user, a query.
var credentials = regexp.MustCompile(`(\b[a-zA-Z][a-zA-Z0-9+.-]*://)([^/?#\s"]*@)?([^?\s"]*)(\?[^#\s"]*)?`)

// redact takes the user and the query out of every URL of a text.
func redact(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return credentials.ReplaceAllStringFunc(text, func(url string) string {
		part := credentials.FindStringSubmatch(url)
		if part[2] != "" {
			part[2] = "…@"
		}
		if part[4] != "" {
			part[4] = "?…"
		}
		return part[1] + part[2] + part[3] + part[4]
	})
}

func render(v reflect.Value) string {
	if !v.IsValid() {
		return "nil"
	}
	if text, ok := renderKnown(v); ok {
		return text
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return render(v.Elem())
	case reflect.String:
		return fmt.Sprintf("%q", redact(v.String()))
	case reflect.Struct:
		return renderStruct(v)
	case reflect.Map:
		return renderMap(v)
	case reflect.Slice, reflect.Array:
		return renderList(v)
	default:
		return fmt.Sprint(v)
	}
}

// renderKnown is about types that say themselves what they are.
func renderKnown(v reflect.Value) (string, bool) {
	if !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", false
	}
	switch value := v.Interface().(type) {
	case *contract.File:
		return fmt.Sprintf("file %q (%s, %d bytes)", value.Name(), value.ContentType(), value.Size()), true
	case time.Time:
		return value.Format(time.RFC3339), true
	case Matcher:
		return value.String(), true
	case fmt.Stringer:
		return redact(value.String()), true
	case []byte:
		return fmt.Sprintf("%q", redact(string(value[:min(len(value), maxText)]))), true
	default:
		return "", false
	}
}

func renderStruct(v reflect.Value) string {
	var fields []string
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() {
			fields = append(fields, f.Name+": "+render(v.Field(i)))
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func renderMap(v reflect.Value) string {
	var entries []string
	for _, key := range v.MapKeys() {
		entries = append(entries, render(key)+": "+render(v.MapIndex(key)))
	}
	slices.Sort(entries)
	return "{" + strings.Join(entries, ", ") + "}"
}

func renderList(v reflect.Value) string {
	items := make([]string, v.Len())
	for i := range items {
		items[i] = render(v.Index(i))
	}
	return "[" + strings.Join(items, ", ") + "]"
}
