//go:build !race

package mutants_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance/mutants"
)

// TestScore checks that every mutant is killed, every twin passes and every
// clause has a mutant. The race detector would make it a matter of minutes:
// TestKillers is there for it, and `make score` does this without it in CI.
func TestScore(t *testing.T) {
	var progress, matrix bytes.Buffer
	score, err := mutants.Measure(t.Context(), &progress)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range score.Problems() {
		t.Error(p)
	}
	t.Log(score.Summary())
	if err := score.WriteMatrix(&matrix); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| V1L-003 | MUST | M017 M018 M442 M928 |", "| M018 | paging |", "| T02 |", "| STM-006 | MUST | none: "} {
		if !strings.Contains(matrix.String(), want) {
			t.Errorf("the matrix lacks %q", want)
		}
	}
	if n := strings.Count(progress.String(), "\n"); n != len(score.Mutants)+len(score.Twins) {
		t.Errorf("%d lines tell of the progress", n)
	}
}
