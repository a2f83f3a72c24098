package load

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Node is a value in the specification's text together with the key it stands
// under. kin-openapi keeps neither the order of members nor the position of
// every value, so what depends on either asks a Node. The zero Node is a value
// that is not there.
type Node struct {
	doc   *Document
	key   *yaml.Node // nil for the root and for items of a list
	value *yaml.Node
}

// Ok reports whether the value is there.
func (n Node) Ok() bool { return n.value != nil }

// Name returns the key the value stands under, or "".
func (n Node) Name() string {
	if n.key == nil {
		return ""
	}
	return n.key.Value
}

// Pos returns the position of the key, or of the value when it has none.
func (n Node) Pos() Position {
	if n.key != nil {
		return n.doc.at(n.key)
	}
	return n.ValuePos()
}

// ValuePos returns the position of the value.
func (n Node) ValuePos() Position {
	if n.value == nil {
		return Position{}
	}
	return n.doc.at(n.value)
}

// Get returns the value found by following the keys.
func (n Node) Get(keys ...string) Node {
	for _, key := range keys {
		n = n.child(key)
	}
	return n
}

// Nearest returns the last value that is there on the way along the keys, for
// naming a position near something that is missing.
func (n Node) Nearest(keys ...string) Node {
	for _, key := range keys {
		next := n.child(key)
		if !next.Ok() {
			break
		}
		n = next
	}
	return n
}

func (n Node) child(key string) Node {
	if !n.IsMap() {
		return Node{}
	}
	for i := 0; i+1 < len(n.value.Content); i += 2 {
		if n.value.Content[i].Value == key {
			return n.doc.node(n.value.Content[i], n.value.Content[i+1])
		}
	}
	return Node{}
}

// Members returns the members of a mapping in the order of the text.
func (n Node) Members() []Node {
	if !n.IsMap() {
		return nil
	}
	members := make([]Node, 0, len(n.value.Content)/2)
	for i := 0; i+1 < len(n.value.Content); i += 2 {
		members = append(members, n.doc.node(n.value.Content[i], n.value.Content[i+1]))
	}
	return members
}

// Items returns the items of a list.
func (n Node) Items() []Node {
	if !n.IsList() {
		return nil
	}
	items := make([]Node, len(n.value.Content))
	for i, v := range n.value.Content {
		items[i] = n.doc.node(nil, v)
	}
	return items
}

// index returns the item of a list with a number, written as text.
func (n Node) index(token string) Node {
	i, err := strconv.Atoi(token)
	if items := n.Items(); err == nil && i >= 0 && i < len(items) {
		return items[i]
	}
	return Node{}
}

// IsMap reports whether the value is a mapping.
func (n Node) IsMap() bool { return n.value != nil && n.value.Kind == yaml.MappingNode }

// IsList reports whether the value is a list.
func (n Node) IsList() bool { return n.value != nil && n.value.Kind == yaml.SequenceNode }

// IsScalar reports whether the value is neither a mapping nor a list.
func (n Node) IsScalar() bool { return n.value != nil && n.value.Kind == yaml.ScalarNode }

// Tag returns the short YAML tag of the value, such as "!!str".
func (n Node) Tag() string {
	if n.value == nil {
		return ""
	}
	return n.value.ShortTag()
}

// Text returns the text of a scalar.
func (n Node) Text() string {
	if !n.IsScalar() {
		return ""
	}
	return n.value.Value
}

// Decode stores the value in the variable that v points to.
func (n Node) Decode(v any) error { return n.value.Decode(v) }

// Ref returns the text of the node's $ref, or "".
func (n Node) Ref() string { return n.child("$ref").Text() }

// Deref returns what the node refers to; the node itself when it refers to
// nothing, and the zero Node when the reference leads nowhere.
func (n Node) Deref() Node {
	for range 100 { // a chain that long is a cycle
		ref := n.Ref()
		if ref == "" {
			return n
		}
		if n = n.doc.lookup(ref); !n.Ok() {
			break
		}
	}
	return Node{}
}

// lookup follows a local reference such as "#/components/schemas/Name".
func (d *Document) lookup(ref string) Node {
	pointer, local := strings.CutPrefix(ref, "#/")
	if !local {
		return Node{}
	}
	n := d.Root()
	for token := range strings.SplitSeq(pointer, "/") {
		n = n.child(unescape(token))
	}
	return n
}

// unescape undoes the escapes of a JSON pointer's token (RFC 6901, section 3).
func unescape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}
