package mutants_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
	"github.com/cfimages/cfimages/gen/mock"
)

// TestScore checks that every mutant is killed, every twin passes and every
// clause has a mutant.
func TestScore(t *testing.T) {
	var progress, matrix bytes.Buffer
	score, err := mutants.Measure(t.Context(), &progress)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range score.Problems() {
		t.Error(p)
	}
	t.Log(score.Summary())
	if err := score.WriteMatrix(&matrix); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| V1L-003 | MUST | M017 M018 |", "| M018 | paging |", "| T02 |", "| STM-006 | MUST | none: "} {
		if !strings.Contains(matrix.String(), want) {
			t.Errorf("the matrix lacks %q", want)
		}
	}
	if n := strings.Count(progress.String(), "\n"); n != len(score.Mutants)+len(score.Twins) {
		t.Errorf("%d lines tell of the progress", n)
	}
}

// TestProblems checks what keeps a score from being full.
func TestProblems(t *testing.T) {
	m := mutants.Mutant{ID: "M999", Text: "is wrong", Killers: []string{"ENV-001", "ENV-002"}}
	failed := &conformance.Result{Problems: []string{"it failed"}}
	s := mutants.Score{
		Mutants: []mutants.Verdict{
			{Mutant: m, Missed: m.Killers},
			{Mutant: m, Missed: m.Killers, Others: []string{"V1L-001"}},
			{Mutant: m, Noticed: m.Killers[:1], Missed: m.Killers[1:]},
		},
		Twins: []mutants.TwinVerdict{{Twin: mutants.Twin{ID: "T99"}, Result: failed}},
	}
	text := strings.Join(s.Problems(), "\n")
	for _, want := range []string{
		"M999 survived", "M999 killed by other clauses only", "M999 is not noticed by ENV-002", "T99, where", "no mutant is noticed by ENV-002",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the problems lack %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "noticed by ENV-001") || s.Killed() != 1 || s.Passed() != 0 {
		t.Errorf("%d killed, %d passed, and the problems are\n%s", s.Killed(), s.Passed(), text)
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
