package metafilter

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is one violation of the filter language. A server answers 400 with Msg.
type Error struct {
	// Param is the decoded name of the parameter, "meta.status[not-eq]"; the raw name where it cannot be decoded. It
	// is the prefix alone when no single parameter is at fault.
	Param string
	// Msg is the text for the wire: a sentence without a full stop that needs no context.
	Msg string
}

// Error gives Msg and nothing else.
func (e *Error) Error() string { return e.Msg }

// clipAt is how many bytes of a caller's text an error repeats.
const clipAt = 160

// fault is an Error in our own words: "Metadata filter 'meta.x[eq]' " and what is wrong with it.
func fault(param, format string, args ...any) *Error {
	msg := "Metadata filter '" + clip(param) + "' " + fmt.Sprintf(format, args...)
	return &Error{Param: short(param), Msg: msg}
}

// short is the parameter's name, clipped only where it is long.
func short(param string) string {
	if len(param) <= clipAt {
		return param
	}
	return clip(param)
}

// unsupported is the documented answer to an operator that does not exist.
func unsupported(param, operator string) *Error {
	return &Error{Param: short(param), Msg: "Unsupported metadata filter operator: '" + clip(operator) + "'"}
}

// tooMany is the documented answer to more terms than the grammar allows.
func (g *Grammar) tooMany(n int) *Error {
	msg := fmt.Sprintf("Too many metadata filters: %d provided, maximum %d allowed", n, g.MaxTerms)
	return &Error{Param: g.Prefix, Msg: msg}
}

// stranger answers a parameter that is no filter where only filters belong.
func (g *Grammar) stranger(name string) *Error {
	msg := "Parameter '" + clip(name) + "' is not a metadata filter: its name does not start with '" + g.Prefix + ".'"
	return &Error{Param: name, Msg: msg}
}

// tooLong answers a list with more elements than the grammar allows.
func tooLong(param string, n, limit int) *Error {
	return fault(param, "has %d list elements, maximum %d allowed", n, limit)
}

// name spells a parameter name, decoded.
func (g *Grammar) name(path, operator string, t Type) string {
	name := g.Prefix + "." + path + "[" + operator
	if t != Untyped {
		name += ":" + t.String()
	}
	return name + "]"
}

// clip shortens a caller's text to what an error may repeat, on a character boundary, and makes it UTF-8.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= clipAt {
		return s
	}
	end := clipAt
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// listed spells alternatives: "string, number or boolean".
func listed(types []Type) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
