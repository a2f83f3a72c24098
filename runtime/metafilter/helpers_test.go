package metafilter_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

// documented is the grammar of the API's documentation.
var documented = &metafilter.Grammar{
	Prefix: "meta", MaxTerms: 5, MaxLevels: 5, MaxElements: 10, MaxPath: 100, Segment: "_", Separator: "|",
	Operators: []metafilter.Operator{
		{Name: "eq", Match: metafilter.MatchEqual, Types: []metafilter.Type{metafilter.String, metafilter.Number, metafilter.Boolean}},
		{Name: "in", Match: metafilter.MatchEqual, List: true, Types: []metafilter.Type{metafilter.String, metafilter.Number}},
		{Name: "gt", Match: metafilter.MatchGreater, Types: []metafilter.Type{metafilter.Number}},
		{Name: "gte", Match: metafilter.MatchGreaterEqual, Types: []metafilter.Type{metafilter.Number}},
		{Name: "lt", Match: metafilter.MatchLess, Types: []metafilter.Type{metafilter.Number}},
		{Name: "lte", Match: metafilter.MatchLessEqual, Types: []metafilter.Type{metafilter.Number}},
	},
}

// extended adds what a later specification might: operators with each remaining question, and order among strings.
var extended = extend(documented)

func extend(g *metafilter.Grammar) *metafilter.Grammar {
	all := []metafilter.Type{metafilter.String, metafilter.Number, metafilter.Boolean}
	out := *g
	out.Operators = append(append([]metafilter.Operator{}, g.Operators...),
		metafilter.Operator{Name: "ne", Match: metafilter.MatchNotEqual, Types: all},
		metafilter.Operator{Name: "nin", Match: metafilter.MatchNotEqual, List: true, Types: all},
		metafilter.Operator{Name: "prefix", Match: metafilter.MatchPrefix, Types: all[:1]},
		metafilter.Operator{Name: "before", Match: metafilter.MatchLess, Types: all[:2]},
		metafilter.Operator{Name: "from", Match: metafilter.MatchGreaterEqual, List: true, Types: all[:2]},
	)
	return &out
}

// parse fails the test unless the query is a filter.
func parse(t testing.TB, g *metafilter.Grammar, query string) metafilter.Filter {
	t.Helper()
	f, err := g.Parse(query)
	if err != nil {
		t.Fatalf("Parse(%q): %v", query, err)
	}
	return f
}

// same fails the test unless both filters have the same terms, to the last field.
func same(t testing.TB, how string, got, want metafilter.Filter) {
	t.Helper()
	if !reflect.DeepEqual(got.Terms(), want.Terms()) {
		t.Errorf("%s: got %q, want %q", how, got.String(), want.String())
	}
}

// wantError fails the test unless err is an *Error whose parts contain the given texts.
func wantError(t testing.TB, err error, param, msg string) {
	t.Helper()
	e, ok := errors.AsType[*metafilter.Error](err)
	if !ok {
		t.Fatalf("got error %v (%T), want *Error about %q", err, err, msg)
	}
	if e.Param != param || !strings.Contains(e.Msg, msg) || e.Error() != e.Msg {
		t.Errorf("got %q: %q, want %q: …%q…", e.Param, e.Msg, param, msg)
	}
}
