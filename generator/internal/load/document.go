// Package load reads a specification: kin-openapi's typed document beside the
// text's own tree, which knows the order and the position of everything.
package load

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// Document is a specification that could be read. It may still be full of
// mistakes: see [Document.Lint].
type Document struct {
	// Path is the file's name as it appears in messages.
	Path string
	// Data is the file's content.
	Data []byte
	// Doc is kin-openapi's view. It is shared and must not be changed; use
	// [Document.Copy] for that.
	Doc *openapi3.T

	tree *yaml.Node
}

// Load reads a specification. The path is only used in messages. The error is
// of type [Problems]; it says why the text cannot be understood at all, while
// mistakes in something that can be understood are left to [Document.Lint].
func Load(path string, data []byte) (*Document, error) {
	d := &Document{Path: path, Data: data}
	var tree yaml.Node
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return nil, syntaxProblems(path, err).Err()
	}
	if len(tree.Content) == 0 {
		return nil, Problems{{Position{path, 1, 1}, "the specification is empty"}}
	}
	d.tree = tree.Content[0]
	if err := d.checkTree().Err(); err != nil {
		return nil, err
	}
	doc, err := d.Copy()
	if err != nil {
		return nil, d.locate(err).Err()
	}
	d.Doc = doc
	return d, nil
}

// Copy returns kin-openapi's view of the specification, read anew and so free
// to be changed.
func (d *Document) Copy() (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true // oapi-codegen registers routes in the order of the text
	return loader.LoadFromData(d.Data)
}

// Root returns the whole specification.
func (d *Document) Root() Node { return d.node(nil, d.tree) }

// Pos returns the position of what the keys lead to, or of the last thing on
// the way that is there.
func (d *Document) Pos(keys ...string) Position { return d.Root().Nearest(keys...).Pos() }

func (d *Document) node(key, value *yaml.Node) Node {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	return Node{doc: d, key: key, value: value}
}

func (d *Document) at(n *yaml.Node) Position {
	return Position{File: d.Path, Line: n.Line, Col: n.Column}
}

// syntaxProblems finds the line in the text of a YAML error; the library tells
// it no other way.
func syntaxProblems(path string, err error) Problems {
	texts := []string{err.Error()}
	if typeErr, ok := errors.AsType[*yaml.TypeError](err); ok {
		texts = typeErr.Errors
	}
	var problems Problems
	for _, text := range texts {
		text = strings.TrimPrefix(text, "yaml: ")
		at := Position{File: path, Line: 1, Col: 1}
		if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(text); m != nil {
			at.Line, _ = strconv.Atoi(m[1])
			text = text[len(m[0]):]
		}
		problems.Addf(at, "YAML: %s", text)
	}
	return problems
}
