package load

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// mostMistakes is how many mistakes [Document.repair] looks for.
const mostMistakes = 20

// repair takes the values out of the tree that kin-openapi cannot read. Its
// error does not say where they are, so members are taken out one at a time:
// when the error is another without a member, the reason is in it. That is
// slow, but only runs for a text that is wrong.
func (d *Document) repair() {
	for range mostMistakes {
		err := d.read()
		if err == nil {
			return
		}
		at, remove := d.culprit(d.tree, err.Error())
		d.problems.Addf(d.at(at), "%s", readable(err))
		if remove == nil {
			return
		}
		remove()
	}
}

// read decodes the tree into kin-openapi's types without following references.
func (d *Document) read() error {
	return new(openapi3.T).UnmarshalJSON([]byte(d.readableJSON()))
}

// readableJSON returns the tree as JSON, with nothing in the place of
// references that lead nowhere.
func (d *Document) readableJSON() string {
	hidden := make([][]*yaml.Node, len(d.broken))
	for i, n := range d.broken {
		hidden[i], n.Content = n.Content, nil
	}
	text := d.Root().JSON()
	for i, n := range d.broken {
		n.Content = hidden[i]
	}
	return text
}

// culprit returns the innermost value below n that the error is about, and a
// function that takes it out; that is nil when the reason is n itself.
func (d *Document) culprit(n *yaml.Node, text string) (*yaml.Node, func()) {
	size := 1
	if n.Kind == yaml.MappingNode {
		size = 2
	}
	for i := 0; i+size <= len(n.Content); i += size {
		before := n.Content
		without := slices.Delete(slices.Clone(before), i, i+size)
		n.Content = without
		err := d.read()
		n.Content = before
		if err != nil && err.Error() == text {
			continue
		}
		value := before[i+size-1]
		if at, remove := d.culprit(value, text); remove != nil {
			return at, remove
		}
		return value, func() { n.Content = without }
	}
	return n, nil
}

// readable drops what a decoder's error says about Go.
func readable(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	re := regexp.MustCompile(`json: cannot unmarshal (\w+) into (?:.*field (?:\w+\.)*(\w+) of type)?`)
	m := re.FindStringSubmatch(text)
	switch {
	case m == nil:
		return text
	case m[2] == "":
		return fmt.Sprintf("this cannot be a JSON %s", m[1])
	default:
		return fmt.Sprintf("%s cannot be a JSON %s", m[2], m[1])
	}
}
