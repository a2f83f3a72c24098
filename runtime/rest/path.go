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
	segments := strings.Split(op.Path, "/")
	out := slices.Clone(segments)
	for i, segment := range segments {
		name, ok := parameter(segment)
		if !ok {
			continue
		}
		value := values[name]
		if why := unsendable(value); why != "" {
			return "", refuse("%s: %s", name, why)
		}
		if c.shadowed(segments, i, value) {
			return "", refuse("%s: %q is a path of the API itself", name, value)
		}
		out[i] = url.PathEscape(value)
	}
	return strings.Join(out, "/"), nil
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
// where the path has its parameter i: the request would be that operation's.
func (c *Core) shadowed(segments []string, i int, value string) bool {
	return slices.ContainsFunc(c.contract.Operations, func(op *contract.Operation) bool {
		other := strings.Split(op.Path, "/")
		return len(other) > i && other[i] == value && slices.EqualFunc(other[:i], segments[:i], alike)
	})
}

// alike reports whether two segments of path templates match the same.
func alike(a, b string) bool {
	_, aParameter := parameter(a)
	_, bParameter := parameter(b)
	return aParameter && bParameter || a == b
}
