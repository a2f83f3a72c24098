package load

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// checkTree finds what makes the tree mean something else than it says:
// keys that are given twice, of which readers silently take one, and
// references that lead nowhere.
func (d *Document) checkTree() Problems {
	var problems Problems
	if !d.Root().IsMap() {
		problems.Addf(d.Root().ValuePos(), "the specification must be a mapping")
		return problems
	}
	d.checkKeys(d.tree, &problems)
	d.Walk(func(k Kind, n Node) {
		if ref := n.Get("$ref"); ref.IsScalar() && !k.Named() {
			d.checkRef(k, n, ref, &problems)
		}
	})
	return problems
}

func (d *Document) checkKeys(n *yaml.Node, problems *Problems) {
	for _, child := range n.Content {
		d.checkKeys(child, problems)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	first := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			problems.Addf(d.at(key), "a key must be plain text")
		case key.ShortTag() == "!!merge":
			problems.Addf(d.at(key), "merge keys are not part of OpenAPI")
		case first[key.Value] != nil:
			problems.Addf(d.at(key), "key %q is already given on line %d", key.Value, first[key.Value].Line)
		default:
			first[key.Value] = key
		}
	}
}

func (d *Document) checkRef(k Kind, n, ref Node, problems *Problems) {
	switch prefix := k.refPrefix(); {
	case prefix == "":
		problems.Addf(ref.Pos(), "$ref is not supported on %s", k)
	case !strings.HasPrefix(ref.Text(), "#/"):
		problems.Addf(ref.ValuePos(), "$ref %q leaves the file; only references that begin with #/ are supported", ref.Text())
	case !n.Deref().Ok():
		problems.Addf(ref.ValuePos(), "$ref %q leads nowhere", ref.Text())
	case !strings.HasPrefix(ref.Text(), prefix) || strings.Contains(ref.Text()[len(prefix):], "/") && prefix != "#/":
		problems.Addf(ref.ValuePos(), "$ref %q: %s must be one of %s", ref.Text(), k, prefix)
	}
	for _, m := range n.Members() {
		if name := m.Name(); name != "$ref" && name != "x-gen-evidence" {
			problems.Addf(m.Pos(), "%q is ignored beside $ref; move it to what the $ref leads to", name)
		}
	}
}
