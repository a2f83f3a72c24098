package conformance

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Coverage is what a run has touched of the API, goal by goal. The goals are
// derived from the operation table, so that whatever is added to the API shows
// as a gap until a clause sends it.
type Coverage []Goal

// GoalKind says what a goal is about.
type GoalKind string

// The kinds of goals.
const (
	// GoalOperation: the operation was answered with success, and with a
	// refusal.
	GoalOperation GoalKind = "operation"
	// GoalParameter: a parameter, a part of a form or a member of a body was
	// sent, and was left out.
	GoalParameter GoalKind = "parameter"
	// GoalValue: a value of an enumeration, an operator of a filter or an image
	// format was sent.
	GoalValue GoalKind = "value"
	// GoalLimit: one side of a limit was sent.
	GoalLimit GoalKind = "limit"
	// GoalStatus: a status was answered.
	GoalStatus GoalKind = "status"
	// GoalError: an error code was answered.
	GoalError GoalKind = "error"
	// GoalReply: the clause that checks a field of a reply by its value was run.
	GoalReply GoalKind = "reply"
)

// GoalKinds are all kinds of goals, in the order of reports.
var GoalKinds = []GoalKind{GoalOperation, GoalParameter, GoalValue, GoalLimit, GoalStatus, GoalError, GoalReply}

// Goal is one thing to touch.
type Goal struct {
	Kind GoalKind `json:"kind"`
	// Operation is the operationId, empty when the goal is about the whole API.
	Operation string `json:"operation,omitempty"`
	// Name says what is to be touched, such as "per_page = 1".
	Name string `json:"name"`
	// Count is how often it was.
	Count int `json:"count"`
	// Exempt is why the suite does not touch it, empty for most goals.
	Exempt string `json:"exempt,omitempty"`
}

// ID is the goal in one line, as coverage-exempt.yaml names it.
func (g Goal) ID() string {
	return string(g.Kind) + " " + cmp.Or(g.Operation, "api") + " " + g.Name
}

// Empty reports whether no operation of the API was answered at all.
func (c Coverage) Empty() bool {
	return !slices.ContainsFunc(c, func(g Goal) bool { return g.Kind == GoalOperation && g.Count > 0 })
}

// Gaps returns the goals that were not touched and are not exempt.
func (c Coverage) Gaps() []Goal {
	var gaps []Goal
	for _, g := range c {
		if g.Count == 0 && g.Exempt == "" {
			gaps = append(gaps, g)
		}
	}
	return gaps
}

// Totals returns how many goals of a kind were touched, how many are exempt
// and not touched, and how many there are.
func (c Coverage) Totals(kind GoalKind) (touched, exempt, all int) {
	for _, g := range c {
		if g.Kind != kind {
			continue
		}
		all++
		switch {
		case g.Count > 0:
			touched++
		case g.Exempt != "":
			exempt++
		}
	}
	return touched, exempt, all
}

// summary is the coverage in one line: of each kind how many goals were touched
// of those that are not exempt.
func (c Coverage) summary() string {
	var parts []string
	for _, kind := range GoalKinds {
		touched, exempt, all := c.Totals(kind)
		parts = append(parts, fmt.Sprintf("%s %d/%d", kind, touched, all-exempt))
	}
	return fmt.Sprintf("coverage: %s; %d gaps", strings.Join(parts, ", "), len(c.Gaps()))
}

// count adds what was touched, by the ids of goals. Ids that are no goals are
// left out.
func (c Coverage) count(touched map[string]int) {
	for i := range c {
		c[i].Count += touched[c[i].ID()]
	}
}

// goals derives the goals from the operation table.
func goals(api surface) Coverage {
	var list Coverage
	seen := map[string]bool{}
	add := func(g Goal) {
		if id := g.ID(); !seen[id] {
			seen[id] = true
			g.Exempt = exemption(id)
			list = append(list, g)
		}
	}
	for _, op := range api.operations {
		for _, g := range operationGoals(op) {
			g.Operation = op.ID
			add(g)
		}
		for _, field := range replyFields(op) {
			add(Goal{Kind: GoalReply, Operation: op.ID, Name: field})
		}
	}
	for _, g := range apiGoals(api) {
		add(g)
	}
	slices.SortStableFunc(list, func(a, b Goal) int {
		return slices.Index(GoalKinds, a.Kind) - slices.Index(GoalKinds, b.Kind)
	})
	return list
}

// Goals returns the goals that the specification of this module makes, with
// their exemptions and without counts.
func Goals() Coverage {
	t := Target{}
	t.fillDefaults()
	return goals((&run{target: t}).surface())
}

// OperationOf returns the operationId of a request, empty when it is none of
// the operations of the specification. The path may have a prefix.
func OperationOf(req *http.Request) string {
	_, below, ok := strings.Cut(req.URL.EscapedPath(), "/accounts/")
	r := reader{operations: defaultOperations()}
	sent := sentRequest{}
	switch {
	case ok && r.find(&sent, req.Method, "/accounts/"+below):
		return sent.op.ID
	case !ok && req.Method == http.MethodPost:
		return uploadTo().ID
	}
	return ""
}
