package load

import (
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// mostMistakes is how many mistakes [Document.locate] looks for.
const mostMistakes = 20

// locate finds the values that kin-openapi cannot read. Its error does not say
// where they are, so members are taken out of a copy of the tree one at a
// time: when the error is another without a member, the reason is in it. That
// is slow, but only runs for a text that is wrong.
func (d *Document) locate(loadErr error) Problems {
	var problems Problems
	probe := &Document{Path: d.Path, tree: clone(d.tree)}
	for range mostMistakes {
		err := probe.read()
		if err == nil {
			break
		}
		at, remove := probe.culprit(probe.tree, err.Error())
		problems.Addf(probe.at(at), "%s", readable(err))
		if remove == nil {
			break
		}
		remove()
	}
	if len(problems) == 0 {
		problems.Addf(d.Root().Pos(), "%s", readable(loadErr))
	}
	return problems
}

// read decodes the tree into kin-openapi's types, references aside.
func (d *Document) read() error {
	return new(openapi3.T).UnmarshalJSON([]byte(d.Root().JSON()))
}

// culprit returns the innermost value below n that the error is about, and a
// function that takes it out; that is nil when the reason is n itself.
func (d *Document) culprit(n *yaml.Node, text string) (*yaml.Node, func()) {
	size := 1
	if n.Kind == yaml.MappingNode {
		size = 2
	}
	for i := 0; i+size <= len(n.Content); i += size {
		value := n.Content[i+size-1]
		before := n.Content
		n.Content = slices.Delete(slices.Clone(before), i, i+size)
		err := d.read()
		n.Content = before
		if err != nil && err.Error() == text {
			continue
		}
		if at, remove := d.culprit(value, text); remove != nil {
			return at, remove
		}
		return value, func() { n.Content = slices.Delete(n.Content, i, i+size) }
	}
	return n, nil
}

func clone(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = clone(child)
	}
	return &c
}

// readable drops what a decoder's error says about Go.
func readable(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "json: cannot unmarshal "); i >= 0 {
		text = text[i+len("json: cannot unmarshal "):]
		if m := regexp.MustCompile(`^(\w+) into (?:.*field (?:\w+\.)*(\w+) of type|Go (?:value|struct field) .*) (\S+)$`).FindStringSubmatch(text); m != nil {
			return strings.TrimSpace("a " + m[1] + " does not belong here")
		}
	}
	return text
}
