package conformance_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
)

func TestComparison(t *testing.T) {
	t.Parallel()
	list := conformance.Clauses()
	outcome := func(i int, s conformance.State, message string) conformance.Outcome {
		return conformance.Outcome{Clause: list[i], State: s, Message: message}
	}
	same := &conformance.Result{Target: "one", RunID: "aaa", Outcomes: []conformance.Outcome{
		outcome(0, conformance.Passed, ""), outcome(1, conformance.Failed, evil), outcome(2, conformance.Passed, ""),
	}}
	other := &conformance.Result{Target: "one", RunID: "bbb", Outcomes: []conformance.Outcome{
		outcome(0, conformance.Passed, ""), outcome(1, conformance.Known, "known"), outcome(3, conformance.NotRun, "needs"),
	}}
	c := conformance.Comparison{same, other, {Target: evil}, same}
	var md, html bytes.Buffer
	if err := c.WriteMarkdown(&md); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteHTML(&html); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| one (run aaa) | does not conform | 1 |", "| one (run aaa) #2 | does not conform | 1 |", "## Clauses that differ", "| ENV-002 MUST | ✗ failed | k known |  | ✗ failed |", "| ENV-004 MUST |  | – not run |  |  |",
	} {
		if !strings.Contains(md.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, md.String())
		}
	}
	for _, want := range []string{"one (run bbb)", "&lt;script&gt;", "✗ failed", "– not run"} {
		if !strings.Contains(html.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"<script", "<img"} {
		if strings.Contains(html.String(), never) {
			t.Errorf("the page has %q", never)
		}
	}
}

// TestComparisonOrder checks that clauses that differ come first.
func TestComparisonOrder(t *testing.T) {
	t.Parallel()
	list := conformance.Clauses()
	a := &conformance.Result{Target: "a", Outcomes: []conformance.Outcome{{Clause: list[0], State: conformance.Passed}, {Clause: list[1], State: conformance.Passed}}}
	b := &conformance.Result{Target: "b", Outcomes: []conformance.Outcome{{Clause: list[0], State: conformance.Passed}, {Clause: list[1], State: conformance.Failed}}}
	var md bytes.Buffer
	if err := (conformance.Comparison{a, b}).WriteMarkdown(&md); err != nil {
		t.Fatal(err)
	}
	first, second := strings.Index(md.String(), list[1].ID), strings.Index(md.String(), list[0].ID)
	if first < 0 || second < first {
		t.Errorf("the clause that differs should come first:\n%s", md.String())
	}
}
