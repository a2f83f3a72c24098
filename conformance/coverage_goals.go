package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// surface is the API whose coverage is measured.
type surface struct {
	// operations are the operation table and, at its end, the post to an upload
	// URL.
	operations []*contract.Operation
	errors     []*contract.ErrorKind
}

func (r *run) surface() surface {
	return surface{append(slices.Clone(r.target.Operations), uploadTo()), defaultErrors()}
}

// operationGoals derives what there is to touch of one operation.
func operationGoals(op *contract.Operation) []Goal {
	list := []Goal{{Kind: GoalOperation, Name: "2xx"}, {Kind: GoalOperation, Name: "4xx"}}
	for _, p := range op.PathParams {
		list = append(list, Goal{Kind: GoalParameter, Name: p.Name + " present"})
		list = append(list, valueGoals(p.Name, p.Schema, true)...)
	}
	for _, p := range op.QueryParams {
		list = append(list, memberGoals(p.Name, p.Schema)...)
	}
	if op.Filter != nil {
		list = append(list, filterGoals(op.Filter)...)
	}
	if op.Body != nil {
		list = append(list, Goal{Kind: GoalParameter, Name: "body present"}, Goal{Kind: GoalParameter, Name: "body absent"})
		list = append(list, objectGoals("", op.Body.Schema)...)
	}
	for _, e := range op.Errors {
		list = append(list, Goal{Kind: GoalError, Name: strconv.Itoa(e.Code)})
	}
	return list
}

// apiGoals derives what there is to touch of the API as a whole.
func apiGoals(api surface) []Goal {
	listed := map[int]bool{}
	statuses := map[int]bool{http.StatusOK: true}
	for _, op := range api.operations {
		for _, e := range op.Errors {
			listed[e.Code], statuses[e.Status] = true, true
		}
	}
	var list []Goal
	for _, e := range api.errors {
		statuses[e.Status] = true
		if !listed[e.Code] {
			list = append(list, Goal{Kind: GoalError, Name: strconv.Itoa(e.Code)})
		}
	}
	for status := range 600 {
		if statuses[status] {
			list = append(list, Goal{Kind: GoalStatus, Name: strconv.Itoa(status)})
		}
	}
	for _, f := range formats() {
		list = append(list, Goal{Kind: GoalValue, Name: "format = " + f.name})
	}
	for _, l := range namedLimits() {
		list = append(list, Goal{Kind: GoalLimit, Name: l.inside}, Goal{Kind: GoalLimit, Name: l.outside})
	}
	return list
}

// objectGoals are those of the members of an object.
func objectGoals(at string, s *contract.Schema) []Goal {
	var list []Goal
	for _, p := range s.Properties {
		list = append(list, memberGoals(at+p.Name, p.Schema)...)
	}
	return list
}

func memberGoals(name string, s *contract.Schema) []Goal {
	list := []Goal{{Kind: GoalParameter, Name: name + " present"}, {Kind: GoalParameter, Name: name + " absent"}}
	list = append(list, valueGoals(name, s, false)...)
	return append(list, objectGoals(name+".", s)...)
}

// valueGoals are the values of an enumeration or a flag, and both sides of
// every limit.
func valueGoals(name string, s *contract.Schema, inPath bool) []Goal {
	var list []Goal
	for _, v := range enumerated(s) {
		list = append(list, Goal{Kind: GoalValue, Name: name + " = " + v})
	}
	for _, l := range limitsOf(s, inPath) {
		list = append(list, Goal{Kind: GoalLimit, Name: name + " " + l.inside}, Goal{Kind: GoalLimit, Name: name + " " + l.outside})
	}
	return list
}

func enumerated(s *contract.Schema) []string {
	if s.Type == contract.TypeBoolean {
		return []string{"false", "true"}
	}
	return s.Enum
}

// filterGoals are every operator with and without each of its types, and both
// sides of the limits of filters.
func filterGoals(g *metafilter.Grammar) []Goal {
	list := []Goal{{Kind: GoalParameter, Name: "filter present"}, {Kind: GoalParameter, Name: "filter absent"}}
	for _, o := range g.Operators {
		list = append(list, Goal{Kind: GoalValue, Name: "filter = " + o.Name})
		for _, t := range o.Types {
			list = append(list, Goal{Kind: GoalValue, Name: "filter = " + o.Name + ":" + t.String()})
		}
	}
	for _, l := range grammarLimits(g) {
		if l.most > 0 {
			list = append(list, Goal{Kind: GoalLimit, Name: l.name(l.most)}, Goal{Kind: GoalLimit, Name: l.name(l.most + 1)})
		}
	}
	return list
}

// filterLimit is a limit of the filter language.
type filterLimit struct {
	what string
	most int
}

func (l filterLimit) name(n int) string { return fmt.Sprintf("filter of %d %s", n, l.what) }

func grammarLimits(g *metafilter.Grammar) []filterLimit {
	return []filterLimit{
		{"terms", g.MaxTerms}, {"levels", g.MaxLevels}, {"elements", g.MaxElements}, {"characters", g.MaxPath},
	}
}
