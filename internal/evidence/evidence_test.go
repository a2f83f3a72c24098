package evidence

import (
	"bytes"
	"os"
	"testing"
)

// TestUpToDate fails when the rules changed and "make gen" did not run.
func TestUpToDate(t *testing.T) {
	t.Parallel()
	want, err := Collect("../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../admin/coverage.json")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("coverage.json is not up to date (%v); run make gen", err)
	}
}

func TestRulesOf(t *testing.T) {
	t.Parallel()
	for comment, want := range map[string]Rule{
		"It is so. [documented]":                              {Evidence: "documented", Text: "It is so."},
		"[observed] An id\nthat is taken stays.":              {Evidence: "observed", Text: "An id that is taken stays."},
		"That they count is [assumed].":                       {Evidence: "assumed", Text: "That they count is."},
		"[sdk]":                                               {Evidence: "sdk", Text: "return x"},
		"Nothing of the API. [documented] As V1G-001 checks.": {Evidence: "documented", Text: "As V1G-001 checks.", Clauses: []string{"V1G-001"}},
	} {
		got := rulesOf(comment, "return x")
		if len(got) != 1 || got[0].Evidence != want.Evidence || got[0].Text != want.Text || len(got[0].Clauses) != len(want.Clauses) {
			t.Errorf("%q: %+v, want %+v", comment, got, want)
		}
	}
}
