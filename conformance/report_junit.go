package conformance

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

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
	for i, left := range r.Residue {
		all.add("run", junitCase{Name: fmt.Sprintf("residue %d", i+1), Time: "0", Failure: &junitMessage{"left over", left}})
	}
	if r.Stopped != "" {
		all.add("run", junitCase{Name: "the run", Time: "0", Failure: &junitMessage{"stopped", r.Stopped}})
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
	known, _ := standingOf(o.State)
	switch known.junit {
	case junitFailure:
		c.Failure = &junitMessage{string(o.Clause.Level) + " " + o.Clause.ID + " does not hold", o.Message}
	case junitSkip:
		c.Skipped = skipped(o, known)
	case junitPass:
	}
	return c
}

func skipped(o Outcome, s standing) *junitMessage {
	if s.tell {
		return &junitMessage{string(o.State) + ": does not hold", o.Message}
	}
	return &junitMessage{Message: o.Message}
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
