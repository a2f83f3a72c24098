package conformance

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:embed report.html.tmpl
var htmlText string

var htmlTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Parse(htmlText))
})

// WriteHTML writes the result as one page that needs nothing else: no other
// file, and no script to be read. The score of the suite is shown when there is
// one. Whatever a server has answered is text on that page, and never markup.
func (r *Result) WriteHTML(w io.Writer, score *KillScore) error {
	p := htmlPage{
		Target: r.Target, Verdict: r.verdict(), Conforms: r.Conforms(), Facts: r.facts(), Problems: r.Problems,
		Matrix: r.matrix(), Gaps: r.Coverage.Gaps(), Score: score, Lists: r.lists(),
	}
	for _, s := range standings {
		p.addState(r, s)
	}
	p.addCoverage(r.Coverage)
	for _, g := range r.groups() {
		p.Groups = append(p.Groups, r.htmlGroup(g))
	}
	p.addSlowest(r)
	p.addSections()
	return htmlTemplate().Execute(w, p)
}

// htmlPage is what the template shows.
type htmlPage struct {
	Target, Verdict, Counts string
	Conforms                bool
	States                  []htmlState
	Facts                   []htmlFact
	Sections                []htmlSection
	Problems                []string
	Told                    []htmlTold
	Matrix                  []htmlRow
	Coverage                []htmlCoverage
	Operations              []htmlOperation
	Gaps                    []Goal
	Exempt                  []htmlExempt
	Slowest                 []htmlOutcome
	Score                   *KillScore
	Lists                   []htmlList
	Groups                  []htmlGroup
}

type htmlState struct {
	Class, Word string
	Count       int
}

type htmlFact struct{ Name, Value string }

type htmlSection struct{ ID, Title string }

type htmlTold struct {
	Class, Title string
	Outcomes     []htmlOutcome
}

type htmlOutcome struct {
	Clause
	Class, Symbol, Anchor, Message, Seconds, Asked string
	State                                          State
	Tell                                           bool
	Recorded                                       []string
}

type htmlRow struct {
	Operation string
	Cells     []htmlOutcome
}

type htmlGroup struct {
	Group, Title, Counts string
	Outcomes             []htmlOutcome
}

// htmlList is a table of texts, each about a clause or about none.
type htmlList struct {
	ID, Title string
	Rows      []htmlNote
}

type htmlNote struct{ Clause, Text string }

func htmlOf(o Outcome) htmlOutcome {
	s, _ := standingOf(o.State)
	h := htmlOutcome{
		Clause: o.Clause, Class: s.class(), Symbol: s.symbol, Anchor: o.Clause.ID, Message: o.Message, Seconds: seconds(o.Took),
		Asked: strings.Join(o.Operations, ", "), State: o.State, Tell: s.tell, Recorded: o.Recorded,
	}
	if s.tell {
		h.Anchor = "told-" + h.ID
		h.Message = strings.TrimPrefix(h.Message, o.Clause.head()+"\n")
	}
	return h
}

func htmlAll(list []Outcome) []htmlOutcome {
	shown := make([]htmlOutcome, len(list))
	for i, o := range list {
		shown[i] = htmlOf(o)
	}
	return shown
}

func (p *htmlPage) addState(r *Result, s standing) {
	n := r.Count(s.state)
	p.States = append(p.States, htmlState{s.class(), s.word, n})
	if n == 0 {
		return
	}
	p.Counts += fmt.Sprintf("%d %s; ", n, s.word)
	if s.tell {
		p.Told = append(p.Told, htmlTold{s.class(), s.title, htmlAll(r.in(s.state))})
	}
}

// facts are what the head of the page says about the run.
func (r *Result) facts() []htmlFact {
	list := []htmlFact{
		{"Profile", string(r.Profile)},
		{"Took", seconds(r.Took) + " s"},
		{"Seed", fmt.Sprint(r.Seed)},
		{"Run", r.RunID},
	}
	var features []string
	for _, f := range r.Features {
		text := string(f.Name) + " " + string(f.Value)
		if f.Contradicts() {
			text += " (declared; the target answers as if it were " + string(f.Probed) + ")"
		}
		features = append(features, text)
	}
	if len(features) > 0 {
		list = append(list, htmlFact{"Features", strings.Join(features, ", ")})
	}
	return slices.DeleteFunc(list, func(f htmlFact) bool { return f.Value == "" })
}

// matrix has a row for each operation, with the clauses that have asked it.
// Clauses that were not run have asked nothing, and come last.
func (r *Result) matrix() []htmlRow {
	var rows []htmlRow
	at := map[string]int{}
	row := func(name string) *htmlRow {
		if _, ok := at[name]; !ok {
			at[name] = len(rows)
			rows = append(rows, htmlRow{Operation: name})
		}
		return &rows[at[name]]
	}
	for _, g := range r.Coverage {
		if g.Kind == GoalOperation {
			row(g.Operation)
		}
	}
	for _, o := range r.Outcomes {
		asked := o.Operations
		if len(asked) == 0 {
			asked = []string{"no operation"}
		}
		for _, operation := range asked {
			cells := row(operation)
			cells.Cells = append(cells.Cells, htmlOf(o))
		}
	}
	return rows
}

func (r *Result) htmlGroup(g groupCount) htmlGroup {
	shown := htmlGroup{Group: g.Group, Title: g.Title}
	var counts []string
	for _, s := range standings {
		if n := g.Counts[s.state]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, s.word))
		}
	}
	shown.Counts = strings.Join(counts, ", ")
	for _, o := range r.Outcomes {
		if o.Clause.Group == g.Group {
			shown.Outcomes = append(shown.Outcomes, htmlOf(o))
		}
	}
	return shown
}

// lists are what the page tells beside the clauses, each with a table.
func (r *Result) lists() []htmlList {
	recorded := htmlList{ID: "recorded", Title: "Recorded answers"}
	for _, o := range r.Outcomes {
		for _, text := range o.Recorded {
			recorded.Rows = append(recorded.Rows, htmlNote{o.Clause.ID, text})
		}
	}
	notRun := htmlList{ID: "notrun", Title: "Not run, and why"}
	for _, o := range r.in(NotRun) {
		notRun.Rows = append(notRun.Rows, htmlNote{o.Clause.ID, o.Message})
	}
	return slices.DeleteFunc([]htmlList{recorded, notRun}, func(l htmlList) bool { return len(l.Rows) == 0 })
}

const maxSlowest = 10

func (p *htmlPage) addSlowest(r *Result) {
	list := slices.DeleteFunc(slices.Clone(r.Outcomes), func(o Outcome) bool { return o.State == NotRun })
	slices.SortStableFunc(list, func(a, b Outcome) int { return cmp.Compare(b.Took, a.Took) })
	p.Slowest = htmlAll(list[:min(len(list), maxSlowest)])
}

// addSections lists what there is on the page.
func (p *htmlPage) addSections() {
	add := func(there bool, id, title string) {
		if there {
			p.Sections = append(p.Sections, htmlSection{id, title})
		}
	}
	add(len(p.Problems) > 0, "problems", "Outside of any clause")
	for _, t := range p.Told {
		add(true, t.Class, t.Title)
	}
	add(true, "matrix", "Operations and clauses")
	add(len(p.Coverage) > 0, "coverage", "Coverage")
	add(len(p.Slowest) > 0, "slowest", "Slowest clauses")
	add(p.Score != nil, "score", "Kill score")
	for _, l := range p.Lists {
		add(true, l.ID, l.Title)
	}
	add(true, "clauses", "All clauses")
}
