package metafilter_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/big"
	"strconv"
	"strings"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

// decodeObject decodes text that is exactly one JSON object, numbers as text.
func decodeObject(text string) (map[string]any, bool) {
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	var doc any
	if dec.Decode(&doc) != nil {
		return nil, false
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, false
	}
	object, ok := doc.(map[string]any)
	return object, ok
}

// slowMatch says what a filter of g means, in the plainest way there is; doc comes from decodeObject.
func slowMatch(g *metafilter.Grammar, f metafilter.Filter, doc map[string]any) bool {
	for _, term := range f.Terms() {
		if !slowTerm(operatorOf(g, term), term, doc) {
			return false
		}
	}
	return true
}

func operatorOf(g *metafilter.Grammar, term metafilter.Term) metafilter.Operator {
	for _, op := range g.Operators {
		if op.Name == term.Operator() {
			return op
		}
	}
	panic("operator not in the grammar: " + term.Operator())
}

func slowTerm(op metafilter.Operator, term metafilter.Term, doc map[string]any) bool {
	var value any = doc
	for _, segment := range strings.Split(term.Path(), ".") {
		object, _ := value.(map[string]any)
		value = object[segment]
	}
	var candidates []any
	switch v := value.(type) {
	case nil, map[string]any:
		return false
	case []any:
		if op.Match != metafilter.MatchEqual && op.Match != metafilter.MatchNotEqual && op.Match != metafilter.MatchPrefix {
			return false
		}
		candidates = v
	default:
		candidates = []any{v}
	}
	some := false
	for _, have := range candidates {
		for _, want := range term.Values() {
			some = some || slowHolds(op, term.Type(), have, want.String())
		}
	}
	return some != (op.Match == metafilter.MatchNotEqual)
}

func slowHolds(op metafilter.Operator, typ metafilter.Type, have any, want string) bool {
	if typ == metafilter.Untyped && len(op.Types) == 1 {
		typ = op.Types[0]
	}
	takes := func(t metafilter.Type) bool { return typ == t || typ == metafilter.Untyped }
	equal := op.Match == metafilter.MatchEqual || op.Match == metafilter.MatchNotEqual
	switch have := have.(type) {
	case string:
		if op.Match == metafilter.MatchPrefix {
			return takes(metafilter.String) && strings.HasPrefix(have, want)
		}
		return takes(metafilter.String) && slowOrder(op.Match, strings.Compare(have, want))
	case bool:
		return takes(metafilter.Boolean) && equal && strconv.FormatBool(have) == want
	case json.Number:
		if !takes(metafilter.Number) || !json.Valid([]byte(want)) || strings.TrimLeft(want[:1], "-0123456789") != "" || strings.TrimSpace(want) != want {
			return false
		}
		a, okA := new(big.Rat).SetString(have.String())
		b, okB := new(big.Rat).SetString(want)
		return okA && okB && op.Match != metafilter.MatchPrefix && slowOrder(op.Match, a.Cmp(b))
	}
	return false
}

func slowOrder(m metafilter.Match, c int) bool {
	return map[metafilter.Match]bool{
		metafilter.MatchEqual: c == 0, metafilter.MatchNotEqual: c == 0,
		metafilter.MatchLess: c < 0, metafilter.MatchLessEqual: c <= 0,
		metafilter.MatchGreater: c > 0, metafilter.MatchGreaterEqual: c >= 0,
	}[m]
}

// hugeExponent reports numbers the reference cannot afford: it computes powers of ten.
func hugeExponent(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != 'e' && text[i] != 'E' {
			continue
		}
		digits := strings.TrimLeft(text[i+1:], "+-0")
		n := len(digits) - len(strings.TrimLeft(digits, "0123456789"))
		if n > 3 {
			return true
		}
	}
	return false
}
