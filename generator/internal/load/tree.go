package load

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// checkTree finds what makes the tree mean something else than it says: keys
// that are given twice, of which readers silently take one, and references
// that lead nowhere. What cannot stay is taken out of the tree.
func (d *Document) checkTree() {
	d.checkKeys(d.tree)
	d.Walk(func(k Kind, n Node) {
		if ref := n.Get("$ref"); ref.IsScalar() && !k.Named() {
			d.checkRef(k, n, ref)
		}
	})
}

// checkKeys checks the keys of all mappings at and below n.
func (d *Document) checkKeys(n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		n.Content = d.goodPairs(n.Content)
	}
	if n.Kind == yaml.SequenceNode {
		n.Content = slices.DeleteFunc(n.Content, d.isAlias)
	}
	for _, child := range n.Content {
		d.checkKeys(child)
	}
}

// isAlias reports whether a value is an alias, and that as a problem: an alias
// may lead to itself, and has two positions.
func (d *Document) isAlias(n *yaml.Node) bool {
	if n.Kind != yaml.AliasNode {
		return false
	}
	d.problems.Addf(d.at(n), "YAML aliases are not supported; use $ref")
	return true
}

// goodPairs returns the keys and values of a mapping without those whose key
// is no good.
func (d *Document) goodPairs(pairs []*yaml.Node) []*yaml.Node {
	first := map[string]*yaml.Node{}
	var good []*yaml.Node
	for i := 0; i+1 < len(pairs); i += 2 {
		switch key := pairs[i]; {
		case key.Kind != yaml.ScalarNode:
			d.problems.Addf(d.at(key), "a key must be plain text")
		case key.ShortTag() == "!!merge":
			d.problems.Addf(d.at(key), "merge keys are not part of OpenAPI")
		case first[key.Value] != nil:
			d.problems.Addf(d.at(key), "key %q is already given on line %d", key.Value, first[key.Value].Line)
		case d.isAlias(pairs[i+1]):
		default:
			first[key.Value] = key
			good = append(good, key, pairs[i+1])
		}
	}
	return good
}

func (d *Document) checkRef(k Kind, n, ref Node) {
	prefix := k.refPrefix()
	target, inside := strings.CutPrefix(ref.Text(), prefix)
	switch {
	case prefix == "":
		d.problems.Addf(ref.Pos(), "$ref is not supported on %s", k)
	case !strings.HasPrefix(ref.Text(), "#/"):
		d.problems.Addf(ref.ValuePos(),
			"$ref %q leaves the file; only references that begin with #/ are supported", ref.Text())
	case !n.Deref().Ok():
		d.problems.Addf(ref.ValuePos(), "$ref %q leads nowhere", ref.Text())
	case !inside || strings.Contains(target, "/") && prefix != anywhere:
		d.problems.Addf(ref.ValuePos(), "$ref %q: %s must be one of %s", ref.Text(), k, prefix)
	default:
		d.checkSiblings(n)
		return
	}
	d.broken = append(d.broken, n.value)
}

func (d *Document) checkSiblings(n Node) {
	for _, m := range n.Members() {
		if name := m.Name(); name != "$ref" && name != "x-gen-evidence" {
			d.problems.Addf(m.Pos(), "%q is ignored beside $ref; move it to what the $ref leads to", name)
		}
	}
}
