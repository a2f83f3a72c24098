package metafilter

import (
	"encoding/json"
	"slices"
)

// Filter is a conjunction of terms. The zero Filter has none and matches everything. A Filter never changes once made,
// so it may be shared between goroutines.
type Filter struct {
	g     *Grammar
	terms []Term
	err   *Error
}

// All joins terms. The filter carries the first violation: too many terms, before anything else, then the error of the
// first bad term. The same term may occur twice and counts twice.
func (g *Grammar) All(terms ...Term) Filter {
	if len(terms) == 0 {
		return Filter{}
	}
	if g.MaxTerms > 0 && len(terms) > g.MaxTerms {
		return Filter{g: g, err: g.tooMany(len(terms))}
	}
	for i := range terms {
		if err := terms[i].in(g); err != nil {
			return Filter{g: g, err: err}
		}
	}
	return Filter{g: g, terms: slices.Clone(terms)}
}

// in gives the reason why the term cannot be part of a filter of g.
func (t *Term) in(g *Grammar) *Error {
	if t.err == nil && t.g != g {
		return &Error{Param: g.Prefix, Msg: "Metadata filter term was not made by this grammar"}
	}
	return t.err
}

// Err gives the first violation, an [*Error], or nil. Check it before sending: a filter with an error encodes to nothing
// and matches nothing.
func (f Filter) Err() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

// Len counts the terms; 0 for a filter with an error.
func (f Filter) Len() int { return len(f.terms) }

// Terms gives a copy of the terms in the order they were written.
func (f Filter) Terms() []Term { return slices.Clone(f.terms) }

// MarshalJSON writes the text form, see [Filter.String], as a JSON string. [Grammar.ParseJSON] reads it back.
func (f Filter) MarshalJSON() ([]byte, error) {
	if err := f.Err(); err != nil {
		return nil, err
	}
	return json.Marshal(f.String())
}
