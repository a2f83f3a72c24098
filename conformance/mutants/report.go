package mutants

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/cfimages/cfimages/conformance"
)

// Killed counts the mutants that one of their killers noticed.
func (s *Score) Killed() int {
	n := 0
	for _, v := range s.Mutants {
		if len(v.Noticed) > 0 {
			n++
		}
	}
	return n
}

// Passed counts the twins that nothing is held against.
func (s *Score) Passed() int {
	n := 0
	for _, t := range s.Twins {
		if t.Result.Conforms() {
			n++
		}
	}
	return n
}

// Problems lists what makes the score less than full: mutants that were not
// killed, killers that missed theirs, twins that failed, and clauses without a
// mutant.
func (s *Score) Problems() []string {
	var list []string
	for _, v := range s.Mutants {
		switch {
		case len(v.Noticed) == 0:
			list = append(list, fmt.Sprintf("%s %s, killers %s: %s", v.ID, v.State(), strings.Join(v.Killers, " "), v.Text))
		case len(v.Missed) > 0:
			list = append(list, fmt.Sprintf("%s is not noticed by %s: %s", v.ID, strings.Join(v.Missed, " "), v.Text))
		}
	}
	for _, t := range s.Twins {
		for _, o := range t.Result.Failed() {
			list = append(list, fmt.Sprintf("%s, where %s, fails:\n%s", t.ID, t.Text, o.Message))
		}
	}
	for _, c := range s.vacuous() {
		list = append(list, fmt.Sprintf("no mutant is noticed by %s: %s", c.ID, c.Text))
	}
	return list
}

// vacuous are the clauses that could be deleted and no mutant would tell.
func (s *Score) vacuous() []conformance.Clause {
	by := s.mutantsByClause()
	return slices.DeleteFunc(conformance.Clauses(), func(c conformance.Clause) bool {
		return c.Level == conformance.Info || len(by[c.ID]) > 0 || Exempt[c.ID] != ""
	})
}

func (s *Score) mutantsByClause() map[string][]string {
	by := map[string][]string{}
	for _, v := range s.Mutants {
		for _, id := range v.Noticed {
			by[id] = append(by[id], v.ID)
		}
	}
	return by
}

// Summary is the score in one line.
func (s *Score) Summary() string {
	return fmt.Sprintf("%d of %d mutants killed, %d of %d twins pass, %d clauses without a mutant, in %s",
		s.Killed(), len(s.Mutants), s.Passed(), len(s.Twins), len(s.vacuous()), s.Took.Round(time.Millisecond))
}

// WriteMatrix writes which clause notices which mutant, as Markdown.
func (s *Score) WriteMatrix(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Which clause notices which mutant\n\n%s.\n\n", s.Summary())
	b.WriteString("## Clauses\n\n| clause | level | mutants it notices |\n|---|---|---|\n")
	by := s.mutantsByClause()
	for _, c := range conformance.Clauses() {
		ids := strings.Join(by[c.ID], " ")
		if why := Exempt[c.ID]; ids == "" && why != "" {
			ids = "none: " + why
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", c.ID, c.Level, ids)
	}
	b.WriteString("\n## Mutants\n\n| mutant | class | defect | state | by |\n|---|---|---|---|---|\n")
	for _, v := range s.Mutants {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", v.ID, v.Class, v.Text, v.State(), strings.Join(append(v.Noticed, v.Others...), " "))
	}
	b.WriteString("\n## Twins\n\n| twin | difference | passed | failed |\n|---|---|---|---|\n")
	for _, t := range s.Twins {
		fmt.Fprintf(&b, "| %s | %s | %d | %d |\n", t.ID, t.Text, t.Result.Count(conformance.Passed), len(t.Result.Failed()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
