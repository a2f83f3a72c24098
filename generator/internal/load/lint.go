package load

import (
	"regexp"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/generator/internal/goname"
)

// Lint finds the mistakes in a specification that can be read: what OpenAPI
// forbids, and what the generator does not support. Extensions are not its
// business.
func (d *Document) Lint() Problems {
	l := &linter{doc: d, problems: slices.Clone(d.problems)}
	l.version()
	l.operations()
	l.components()
	d.Walk(func(k Kind, n Node) {
		l.fields(k, n)
		if k == KindSchema {
			l.schemaNode(n)
		}
	})
	l.values()
	return l.problems
}

// linter collects what is wrong with a document.
type linter struct {
	doc      *Document
	problems Problems
}

func (l *linter) addf(at Position, format string, args ...any) { l.problems.Addf(at, format, args...) }

// version wants a document of OpenAPI 3.0: later ones spell nullable types and
// exclusive limits in other ways.
func (l *linter) version() {
	if v := l.doc.Doc.OpenAPI; !strings.HasPrefix(v, "3.0.") {
		l.addf(l.doc.Pos("openapi"), "openapi must be 3.0.x, not %q", v)
	}
}

// names reports names that Go cannot tell apart or spell. The words say what
// is named.
func (l *linter) names(what string, nodes []Node) {
	first := map[string]Node{}
	for _, n := range nodes {
		name := n.Name()
		if name == "" {
			name = n.Text()
		}
		if !regexp.MustCompile(`^[A-Za-z]`).MatchString(name) {
			l.addf(n.Pos(), "%s name %q must begin with a letter", what, name)
			continue
		}
		goName := goname.Exported(name)
		if other, twice := first[goName]; twice {
			l.addf(n.Pos(), "%s %q has the Go name %s, as on line %d", what, name, goName, other.Pos().Line)
			continue
		}
		first[goName] = n
	}
}

// components checks what is true of named schemas only.
func (l *linter) components() {
	list := l.doc.Root().Get("components", "schemas").Members()
	for _, n := range list {
		switch {
		case n.Ref() != "":
			l.addf(n.Pos(), "schema %q is only a $ref; use the other name", n.Name())
		case n.Get("description").Text() == "":
			l.addf(n.Pos(), "schema %q has no description, which becomes its documentation", n.Name())
		}
	}
	l.names("schema", list)
}
