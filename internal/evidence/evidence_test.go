package evidence

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
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

// TestSentences fails for a mark that does not stand in a sentence of its own, of
// which the page would show half.
func TestSentences(t *testing.T) {
	t.Parallel()
	text, err := Collect("../..")
	if err != nil {
		t.Fatal(err)
	}
	var rules []Rule
	if err := json.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	seen, sections := map[[3]string]bool{}, map[string]bool{}
	for _, r := range rules {
		if len(strings.Fields(r.Text)) < 3 || !strings.HasSuffix(r.Text, ".") || strings.ContainsAny(r.Text, "[]{}") {
			t.Errorf("%s, %s: %q is no sentence", r.File, r.In, r.Text)
		}
		key := [3]string{r.File, r.In, r.Text}
		if seen[key] {
			t.Errorf("%s, %s: two marks are in %q", r.File, r.In, r.Text)
		}
		seen[key], sections[r.Section] = true, true
	}
	if len(sections) < 12 {
		t.Errorf("rules are in %d sections only", len(sections))
	}
}

func TestRulesOf(t *testing.T) {
	t.Parallel()
	for comment, want := range map[string][]Rule{
		"It is so. [documented]":                              {{Evidence: "documented", Text: "It is so."}},
		"[observed] An id\nthat is taken stays.":              {{Evidence: "observed", Text: "An id that is taken stays."}},
		"That they count is [assumed].":                       {{Evidence: "assumed", Text: "That they count is."}},
		"Nothing of the API. [documented] As V1G-001 checks.": {{Evidence: "documented", Text: "As V1G-001 checks.", Clauses: []string{"V1G-001"}}},
		"[sdk] Version 1.2 has it. [assumed] All have.":       {{Evidence: "sdk", Text: "Version 1.2 has it."}, {Evidence: "assumed", Text: "All have."}},
		"[nothing] is a mark.":                                nil,
	} {
		if got := rulesOf(comment); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", comment, got, want)
		}
	}
}
