//go:build race

package mutants_test

import (
	"slices"
	"testing"

	"github.com/cfimages/cfimages/conformance/mutants"
)

// every is the distance of the mutants that TestKillers runs: the race detector
// makes all of them a matter of minutes.
const every = 12

// TestKillers checks, under the race detector, that some of the mutants are
// noticed by each of their killers.
func TestKillers(t *testing.T) {
	for i, m := range mutants.All() {
		if i%every != 0 {
			continue
		}
		noticed, err := mutants.Notice(t.Context(), m.ID, m.Killers...)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range m.Killers {
			if !slices.Contains(noticed, id) {
				t.Errorf("%s is not noticed by %s: %s", m.ID, id, m.Text)
			}
		}
	}
}
