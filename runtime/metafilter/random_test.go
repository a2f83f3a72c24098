package metafilter_test

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// dice draws documents and filters from few words, so that they meet often.
type dice struct{ *rand.Rand }

func (d dice) of(words ...string) string { return words[d.IntN(len(words))] }

func (d dice) key() string { return d.of("a", "b", "c", "a.b", `\u0061`) }

func (d dice) object(depth int) string {
	members := make([]string, d.IntN(7))
	for i := range members {
		members[i] = `"` + d.key() + `"` + d.of(":", " : ") + d.value(depth-1)
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (d dice) value(depth int) string {
	switch n := d.IntN(10); {
	case n < 3 && depth > 0:
		return d.object(depth)
	case n < 5 && depth > 0:
		elements := make([]string, d.IntN(4))
		for i := range elements {
			elements[i] = d.value(depth - 1)
		}
		return "[" + strings.Join(elements, ", ") + "]"
	default:
		return d.of(`"x"`, `"xy"`, `"5"`, `""`, `"true"`, `"\u0078"`, `"é"`, "5", "5.0", "50e-1", "-0", "0", "6.5", "9007199254740993",
			"9007199254740992", "0.1", "true", "false", "null")
	}
}

func (d dice) term() string {
	op := extended.Operators[d.IntN(len(extended.Operators))]
	query := "meta." + d.of("a", "b", "a.b", "a.a", "b.a.c") + "[" + op.Name
	if n := d.IntN(len(op.Types) + 1); n > 0 {
		query += ":" + op.Types[n-1].String()
	}
	query += "]=" + d.operand()
	for op.List && d.IntN(2) == 0 {
		query += "|" + d.operand()
	}
	return query
}

func (d dice) operand() string {
	return d.of("x", "5", "5e0", "0", "6.5", "9007199254740993", "0.1", "true", "false", "%C3%A9", "")
}

// TestRandom puts random filters to random documents and asks the reference about each pair.
func TestRandom(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(3, 5))}
	pairs, matches := 0, 0
	for range 50_000 {
		query := d.term()
		for d.IntN(3) == 0 {
			query += "&" + d.term()
		}
		f, err := extended.Parse(query)
		if err != nil {
			continue
		}
		text := d.object(4)
		doc, _ := decodeObject(text)
		want := slowMatch(extended, f, doc)
		if f.MatchJSON([]byte(text)) != want || f.Match(doc) != want {
			t.Fatalf("%s on %s: MatchJSON %v, Match %v, want %v", f, text, f.MatchJSON([]byte(text)), f.Match(doc), want)
		}
		pairs++
		if want {
			matches++
		}
	}
	if pairs < 20_000 || matches < 1_000 {
		t.Errorf("only %d pairs of which %d match: the words no longer meet", pairs, matches)
	}
}
