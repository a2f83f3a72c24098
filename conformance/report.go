package conformance

import (
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// ReportSchema is the JSON Schema of what [Result.WriteJSON] writes.
//
//go:embed report.schema.json
var ReportSchema []byte

type jsonReport struct {
	Version  int           `json:"version"`
	Target   string        `json:"target"`
	Profile  Profile       `json:"profile"`
	RunID    string        `json:"run_id"`
	Seed     int64         `json:"seed"`
	Seconds  float64       `json:"seconds"`
	Conforms bool          `json:"conforms"`
	Passed   int           `json:"passed"`
	Failed   int           `json:"failed"`
	Warned   int           `json:"warned"`
	Known    int           `json:"known"`
	Drift    int           `json:"drift"`
	NotRun   int           `json:"not_run"`
	Problems []string      `json:"problems"`
	Features []jsonFeature `json:"features"`
	Clauses  []jsonOutcome `json:"clauses"`
}

type jsonFeature struct {
	Name     Feature `json:"name"`
	Declared Switch  `json:"declared"`
	Probed   Switch  `json:"probed,omitempty"`
	Value    Switch  `json:"value"`
}

type jsonOutcome struct {
	ID       string   `json:"id"`
	Group    string   `json:"group"`
	Level    Level    `json:"level"`
	Source   Source   `json:"source"`
	Evidence string   `json:"evidence"`
	Safety   Safety   `json:"safety"`
	Since    string   `json:"since,omitempty"`
	Text     string   `json:"text"`
	State    State    `json:"state"`
	Message  string   `json:"message,omitempty"`
	Recorded []string `json:"recorded,omitempty"`
	Seconds  float64  `json:"seconds"`
}

// WriteJSON writes the result as JSON, see [ReportSchema].
func (r *Result) WriteJSON(w io.Writer) error {
	report := jsonReport{
		Version: 2, Target: r.Target, Profile: r.Profile, RunID: r.RunID, Seed: r.Seed, Seconds: r.Took.Seconds(), Conforms: r.Conforms(),
		Passed: r.Count(Passed), Failed: r.Count(Failed), NotRun: r.Count(NotRun),
		Warned: r.Count(Warned), Known: r.Count(Known), Drift: r.Count(Drifted),
		Problems: append([]string{}, r.Problems...), Features: []jsonFeature{}, Clauses: []jsonOutcome{},
	}
	for _, f := range r.Features {
		report.Features = append(report.Features, jsonFeature(f))
	}
	for _, o := range r.Outcomes {
		c := o.Clause
		report.Clauses = append(report.Clauses, jsonOutcome{
			c.ID, c.Group, c.Level, c.Source, c.Evidence, c.Safety, c.Since, c.Text, o.State, o.Message, o.Recorded, o.Took.Seconds(),
		})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(report)
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the result as JUnit's XML: a suite for each group, a case
// for each clause, and one for each failure that belongs to no clause.
func (r *Result) WriteJUnit(w io.Writer) error {
	all := junitSuites{Name: "conformance of " + r.Target, Time: seconds(r.Took)}
	for _, o := range r.Outcomes {
		all.add(o.Clause.Group, junitOf(o))
	}
	for i, p := range r.Problems {
		all.add("run", junitCase{Name: fmt.Sprintf("problem %d", i+1), Time: "0", Failure: &junitMessage{"outside of any clause", p}})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitOf(o Outcome) junitCase {
	c := junitCase{Name: o.Clause.ID + " " + o.Clause.Text, Time: seconds(o.Took), Out: strings.Join(o.Recorded, "\n")}
	switch o.State {
	case Failed:
		c.Failure = &junitMessage{string(o.Clause.Level) + " " + o.Clause.ID + " does not hold", o.Message}
	case NotRun:
		c.Skipped = &junitMessage{Message: o.Message}
	case Warned, Known, Drifted:
		c.Skipped = &junitMessage{string(o.State) + ": does not hold", o.Message}
	case Passed:
	}
	return c
}

// add counts a case. The cases of a group come one after the other.
func (s *junitSuites) add(group string, c junitCase) {
	if n := len(s.Suites); n == 0 || s.Suites[n-1].Name != group {
		s.Suites = append(s.Suites, junitSuite{Name: group})
	}
	suite := &s.Suites[len(s.Suites)-1]
	c.Class = "conformance." + group
	suite.Cases = append(suite.Cases, c)
	suite.Tests, s.Tests = suite.Tests+1, s.Tests+1
	if c.Failure != nil {
		suite.Failures, s.Failures = suite.Failures+1, s.Failures+1
	}
	if c.Skipped != nil {
		suite.Skipped, s.Skipped = suite.Skipped+1, s.Skipped+1
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
