package main

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/cfimages/cfimages/conformance/internal/assertcut/hook"
	"github.com/cfimages/cfimages/conformance/mutants"
)

const (
	// maxReaching clauses are tried for an assertion that many reach.
	maxReaching = 6
	// maxBack is how many answers before an assertion are spoiled.
	maxBack = 4
)

// entries tells, for a clause, how many answers had come when an assertion was
// entered and when it was left.
type entries map[int][][2]int

// perAssertion is the most that is spent on one assertion.
const perAssertion = 2 * time.Minute

// missedByAnswer looks for a wrong answer, once or from then on, that a clause
// notices by this assertion only.
func (m *measurement) missedByAnswer(ctx context.Context, s site) (by string, err error) {
	end := time.Now().Add(perAssertion)
	for _, lasting := range []bool{false, true} {
		for _, at := range m.places(s) {
			at.lasting = lasting
			if time.Now().After(end) {
				return "", nil
			}
			found, err := m.tells(ctx, s, at)
			if err != nil {
				return "", err
			}
			if found {
				return at.clause, nil
			}
		}
	}
	return "", nil
}

// places are the answers that an assertion could mind.
func (m *measurement) places(s site) (list []place) {
	clauses := slices.Clone(m.clauses[s.ID])
	if len(clauses) == 0 {
		return m.nearby(s)
	}
	m.cheapFirst(clauses)
	for _, clause := range clauses[:min(len(clauses), maxReaching)] {
		for _, at := range m.before(clause, s.ID) {
			list = append(list, place{clause: clause, at: at})
		}
	}
	return list
}

func (m *measurement) cheapFirst(clauses []string) {
	slices.SortStableFunc(clauses, func(a, b string) int { return m.requests[a] - m.requests[b] })
}

// nearby are the answers to the clauses of the next assertion, for one that is
// reached on no server that is right. If that has none either, they are those
// of the cheapest clauses.
func (m *measurement) nearby(s site) (list []place) {
	var clauses []string
	for away := 1; away <= 3; away++ {
		for _, id := range []int{s.ID - away, s.ID + away} {
			if id >= 0 && id < len(m.sites) && m.sites[id].Func == s.Func {
				clauses = append(clauses, m.clauses[id]...)
			}
		}
	}
	if len(clauses) == 0 {
		clauses = slices.Collect(maps.Keys(m.requests))
	}
	slices.Sort(clauses)
	clauses = slices.Compact(clauses)
	m.cheapFirst(clauses)
	for _, clause := range clauses[:min(len(clauses), maxNearby)] {
		for at := 1; at <= min(m.requests[clause], maxBack); at++ {
			list = append(list, place{clause: clause, at: at})
		}
	}
	return list
}

// maxNearby clauses are tried for an assertion that none reaches.
const maxNearby = 12

// before returns the numbers of the answers that came within an assertion and
// right before it, the last first.
func (m *measurement) before(clause string, id int) (list []int) {
	for _, e := range m.entries[clause][id] {
		least := max(e[0]+1-maxBack, e[1]+1-2*maxBack, 1)
		for at := e[1]; at >= least; at-- {
			if !slices.Contains(list, at) {
				list = append(list, at)
			}
		}
	}
	return list
}

// tells reports whether there is a way to spoil an answer that the assertion
// alone notices.
func (m *measurement) tells(ctx context.Context, s site, at place) (bool, error) {
	list, err := m.spoiled(ctx, at)
	if err != nil {
		return false, err
	}
	for _, one := range list {
		if !slices.Contains(one.broken, s.ID) {
			continue
		}
		var failed []string
		hook.Without(s.ID, func() { failed, err = m.spoil(ctx, at, one.change) })
		if err != nil {
			return false, err
		}
		if len(failed) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// spoiling is a way to spoil an answer, and the assertions that do not hold
// then.
type spoiling struct {
	change fault
	broken []int
}

// spoiled tries all ways to spoil an answer, once.
func (m *measurement) spoiled(ctx context.Context, at place) ([]spoiling, error) {
	if list, known := m.spoilt[at]; known {
		return list, nil
	}
	var kept *httptest.ResponseRecorder
	earlier := 0
	_, err := m.spoil(ctx, place{clause: at.clause, at: at.at}, func(rec *httptest.ResponseRecorder, before []*httptest.ResponseRecorder) {
		kept, earlier = copied(rec), len(before)
	})
	if err != nil || kept == nil {
		return nil, err
	}
	list := []spoiling{}
	for _, change := range faults(kept, earlier) {
		var failed []string
		reached, broken := hook.During(func() { failed, err = m.spoil(ctx, at, change) })
		if err != nil {
			return nil, err
		}
		if len(failed) > 0 {
			list = append(list, spoiling{change, append(broken, m.complaints(reached)...)})
		}
	}
	m.spoilt[at] = list
	return list, nil
}

// place is an answer to a clause.
type place struct {
	clause string
	at     int
	// lasting says that later answers of the kind are spoiled, too.
	lasting bool
}

// spoil runs a clause against a server that spoils one answer.
func (m *measurement) spoil(ctx context.Context, at place, change fault) ([]string, error) {
	own, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	failed, err := mutants.NoticeOf(own, func(next http.Handler) http.Handler {
		return &spoiler{next: next, clause: at.clause, at: at.at, lasting: at.lasting, change: change}
	}, at.clause)
	if own.Err() != nil && ctx.Err() == nil {
		return []string{at.clause}, nil // it does not end
	}
	return failed, err
}

// reaches learns how many answers had come at each assertion of a clause.
func (m *measurement) reaches(ctx context.Context, clause string) (reached []int, failed []string, err error) {
	var server *spoiler
	at := entries{}
	hook.Watch(func(id int, entering bool) {
		list := at[id]
		switch {
		case server == nil:
		case !entering && len(list) > 0 && list[len(list)-1][1] < 0:
			list[len(list)-1][1] = server.requests()
		case entering && len(list) < maxEntries:
			at[id] = append(list, [2]int{server.requests(), -1})
		}
	})
	defer hook.Watch(nil)
	reached, _ = hook.During(func() {
		failed, err = mutants.NoticeOf(ctx, func(next http.Handler) http.Handler {
			server = &spoiler{next: next, clause: clause}
			return server
		}, clause)
	})
	m.entries[clause], m.requests[clause] = at, server.requests()
	return reached, failed, err
}

// maxEntries of an assertion are looked at in one clause.
const maxEntries = 3
