package main

import (
	"os"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
)

func TestUpToDate(t *testing.T) {
	got, err := os.ReadFile("../../CLAUSES.md")
	if err != nil || string(got) != document(conformance.Clauses()) {
		t.Errorf("%s is not up to date (%v); run make gen", file, err)
	}
}

func TestSentence(t *testing.T) {
	c := conformance.Clause{Text: "a | b\nc <d>", Note: "n_1", Since: "2026.4"}
	if got, want := sentence(c), `a \| b c &lt;d><br>Note: n\_1<br>Since 2026.4.<br>Not checked.`; got != want {
		t.Errorf("sentence is %q, want %q", got, want)
	}
	if got := document([]conformance.Clause{{ID: "A-1", Group: "A", Title: "all"}, {ID: "A-2", Group: "A"}}); strings.Count(got, "## A: all") != 1 {
		t.Errorf("the document has no heading, or more than one:\n%s", got)
	}
}
