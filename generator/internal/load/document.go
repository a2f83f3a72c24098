// Package load reads a specification: kin-openapi's typed document beside the
// text's own tree, which knows the order and the position of everything.
package load

import (
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

	// tree is the text's, without what kin-openapi cannot read.
	tree *yaml.Node
	// problems are the reasons why something was left out of the tree.
	problems Problems
	// broken are the mappings whose $ref leads nowhere.
	broken []*yaml.Node
}

// Load reads a specification. The path is only used in messages. The error is
// of type [Problems]; it says why the text cannot be read at all. All other
// mistakes are left to [Document.Lint], so that they are told together: what
// cannot be understood is left out of the document.
func Load(path string, data []byte) (*Document, error) {
	d := &Document{Path: path, Data: data}
	var tree yaml.Node
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return nil, d.syntaxProblems(err).Err()
	}
	if len(tree.Content) == 0 {
		return nil, Problems{{Position{path, 1, 1}, "the specification is empty"}}
	}
	d.tree = tree.Content[0]
	if !d.Root().IsMap() {
		return nil, Problems{{d.Root().ValuePos(), "the specification must be a mapping"}}
	}
	d.checkTree()
	d.repair()
	doc, err := d.Copy()
	if err != nil {
		d.problems.Addf(d.Root().Pos(), "%s", readable(err))
		return nil, d.problems.Err()
	}
	d.Doc = doc
	return d, nil
}

// Copy returns kin-openapi's view of the specification, read anew and so free
// to be changed.
func (d *Document) Copy() (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	if len(d.problems) > 0 {
		return loader.LoadFromData([]byte(d.readableJSON()))
	}
	loader.IncludeOrigin = true // oapi-codegen registers routes in the order of the text
	return loader.LoadFromData(d.Data)
}

// Complete reports whether all references lead somewhere.
func (d *Document) Complete() bool { return len(d.broken) == 0 }

// Root returns the whole specification.
func (d *Document) Root() Node { return d.node(nil, d.tree) }

// Pos returns the position of what the keys lead to, or of the last thing on
// the way that is there.
func (d *Document) Pos(keys ...string) Position { return d.Root().Nearest(keys...).Pos() }

func (d *Document) node(key, value *yaml.Node) Node {
	return Node{doc: d, key: key, value: value}
}

func (d *Document) at(n *yaml.Node) Position {
	return Position{File: d.Path, Line: n.Line, Col: n.Column}
}

// syntaxProblems finds the line in the text of a YAML error; the library tells
// it no other way. Errors of its parser, unlike those of its scanner, count
// lines from 0.
func (d *Document) syntaxProblems(err error) Problems {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
		if regexp.MustCompile(`^did not find expected (key|node content|'-'|',')`).MatchString(text) {
			line++
		}
	}
	at := Position{File: d.Path, Line: line, Col: 1}
	if lines := strings.Split(string(d.Data), "\n"); line <= len(lines) {
		at.Col += len(lines[line-1]) - len(strings.TrimLeft(lines[line-1], " "))
	}
	return Problems{{at, "YAML: " + text}}
}
