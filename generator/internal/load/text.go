package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Text reads a text of which nothing is known but that it is JSON or YAML, such
// as a JSON Schema. The path says which of the two by its ending; without one
// that is known, a text that begins with { is JSON. The error is of type
// [Problems]; one about keys and aliases comes together with a Node, so that
// what else is wrong can be told beside it.
func Text(path string, data []byte) (Node, error) {
	d := &Document{Path: path, Data: data}
	tree, problems := d.parse(isJSON(path, data))
	if tree == nil {
		return Node{}, problems.Err()
	}
	d.tree = tree
	d.checkKeys(tree)
	return d.Root(), d.problems.Err()
}

// Lookup follows a local reference, such as "#/$defs/size", from the root of
// the text that the node belongs to. "#" is that root.
func (n Node) Lookup(ref string) Node {
	if ref == "#" {
		return n.doc.Root()
	}
	return n.doc.lookup(ref)
}

func isJSON(path string, data []byte) bool {
	switch filepath.Ext(path) {
	case ".json":
		return true
	case ".yaml", ".yml":
		return false
	default:
		return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{"))
	}
}

func (d *Document) parse(isJSON bool) (*yaml.Node, Problems) {
	if isJSON {
		return d.parseJSON()
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(d.Data, &tree); err != nil {
		return nil, d.syntaxProblems(err)
	}
	if len(tree.Content) == 0 {
		return nil, Problems{{Position{d.Path, 1, 1}, "the text is empty"}}
	}
	return tree.Content[0], nil
}

// parseJSON reads JSON into the tree that a YAML parser would make of it. Not
// every JSON text is YAML: "\ud83d\ude00" and tabs are not.
func (d *Document) parseJSON() (*yaml.Node, Problems) {
	var v any
	if err := json.Unmarshal(d.Data, &v); err != nil {
		at := 0
		if e, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = max(0, int(e.Offset)-1)
		}
		return nil, Problems{{d.offset(at), "JSON: " + err.Error()}}
	}
	dec := json.NewDecoder(bytes.NewReader(d.Data))
	dec.UseNumber()
	return (&jsonReader{doc: d, dec: dec, line: 1, col: 1}).value(), nil
}

// offset is the position of a byte.
func (d *Document) offset(at int) Position {
	r := jsonReader{doc: d, line: 1, col: 1}
	r.move(min(at, len(d.Data)))
	return Position{File: d.Path, Line: r.line, Col: r.col}
}

// jsonReader makes a tree of a text that is known to be JSON.
type jsonReader struct {
	doc           *Document
	dec           *json.Decoder
	at, line, col int // of the byte last looked at
}

// move goes on to a byte, counting lines and characters.
func (r *jsonReader) move(to int) {
	for r.at < to {
		c, size := utf8.DecodeRune(r.doc.Data[r.at:])
		r.at += size
		r.col++
		if c == '\n' {
			r.line, r.col = r.line+1, 1
		}
	}
}

// token returns the next token and a node at its place.
func (r *jsonReader) token() (json.Token, *yaml.Node) {
	from := int(r.dec.InputOffset())
	from += len(r.doc.Data[from:]) - len(bytes.TrimLeft(r.doc.Data[from:], " \t\r\n,:"))
	token, err := r.dec.Token()
	if err != nil {
		panic(err) // parseJSON has read the whole text
	}
	r.move(from)
	return token, &yaml.Node{Kind: yaml.ScalarNode, Line: r.line, Column: r.col}
}

func (r *jsonReader) value() *yaml.Node {
	token, n := r.token()
	switch token := token.(type) {
	case json.Delim:
		r.members(token, n)
	case string:
		n.Tag, n.Value = "!!str", token
	case json.Number:
		n.Tag, n.Value = "!!int", token.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", "false"
		if token {
			n.Value = "true"
		}
	default:
		n.Tag, n.Value = "!!null", "null"
	}
	return n
}

func (r *jsonReader) members(open json.Delim, n *yaml.Node) {
	n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	if open == '{' {
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
	}
	for r.dec.More() {
		n.Content = append(n.Content, r.value())
		if open == '{' {
			n.Content = append(n.Content, r.value())
		}
	}
	r.token()
}
