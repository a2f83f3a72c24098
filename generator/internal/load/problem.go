package load

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a specification. The zero value is no place.
type Position struct {
	File      string
	Line, Col int
}

// String returns the position as compilers write it: "file:line:col".
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Problem is a mistake in a specification.
type Problem struct {
	Position

	Message string
}

// String returns the problem on one line: "file:line:col: message".
func (p Problem) String() string { return p.Position.String() + ": " + p.Message }

// Problems are all mistakes that were found. As an error it is one line each.
type Problems []Problem

// Error returns one line per problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Addf appends a problem.
func (ps *Problems) Addf(at Position, format string, args ...any) {
	*ps = append(*ps, Problem{Position: at, Message: fmt.Sprintf(format, args...)})
}

// Err returns the problems sorted by position, each once, or nil when there
// are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	sorted := slices.Clone(ps)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(
			strings.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Col, b.Col),
			strings.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(sorted)
}
