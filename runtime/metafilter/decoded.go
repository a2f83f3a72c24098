package metafilter

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Match reports whether all terms hold for metadata as encoding/json decodes it: float64 or [json.Number], string, bool,
// nil, []any and map[string]any. A float64 stands for the shortest decimal that reads as it; decode with UseNumber where
// integers beyond 2^53 matter. A value of any other type is taken as encoding/json would write it, which is slower.
func (f Filter) Match(doc map[string]any) bool {
	if f.err != nil {
		return false
	}
	for i := range f.terms {
		t := &f.terms[i]
		if !t.acceptsDecoded(find(doc, t.path)) {
			return false
		}
	}
	return true
}

// find follows a path through nested objects, nil when it leads nowhere.
func find(doc map[string]any, path string) any {
	for {
		segment, rest, more := strings.Cut(path, ".")
		v := doc[segment]
		if !more {
			return v
		}
		next, ok := v.(map[string]any)
		if !ok {
			if next, ok = plain(v).(map[string]any); !ok {
				return nil
			}
		}
		doc, path = next, rest
	}
}

func (t *Term) acceptsDecoded(v any) bool {
	var s scalar
	if s.set(v) {
		return t.accepts(&s)
	}
	if list, ok := plain(v).([]any); ok {
		return t.acceptsList(list)
	}
	return s.set(plain(v)) && t.accepts(&s)
}

// acceptsList puts the question to an array, see the package documentation.
func (t *Term) acceptsList(list []any) bool {
	if !t.op.Match.searchesArrays() {
		return false
	}
	found := false
	for _, v := range list {
		var s scalar
		if s.set(v) || s.set(plain(v)) {
			found = found || t.any(&s)
		}
	}
	return found != (t.op.Match == MatchNotEqual)
}

// set takes over a decoded scalar, false for everything else and for what is no JSON number.
func (s *scalar) set(v any) bool {
	switch v := v.(type) {
	case string:
		*s = scalar{typ: String, text: v}
	case float64:
		*s = scalar{typ: Number, f: v, float: true}
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case bool:
		*s = scalar{typ: Boolean, text: strconv.FormatBool(v)}
	case json.Number:
		*s = scalar{typ: Number, text: v.String()}
		_, ok := readDecimal(s.text)
		return ok
	default:
		return false
	}
	return true
}

// plain gives v as encoding/json decodes what it encodes v to, nil where it cannot. What is already in that form, which
// is the rule, is returned as it is.
func plain(v any) any {
	switch v.(type) {
	case nil, string, float64, bool, json.Number, []any, map[string]any:
		return v
	}
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var out any
	if dec.Decode(&out) != nil {
		return nil
	}
	return out
}
