package conformance_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
)

// TestShortestSequence checks that a report shows the few steps that matter of
// a random sequence, and the same for the same seed.
func TestShortestSequence(t *testing.T) {
	follow := func(seed int64) string {
		c := &clock{}
		target := everything(c)
		target.Handler = spoilt(t, mock.New(options(c)...).Handler(guarded()), "M234")
		result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("STM-001"), conformance.WithSeed(seed))
		if err != nil {
			t.Fatal(err)
		}
		o, _ := result.Outcome("STM-001")
		return o.Message
	}
	told := regexp.MustCompile(`(?m)^ +\d+\. .*`)
	for seed := range int64(5) {
		first := follow(seed + 1)
		steps := told.FindAllString(first, -1)
		if len(steps) < 2 || len(steps) > 5 || !strings.Contains(steps[len(steps)-1], "delete") {
			t.Errorf("seed %d has %d steps:\n%s", seed+1, len(steps), first)
		}
		second := follow(seed + 1)
		if strings.Join(told.FindAllString(second, -1), "\n") != strings.Join(steps, "\n") {
			t.Errorf("seed %d:\n%s\nand then\n%s", seed+1, first, second)
		}
	}
}
