package conformance

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestShorten checks that the shortest sequence is found for what goes wrong
// when some steps come in some order.
func TestShorten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needed := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 4).Draw(t, "needed")
		list := steps(rapid.Int64().Draw(t, "seed"), 20)
		at := -1
		for _, op := range needed {
			at = rapid.IntRange(at+1, len(list)).Draw(t, "at")
			list = slices.Insert(list, at, step{op: op})
		}
		replays := 0
		replay := func(list []step) *misstep {
			replays++
			left := needed
			for i, s := range list {
				if s.op == left[0] {
					left = left[1:]
				}
				if len(left) == 0 {
					return &misstep{at: i, told: make([]string, i+1)}
				}
			}
			return nil
		}
		short := shorten(list, *replay(list), replay)
		if len(short.told) != len(needed) || replays > maxReplays+1 {
			t.Errorf("%d steps are left of %v after %d replays", len(short.told), needed, replays)
		}
	})
}

// TestShortenGivesUp checks that a fault which comes and goes is still told.
func TestShortenGivesUp(t *testing.T) {
	list, replays := steps(1, 80), 0
	short := shorten(list, misstep{at: 79, message: "wrong"}, func([]step) *misstep {
		replays++
		return nil
	})
	if short.message != "wrong" || short.at != 79 || replays != maxReplays {
		t.Errorf("%+v is left after %d replays", short, replays)
	}
}

func TestMisstepExplains(t *testing.T) {
	told := strings.Fields("a b c d e f g h i j k l")
	text := misstep{told: told, message: "the count is wrong"}.explain(7, 80)
	for _, want := range []string{"12 of the 80 steps of seed 7", "(6 before these)", "\n  7. g\n", "\n  12. l\n" + between + "the count is wrong"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing from\n%s", want, text)
		}
	}
	if strings.Contains(text, "1. a") || strings.Count(text, "\n") >= maxWrong {
		t.Errorf("the text is too long:\n%s", text)
	}
}

// TestSteps checks that every kind of step is drawn.
func TestSteps(t *testing.T) {
	kinds := map[int]bool{}
	for _, s := range steps(3, 300) {
		kinds[s.op] = true
	}
	if len(kinds) != stepKinds {
		t.Errorf("%d kinds of steps are drawn, not %d", len(kinds), stepKinds)
	}
}
