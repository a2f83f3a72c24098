package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/internal/assertcut/hook"
	"github.com/cfimages/cfimages/conformance/mutants"
)

// site is an assertion, as assertcut lists them.
type site struct {
	ID   int    `json:"id"`
	File string `json:"file"`
	Line int    `json:"line"`
	Func string `json:"func"`
	Text string `json:"text"`
	// Complaint says that reaching it is what an assertion's failure is
	// elsewhere.
	Complaint bool `json:"complaint"`
}

type measurement struct {
	out    io.Writer
	resume string
	only   string
	sample int
	seed   uint64
	sites  []site
	keys   []string
	found  map[string]finding
	// clauses are those that reach an assertion on a server that is right.
	clauses map[int][]string
	// failing are the mutants on which an assertion does not hold.
	failing map[int][]mutants.Mutant
	// noticed are the clauses that notice a mutant.
	noticed map[string][]string
	// entries and requests describe the clauses on a server that is right.
	entries  map[string]entries
	requests map[string]int
	spoilt   map[place][]spoiling
}

// patience is the most a run may take. A clause whose loop was ended by the
// assertion does not end.
const patience = 20 * time.Second

// observe learns where each assertion is reached and where it does not hold.
func (m *measurement) observe(ctx context.Context) error {
	m.clauses, m.failing, m.noticed = map[int][]string{}, map[int][]mutants.Mutant{}, map[string][]string{}
	m.entries, m.requests, m.spoilt = map[string]entries{}, map[string]int{}, map[place][]spoiling{}
	m.name()
	for _, c := range conformance.Clauses() {
		reached, failed, err := m.reaches(ctx, c.ID)
		if err != nil {
			return fmt.Errorf("%s: %w", c.ID, err)
		}
		if len(failed) > 0 {
			return fmt.Errorf("%s fails on a server that is right", c.ID)
		}
		if len(m.clauses)+len(reached) == 0 {
			return errors.New("no assertion was reached: the suite is not the copy that assertcut makes")
		}
		for _, id := range reached {
			m.clauses[id] = append(m.clauses[id], c.ID)
		}
	}
	for _, mutant := range mutants.All() {
		reached, broken, failed, err := during(ctx, mutant.ID, mutant.Killers...)
		if err != nil {
			return fmt.Errorf("%s: %w", mutant.ID, err)
		}
		if len(failed) == 0 {
			return fmt.Errorf("%s is noticed by nothing, so the score comes first", mutant.ID)
		}
		m.noticed[mutant.ID] = failed
		for _, id := range append(broken, m.complaints(reached)...) {
			m.failing[id] = append(m.failing[id], mutant)
		}
	}
	return nil
}

// name gives every assertion a name that lasts longer than its number.
func (m *measurement) name() {
	times := map[string]int{}
	for _, s := range m.sites {
		key := s.File + " " + s.Func + " " + s.Text
		times[key]++
		m.keys = append(m.keys, fmt.Sprintf("%s #%d", key, times[key]))
	}
}

// complaints picks those that complain where they are reached.
func (m *measurement) complaints(reached []int) []int {
	return slices.DeleteFunc(reached, func(id int) bool { return !m.sites[id].Complaint })
}

func during(ctx context.Context, mutant string, clauses ...string) (reached, broken []int, failed []string, err error) {
	reached, broken = hook.During(func() { failed, err = mutants.Notice(ctx, mutant, clauses...) })
	return reached, broken, failed, err
}

// try takes out the assertions that nothing is known of.
func (m *measurement) try(ctx context.Context) error {
	for _, s := range m.chosen() {
		if _, known := m.found[m.keys[s.ID]]; known {
			continue
		}
		by, err := m.missed(ctx, s)
		if err != nil {
			return err
		}
		if err := m.keep(finding{m.keys[s.ID], by != "", by}); err != nil {
			return err
		}
	}
	return nil
}

// chosen is the sample, in the order of the suite.
func (m *measurement) chosen() []site {
	list := slices.DeleteFunc(slices.Clone(m.sites), func(s site) bool { return !strings.Contains(m.keys[s.ID], m.only) })
	if m.sample <= 0 || m.sample >= len(list) {
		return list
	}
	rand.New(rand.NewPCG(m.seed, 0)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	list = list[:m.sample]
	slices.SortFunc(list, func(a, b site) int { return a.ID - b.ID })
	return list
}

// missed says who tells that an assertion is not there: a mutant that is noticed
// by fewer of the clauses which are there to notice it, a clause that fails on a
// server that is right, or one that does not notice a single wrong answer any
// more.
func (m *measurement) missed(ctx context.Context, s site) (by string, err error) {
	for _, mutant := range m.failing[s.ID] {
		failed, err := m.without(ctx, s, mutant.ID, mutant.Killers)
		if err != nil {
			return "", err
		}
		for _, id := range m.noticed[mutant.ID] {
			if !slices.Contains(failed, id) {
				return mutant.ID + " " + id, nil
			}
		}
	}
	clauses := m.clauses[s.ID]
	failed, err := m.without(ctx, s, "", clauses[:min(len(clauses), maxClauses)])
	if err != nil {
		return "", err
	}
	if len(failed) > 0 {
		return failed[0] + " on a right server", nil
	}
	return m.missedByAnswer(ctx, s)
}

// maxClauses are enough to tell whether a right server fails.
const maxClauses = 10

// without runs clauses while an assertion is taken out. A run that does not end
// notices nothing.
func (m *measurement) without(ctx context.Context, s site, mutant string, clauses []string) (failed []string, err error) {
	if len(clauses) == 0 {
		return nil, nil
	}
	own, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	hook.Without(s.ID, func() { failed, err = mutants.Notice(own, mutant, clauses...) })
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, nil
	}
	return failed, err
}

// report says which assertions nobody misses, and returns the share of the
// others in percent.
func (m *measurement) report(w io.Writer) float64 {
	tried, missed, unreached, byMutant := 0, 0, 0, 0
	for _, s := range m.chosen() {
		f, known := m.found[m.keys[s.ID]]
		if !known {
			continue
		}
		tried++
		if f.Missed {
			missed++
			if strings.HasPrefix(f.By, "M") {
				byMutant++
			}
			continue
		}
		why := "no mutant fails it"
		switch {
		case len(m.clauses[s.ID]) == 0 && len(m.failing[s.ID]) == 0:
			why, unreached = "never reached", unreached+1
		case len(m.failing[s.ID]) > 0:
			why = "others fail, too, on " + m.failing[s.ID][0].ID
		}
		fmt.Fprintf(w, "conformance/%s:%d: %s: %s: %s\n", s.File, s.Line, s.Func, why, clip(s.Text))
	}
	share := 100 * float64(missed) / float64(max(tried, 1))
	fmt.Fprintf(w, "%d of %d assertions tried, %d missed when taken out (%.1f %%): %d by a mutant, %d by a clause that a wrong answer passes then; %d never reached\n",
		tried, len(m.sites), missed, share, byMutant, missed-byMutant, unreached)
	return share
}

func clip(text string) string {
	const most = 160
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}
