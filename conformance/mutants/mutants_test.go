package mutants_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
	"github.com/cfimages/cfimages/gen/mock"
)

// TestProblems checks what keeps a score from being full.
func TestProblems(t *testing.T) {
	m := mutants.Mutant{ID: "M999", Text: "is wrong", Killers: []string{"ENV-001", "ENV-002"}}
	failed := &conformance.Result{Problems: []string{"it failed"}}
	exempt := mutants.Mutant{ID: "M998", Killers: []string{"STM-006"}}
	s := mutants.Score{
		Full: true,
		Mutants: []mutants.Verdict{
			{Mutant: m, Missed: m.Killers},
			{Mutant: m, Missed: m.Killers, Others: []string{"V1L-001"}},
			{Mutant: m, Noticed: m.Killers[:1], Missed: m.Killers[1:], Safe: m.Killers[:1]},
			{Mutant: exempt, Noticed: exempt.Killers},
		},
		Twins: []mutants.TwinVerdict{{Twin: mutants.Twin{ID: "T99"}, Result: failed}, {Twin: mutants.Twin{ID: "T98"}, Result: &conformance.Result{}}},
	}
	text := strings.Join(s.Problems(), "\n")
	for _, want := range []string{
		"M999 survived", "M999 killed by other clauses only", "M999 is not noticed by ENV-002", "T99, where", "T98, where , was not checked",
		"no mutant is noticed by ENV-002", "STM-006 is exempt", "only 25.0 % of the mutants",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the problems lack %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "noticed by ENV-001") || strings.Contains(text, "noticed by STM-006") || s.Killed() != 2 || s.Passed() != 0 {
		t.Errorf("%d killed, %d passed, and the problems are\n%s", s.Killed(), s.Passed(), text)
	}
}

// TestProblemsOfAWeakSuite runs a mutant against clauses that have nothing to do
// with it, so that each step from the run to the problem is taken.
func TestProblemsOfAWeakSuite(t *testing.T) {
	failed, err := mutants.Notice(t.Context(), "M017", "VRL-001", "V1L-003")
	if err != nil || !slices.Equal(failed, []string{"V1L-003"}) {
		t.Errorf("M017 is noticed by %v, %v", failed, err)
	}
	if failed, err = mutants.Notice(t.Context(), "M017", "VRL-001"); err != nil || len(failed) != 0 {
		t.Errorf("M017 is noticed by %v, %v", failed, err)
	}
	if failed, err = mutants.Notice(t.Context(), "", "V1L-*"); err != nil || len(failed) != 0 {
		t.Errorf("the mock is noticed by %v, %v", failed, err)
	}
	if _, err = mutants.Notice(t.Context(), "M000"); err == nil {
		t.Error("there should be an error for an unknown mutant")
	}
}

// TestWriteJSON checks the score as other programs read it.
func TestWriteJSON(t *testing.T) {
	m := mutants.Mutant{ID: "M999", Class: "paging", Text: "is wrong", Killers: []string{"ENV-001"}}
	s := mutants.Score{Full: true, Mutants: []mutants.Verdict{{Mutant: m, Noticed: m.Killers, Others: []string{"V1L-001"}}}}
	var b bytes.Buffer
	if err := s.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Full     bool
		Killed   int
		Problems []string
		Clauses  []struct {
			ID              string
			Mutants, Others []string
		}
		Mutants []struct {
			ID, State     string
			Noticed, Safe []string
		}
		Twins []any
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !got.Full || got.Killed != 1 || len(got.Problems) < 100 || len(got.Clauses) < 200 || got.Twins == nil {
		t.Errorf("the score is %+v", got)
	}
	if m := got.Mutants[0]; m.State != "killed" || m.Safe == nil || m.Noticed[0] != "ENV-001" {
		t.Errorf("the mutant is %+v", m)
	}
	for _, c := range got.Clauses {
		if c.ID == "V1L-001" && (len(c.Mutants) != 0 || !slices.Equal(c.Others, []string{"M999"})) {
			t.Errorf("the clause is %+v", c)
		}
	}
}

// TestCatalogue checks the names of mutants and twins.
func TestCatalogue(t *testing.T) {
	clauses := map[string]bool{}
	for _, c := range conformance.Clauses() {
		clauses[c.ID] = true
	}
	form, seen := regexp.MustCompile(`^[MT]\d{2,3}[b-z]?$`), map[string]bool{}
	for _, m := range mutants.All() {
		if !form.MatchString(m.ID) || seen[m.ID] || m.Class == "" || m.Text == "" || len(m.Killers) == 0 {
			t.Errorf("%+v should have an id of its own, a class, a text and killers", m)
		}
		seen[m.ID] = true
		for _, id := range m.Killers {
			if !clauses[id] {
				t.Errorf("%s: there is no clause %s", m.ID, id)
			}
		}
	}
	for _, twin := range mutants.Twins() {
		if !form.MatchString(twin.ID) || seen[twin.ID] || twin.Text == "" {
			t.Errorf("%+v should have an id of its own and a text", twin)
		}
		seen[twin.ID] = true
	}
}

func TestWrapUnknown(t *testing.T) {
	if _, err := mutants.Wrap(mock.New().Handler(), "M000"); err == nil {
		t.Error("there should be an error for an unknown mutant")
	}
}
