package load

import (
	"regexp"
	"slices"

	"github.com/cfimages/cfimages/generator/internal/goname"
)

// operations checks all operations, each by itself and their names together.
func (l *linter) operations() {
	ops := l.doc.Operations()
	if len(ops) == 0 {
		l.addf(l.doc.Pos("paths"), "there are no operations")
	}
	first := map[string]Node{}
	for _, op := range ops {
		l.operationID(op, first)
		l.operation(op)
		l.parameters(op)
		l.template(op)
	}
}

func (l *linter) operationID(op Operation, first map[string]Node) {
	id := op.Node.Get("operationId")
	if op.OperationID == "" {
		l.addf(op.Node.Pos(), "%s %s has no operationId", op.Method, op.Path)
		return
	}
	if !regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`).MatchString(op.OperationID) {
		l.addf(id.ValuePos(), "operationId %q is not in lowerCamelCase", op.OperationID)
	}
	goName := goname.Exported(op.OperationID)
	if other, twice := first[goName]; twice {
		if other.Text() == op.OperationID {
			l.addf(id.ValuePos(), "operationId %q is already used on line %d", op.OperationID, other.Pos().Line)
		} else {
			l.addf(id.ValuePos(), "operationId %q has the Go name %s, as %q on line %d",
				op.OperationID, goName, other.Text(), other.Pos().Line)
		}
		return
	}
	first[goName] = id
}

func (l *linter) operation(op Operation) {
	if op.Description == "" && op.Summary == "" {
		l.addf(op.Node.Pos(), "operation %q has no description, which becomes its documentation", op.OperationID)
	}
	reason := op.Node.Get("x-deprecated-reason")
	switch {
	case op.Deprecated && reason.Text() == "":
		l.addf(op.Node.Get("deprecated").Pos(),
			"a deprecated operation needs x-deprecated-reason, which says what to use instead")
	case !op.Deprecated && reason.Ok():
		l.addf(reason.Pos(), "x-deprecated-reason on an operation that is not deprecated")
	}
	if op.Operation.Responses.Value("200") == nil {
		l.addf(op.Node.Nearest("responses").Pos(), "operation %q has no response 200", op.OperationID)
	}
}

func (l *linter) parameters(op Operation) {
	seen := map[string]Node{}
	byIn := map[string][]Node{}
	for _, p := range op.Params {
		if p.Name == "" {
			l.addf(p.Node.Pos(), "a parameter has no name")
			continue
		}
		key := p.In + " " + p.Name
		if other, twice := seen[key]; twice {
			l.addf(p.Use.Pos(), "%s parameter %q is already given on line %d", p.In, p.Name, other.Pos().Line)
			continue
		}
		seen[key] = p.Use
		byIn[p.In] = append(byIn[p.In], p.Node.Get("name"))
		if !p.Schema.Ok() {
			l.addf(p.Node.Pos(), "parameter %q has no schema", p.Name)
		}
		if !slices.Contains([]string{"path", "query"}, p.In) {
			l.addf(p.Node.Nearest("in").Pos(), "parameter %q is in %q; only path and query are supported", p.Name, p.In)
		}
	}
	for _, in := range []string{"path", "query"} {
		l.names(in+" parameter", texts(byIn[in]))
	}
}

// texts returns the nodes as values without keys, so that their names are
// their texts.
func texts(nodes []Node) []Node {
	out := make([]Node, len(nodes))
	for i, n := range nodes {
		out[i] = Node{doc: n.doc, value: n.value}
	}
	return out
}

// template compares the path's template with the path parameters.
func (l *linter) template(op Operation) {
	var names []string
	for _, m := range regexp.MustCompile(`\{([^{}]*)\}`).FindAllStringSubmatch(op.Path, -1) {
		if slices.Contains(names, m[1]) {
			l.addf(op.PathNode.Pos(), "path names parameter %q twice", m[1])
		}
		names = append(names, m[1])
	}
	var given []string
	for _, p := range op.Params {
		if p.In != "path" {
			continue
		}
		given = append(given, p.Name)
		if !slices.Contains(names, p.Name) {
			l.addf(p.Use.Pos(), "path parameter %q is not in the path %s", p.Name, op.Path)
		}
	}
	for _, name := range names {
		if !slices.Contains(given, name) {
			l.addf(op.Node.Pos(), "path parameter %q of %s is not described", name, op.Path)
		}
	}
}
