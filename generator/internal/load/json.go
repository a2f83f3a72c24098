package load

import (
	"bytes"
	"encoding/json"
	"strings"
)

// JSON returns the value as compact JSON. The order of members is kept, which
// a Go map would lose.
func (n Node) JSON() string {
	var b strings.Builder
	writeJSON(&b, n)
	return b.String()
}

func writeJSON(b *strings.Builder, n Node) {
	switch {
	case n.IsMap():
		b.WriteByte('{')
		for i, m := range n.Members() {
			comma(b, i)
			b.WriteString(quote(m.Name()))
			b.WriteByte(':')
			writeJSON(b, m)
		}
		b.WriteByte('}')
	case n.IsList():
		b.WriteByte('[')
		for i, item := range n.Items() {
			comma(b, i)
			writeJSON(b, item)
		}
		b.WriteByte(']')
	default:
		b.WriteString(scalarJSON(n))
	}
}

func comma(b *strings.Builder, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

func scalarJSON(n Node) string {
	switch n.Tag() {
	case "!!null":
		return "null"
	case "!!bool", "!!int", "!!float":
		var v any
		if n.Decode(&v) != nil {
			return "null"
		}
		text, err := json.Marshal(v)
		if err != nil { // an infinity, which JSON has no word for
			return "null"
		}
		return string(text)
	default:
		return quote(n.Text())
	}
}

// quote writes a text as JSON without the escapes that only HTML needs.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
