package lower_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/cfimages/cfimages/generator/internal/load"
	"github.com/cfimages/cfimages/generator/internal/lower"
)

// FuzzLower damages a specification at a few random places. The front end must
// find mistakes at a position or none, and never panic. It is the tree that is
// damaged, since random bytes are hardly ever YAML.
func FuzzLower(f *testing.F) {
	text, err := os.ReadFile("../../testdata/shelf.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for seed := range uint64(15) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		spec := damage(t, text, rand.New(rand.NewPCG(seed, 0)))
		d, err := load.Load("spec.yaml", spec)
		if err == nil {
			_, err = lower.Lower(d)
		}
		if err == nil {
			return
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !strings.HasPrefix(line, "spec.yaml:") {
				t.Errorf("no position in %q", line)
			}
		}
	})
}

// damage changes one to four values.
func damage(t *testing.T, text []byte, r *rand.Rand) []byte {
	t.Helper()
	var tree yaml.Node
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	var all []*yaml.Node
	collect(tree.Content[0], &all)
	for range 1 + r.IntN(4) {
		hurt(all[r.IntN(len(all))], all, r)
	}
	out, err := yaml.Marshal(&tree)
	if err != nil {
		return text // the damage made a cycle, which is no text
	}
	return out
}

func collect(n *yaml.Node, all *[]*yaml.Node) {
	*all = append(*all, n)
	for _, child := range n.Content {
		collect(child, all)
	}
}

// hurt changes one value: it goes, or becomes another value of any kind.
func hurt(n *yaml.Node, all []*yaml.Node, r *rand.Rand) {
	scalar := func(tag, value string) { *n = yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value} }
	switch r.IntN(9) {
	case 0:
		scalar("!!null", "null")
	case 1:
		scalar("!!str", "")
	case 2:
		scalar("!!int", "-1")
	case 3:
		scalar("!!bool", "true")
	case 4:
		*n = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	case 5:
		*n = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	case 6:
		other := all[r.IntN(len(all))]
		if len(other.Content) == 0 {
			*n = *other
		}
	case 7:
		scalar("!!str", "#/components/schemas/Book")
	default:
		if pairs := len(n.Content) / 2; pairs > 0 && n.Kind == yaml.MappingNode {
			i := 2 * r.IntN(pairs)
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
		}
	}
}
