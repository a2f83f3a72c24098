package conformance

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:embed merge.html.tmpl
var mergeText string

var mergeTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("merge").Parse(mergeText))
})

// Comparison is the results of several targets, side by side.
type Comparison []*Result

// comparedRow is a clause with what became of it at each target.
type comparedRow struct {
	Clause Clause
	Cells  []comparedCell
}

// comparedCell is empty when a result knows nothing of the clause.
type comparedCell struct {
	Class, Symbol, Word, Message string
}

// names are the names of the targets; the run is added to one that is there
// twice.
func (c Comparison) names() []string {
	times, runs := map[string]int{}, map[string]int{}
	for _, r := range c {
		times[r.Target]++
	}
	names := make([]string, len(c))
	for i, r := range c {
		names[i] = r.Target
		if times[r.Target] > 1 {
			names[i] += " (run " + r.RunID + ")"
		}
		if runs[names[i]]++; runs[names[i]] > 1 { // the same report once more
			names[i] += fmt.Sprintf(" #%d", runs[names[i]])
		}
	}
	return names
}

// rows has a row for each clause of any of the results: first those that
// differ, then the others.
func (c Comparison) rows() (differ, same []comparedRow) {
	seen := map[string]bool{}
	for _, r := range c {
		for _, o := range r.Outcomes {
			if seen[o.Clause.ID] {
				continue
			}
			seen[o.Clause.ID] = true
			row := comparedRow{o.Clause, c.cells(o.Clause.ID)}
			if row.differs() {
				differ = append(differ, row)
			} else {
				same = append(same, row)
			}
		}
	}
	return differ, same
}

func (c Comparison) cells(id string) []comparedCell {
	cells := make([]comparedCell, len(c))
	for i, r := range c {
		if o, ok := r.Outcome(id); ok {
			s, _ := standingOf(o.State)
			cells[i] = comparedCell{s.class(), s.symbol, string(o.State), o.Message}
		}
	}
	return cells
}

func (r comparedRow) differs() bool {
	return slices.ContainsFunc(r.Cells, func(c comparedCell) bool { return c.Word != r.Cells[0].Word })
}

// WriteMarkdown writes a table with a row for each clause and a column for each
// target.
func (c Comparison) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Conformance side by side\n\n| target | verdict |")
	for _, s := range standings {
		fmt.Fprintf(&b, " %s |", s.word)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---:|", len(standings)) + "\n")
	for i, name := range c.names() {
		fmt.Fprintf(&b, "| %s | %s |", inline(name), c[i].verdict())
		for _, s := range standings {
			fmt.Fprintf(&b, " %d |", c[i].Count(s.state))
		}
		b.WriteString("\n")
	}
	differ, same := c.rows()
	c.writeRows(&b, "Clauses that differ", differ)
	c.writeRows(&b, "Clauses that do not", same)
	_, err := io.WriteString(w, b.String())
	return err
}

func (c Comparison) writeRows(b *strings.Builder, title string, rows []comparedRow) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n| clause |", title)
	for _, name := range c.names() {
		fmt.Fprintf(b, " %s |", inline(name))
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(c)) + "\n")
	for _, row := range rows {
		fmt.Fprintf(b, "| %s %s |", row.Clause.ID, row.Clause.Level)
		for _, cell := range row.Cells {
			fmt.Fprintf(b, " %s |", strings.TrimSpace(cell.Symbol+" "+cell.Word))
		}
		b.WriteString("\n")
	}
}

// comparedTarget is a column of the page.
type comparedTarget struct {
	Name, Verdict string
	Conforms      bool
	States        []htmlState
}

// WriteHTML writes the same as one page that needs nothing else.
func (c Comparison) WriteHTML(w io.Writer) error {
	var page struct {
		Targets      []comparedTarget
		States       []htmlState
		Differ, Same []comparedRow
	}
	for i, name := range c.names() {
		t := comparedTarget{Name: name, Verdict: c[i].verdict(), Conforms: c[i].Conforms()}
		for _, s := range standings {
			t.States = append(t.States, htmlState{s.class(), s.word, c[i].Count(s.state)})
		}
		page.Targets = append(page.Targets, t)
	}
	for _, s := range standings {
		page.States = append(page.States, htmlState{Class: s.class(), Word: s.word})
	}
	page.Differ, page.Same = c.rows()
	return mergeTemplate().Execute(w, page)
}
