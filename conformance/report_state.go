package conformance

// standing says how reports show a state. Everything that reports do for each
// state they do over the table of standings.
type standing struct {
	state State
	// word follows a number of clauses.
	word string
	// title heads the clauses of the state.
	title string
	// tell says that their messages are failures, to be shown as such.
	tell bool
	// junit is what JUnit's XML knows: a success, a failure or a skip.
	junit junitKind
	// symbol stands for the state where there is room for no word.
	symbol string
}

type junitKind int

const (
	junitPass junitKind = iota
	junitFailure
	junitSkip
)

// standings has a row for each state, the worst first.
var standings = []standing{
	{Failed, "failed", "What does not hold", true, junitFailure, "✗"},
	{Drifted, "drifted", "Drift", true, junitSkip, "≠"},
	{Warned, "warned of", "Warnings", true, junitSkip, "!"},
	{Known, "known to fail", "Known failures", true, junitSkip, "k"},
	{Passed, "passed", "Passed", false, junitPass, "✓"},
	{NotRun, "not run", "Not run", false, junitSkip, "–"},
}

func standingOf(s State) (standing, bool) {
	for _, known := range standings {
		if known.state == s {
			return known, true
		}
	}
	return standing{}, false
}

// class is the state as a word for a style sheet.
func (s standing) class() string {
	if s.state == NotRun {
		return "notrun"
	}
	return string(s.state)
}

// in returns the outcomes of a state.
func (r *Result) in(s State) []Outcome {
	var list []Outcome
	for _, o := range r.Outcomes {
		if o.State == s {
			list = append(list, o)
		}
	}
	return list
}

// verdict is the result in two or three words.
func (r *Result) verdict() string {
	if r.Conforms() {
		return "conforms"
	}
	return "does not conform"
}

// groupCount counts the clauses of a group by their states.
type groupCount struct {
	Group, Title string
	Counts       map[State]int
}

// groups counts the clauses by group, in the order of the catalogue.
func (r *Result) groups() []groupCount {
	var list []groupCount
	for _, o := range r.Outcomes {
		if n := len(list); n == 0 || list[n-1].Group != o.Clause.Group {
			list = append(list, groupCount{o.Clause.Group, o.Clause.Title, map[State]int{}})
		}
		list[len(list)-1].Counts[o.State]++
	}
	return list
}
