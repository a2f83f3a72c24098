package mutants

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
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

// RealSafe counts the mutants that are noticed by what a run may do to a real
// account which is in use.
func (s *Score) RealSafe() int {
	n := 0
	for _, v := range s.Mutants {
		if len(v.Safe) > 0 {
			n++
		}
	}
	return n
}

// minRealSafe is the least share of mutants, in percent, that a run on a real
// account should notice.
const minRealSafe = 82

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

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
// killed, killers that missed theirs, twins that failed, clauses without a
// mutant, exemptions of clauses that need none and, as only a full score can tell,
// too few mutants that a run on a real account notices.
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
		if !t.Result.Conforms() && len(t.Result.Failed()) == 0 {
			list = append(list, fmt.Sprintf("%s, where %s, was not checked", t.ID, t.Text))
		}
		for _, o := range t.Result.Failed() {
			list = append(list, fmt.Sprintf("%s, where %s, fails:\n%s", t.ID, t.Text, o.Message))
		}
	}
	for _, c := range s.vacuous() {
		list = append(list, fmt.Sprintf("no mutant is noticed by %s: %s", c.ID, c.Text))
	}
	for _, id := range s.staleExemptions() {
		list = append(list, fmt.Sprintf("%s is exempt from having a mutant and has one, or is no clause", id))
	}
	if share := percent(s.RealSafe(), len(s.Mutants)); s.Full && share < minRealSafe {
		list = append(list, fmt.Sprintf("a run on a real account notices only %.1f %% of the mutants, not %d %%", share, minRealSafe))
	}
	return list
}

// staleExemptions are the exempt clauses that have a mutant, or are none.
func (s *Score) staleExemptions() []string {
	by := s.mutantsByClause()
	var list []string
	for _, id := range slices.Sorted(maps.Keys(Exempt)) {
		if _, ok := clause(id); !ok || len(by[id]) > 0 {
			list = append(list, id)
		}
	}
	return list
}

// vacuous are the clauses that could be deleted and no mutant would tell.
func (s *Score) vacuous() []conformance.Clause {
	by := s.mutantsByClause()
	return slices.DeleteFunc(slices.Clone(catalogue()), func(c conformance.Clause) bool {
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
	atLeast := "at least "
	if s.Full {
		atLeast = ""
	}
	return fmt.Sprintf("%d of %d mutants killed, %s%.1f %% by clauses that are safe on a real account, %d of %d twins pass, %d clauses without a mutant, in %s",
		s.Killed(), len(s.Mutants), atLeast, percent(s.RealSafe(), len(s.Mutants)), s.Passed(), len(s.Twins), len(s.vacuous()), s.Took.Round(time.Millisecond))
}

// WriteMatrix writes which clause notices which mutant, as Markdown.
func (s *Score) WriteMatrix(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Which clause notices which mutant\n\n%s.\n\n", s.Summary())
	b.WriteString("## Clauses\n\n| clause | level | mutants it is to notice | others it notices |\n|---|---|---|---|\n")
	for _, c := range s.clauses() {
		ids := strings.Join(c.Mutants, " ")
		if ids == "" && c.Exempt != "" {
			ids = "none: " + c.Exempt
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.ID, c.Level, ids, strings.Join(c.Others, " "))
	}
	b.WriteString("\n## Mutants\n\n| mutant | class | defect | state | by | by others | on a real account by |\n|---|---|---|---|---|---|---|\n")
	for _, v := range s.Mutants {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", v.ID, v.Class, v.Text, v.State(),
			strings.Join(v.Noticed, " "), strings.Join(v.Others, " "), strings.Join(v.Safe, " "))
	}
	b.WriteString("\n## Twins\n\n| twin | difference | passed | failed |\n|---|---|---|---|\n")
	for _, t := range s.Twins {
		fmt.Fprintf(&b, "| %s | %s | %d | %d |\n", t.ID, t.Text, t.Result.Count(conformance.Passed), len(t.Result.Failed()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// clauseRow is what a clause notices.
type clauseRow struct {
	ID     string `json:"id"`
	Level  string `json:"level"`
	Safety string `json:"safety"`
	Exempt string `json:"exempt,omitempty"`
	// Mutants are those it is a killer of, Others those it notices beside.
	Mutants []string `json:"mutants"`
	Others  []string `json:"others"`
}

func (s *Score) clauses() []clauseRow {
	by, beside := s.mutantsByClause(), map[string][]string{}
	for _, v := range s.Mutants {
		for _, id := range v.Others {
			beside[id] = append(beside[id], v.ID)
		}
	}
	var rows []clauseRow
	for _, c := range catalogue() {
		rows = append(rows, clauseRow{c.ID, string(c.Level), string(c.Safety), Exempt[c.ID], list(by[c.ID]), list(beside[c.ID])})
	}
	return rows
}

// list is never null in JSON.
func list(ids []string) []string { return append([]string{}, ids...) }

// WriteJSON writes the score for other programs.
func (s *Score) WriteJSON(w io.Writer) error {
	type mutantRow struct {
		ID      string   `json:"id"`
		Class   string   `json:"class"`
		Text    string   `json:"text"`
		State   string   `json:"state"`
		Killers []string `json:"killers"`
		Noticed []string `json:"noticed"`
		Others  []string `json:"others"`
		Safe    []string `json:"safe"`
	}
	type twinRow struct {
		ID     string `json:"id"`
		Text   string `json:"text"`
		Passed int    `json:"passed"`
		Failed int    `json:"failed"`
	}
	report := struct {
		Summary  string      `json:"summary"`
		Full     bool        `json:"full"`
		Millis   int64       `json:"took_ms"`
		Killed   int         `json:"killed"`
		RealSafe int         `json:"real_safe"`
		Problems []string    `json:"problems"`
		Clauses  []clauseRow `json:"clauses"`
		Mutants  []mutantRow `json:"mutants"`
		Twins    []twinRow   `json:"twins"`
	}{
		Summary: s.Summary(), Full: s.Full, Millis: s.Took.Milliseconds(), Killed: s.Killed(), RealSafe: s.RealSafe(),
		Problems: list(s.Problems()), Clauses: s.clauses(), Mutants: []mutantRow{}, Twins: []twinRow{},
	}
	for _, v := range s.Mutants {
		report.Mutants = append(report.Mutants, mutantRow{v.ID, v.Class, v.Text, v.State(), list(v.Killers), list(v.Noticed), list(v.Others), list(v.Safe)})
	}
	for _, t := range s.Twins {
		report.Twins = append(report.Twins, twinRow{t.ID, t.Text, t.Result.Count(conformance.Passed), len(t.Result.Failed())})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}
