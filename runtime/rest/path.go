package rest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// expand replaces the parameters of an operation's path, each escaped exactly
// once so that it stays one segment.
func (c *Core) expand(op *contract.Operation, values map[string]string) (string, error) {
	out := make([]byte, 0, 2*len(op.Path))
	for at := 0; at < len(op.Path); {
		before, segment := op.Path[:at], op.Path[at:]
		if end := strings.IndexByte(segment, '/') + 1; end > 0 {
			segment = segment[:end]
		}
		at += len(segment)
		name, ok := parameter(strings.TrimSuffix(segment, "/"))
		if !ok {
			out = append(out, segment...)
			continue
		}
		value := values[name]
		if why := unsendable(value); why != "" {
			return "", refuse("%s: %s", name, why)
		}
		if c.shadowed(before, value) {
			return "", refuse("%s: %q is a path of the API itself", name, value)
		}
		out = append(out, url.PathEscape(value)...)
		if strings.HasSuffix(segment, "/") {
			out = append(out, '/')
		}
	}
	return string(out), nil
}

// parameter returns the name of the parameter that a segment stands for.
func parameter(segment string) (name string, ok bool) {
	if name, ok = strings.CutPrefix(segment, "{"); ok {
		name = strings.TrimSuffix(name, "}")
	}
	return name, ok
}

// unsendable says what no escape can carry through URL normalisation.
func unsendable(value string) string {
	switch value {
	case "":
		return "must not be empty"
	case ".", "..":
		return "must not be . or .."
	default:
		return ""
	}
}

// shadowed reports whether another operation has a fixed segment of this value
// where a path has a parameter behind the segments before: the request would be
// that operation's.
func (c *Core) shadowed(before, value string) bool {
	return slices.ContainsFunc(c.contract.Operations, func(op *contract.Operation) bool {
		mine, other := before, op.Path
		for mine != "" {
			var a, b string
			a, mine, _ = strings.Cut(mine, "/")
			b, other, _ = strings.Cut(other, "/")
			if !alike(a, b) {
				return false
			}
		}
		segment, _, _ := strings.Cut(other, "/")
		return segment == value
	})
}

// alike reports whether two segments of path templates match the same.
func alike(a, b string) bool {
	_, aParameter := parameter(a)
	_, bParameter := parameter(b)
	return aParameter && bParameter || a == b
}
