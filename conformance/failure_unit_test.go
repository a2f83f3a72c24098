package conformance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"
)

func TestMismatch(t *testing.T) {
	said := func(assert func(g gomega.Gomega)) string {
		text := ""
		assert(gomega.NewGomega(func(message string, _ ...int) { text = message }))
		return text
	}
	for name, c := range map[string]struct {
		message string
		want    []string
	}{
		"plain":  {"it should be so", []string{"wrong:   it should be so"}},
		"lines":  {"one\n\ntwo", []string{"wrong:   one", "         two"}},
		"panics": {"panicked: x\n         file.go:1", []string{"wrong:   panicked: x", "         file.go:1"}},
		"equal": {
			said(func(g gomega.Gomega) { g.Expect(1).To(gomega.Equal(2), "the %s", "count") }),
			[]string{"wrong:   the count", "  got:   <int>: 1", "  want:  to equal <int>: 2"},
		},
		"JSON": {
			said(func(g gomega.Gomega) { g.Expect(`{"a":{"b":1}}`).To(gomega.MatchJSON(`{"a":{"b":2}}`), "it") }),
			[]string{"wrong:   it", `  got:   <string>: { "a": { "b": 1 } }`, `  want:  to match JSON of <string>: { "a": { "b": 2 } }`, `         first mismatched key: "a"."b"`},
		},
		"long": {
			said(func(g gomega.Gomega) {
				g.Expect(strings.Split(strings.Repeat("x ", 3000), " ")).To(gomega.HaveLen(1), "it")
			}),
			[]string{"wrong:   it", "", "  want:  to have length 1"},
		},
		"elements": {
			said(func(g gomega.Gomega) { g.Expect([]string{"a"}).To(gomega.ConsistOf("b"), "it") }),
			[]string{
				"wrong:   it", `  got:   <[]string | len:1, cap:1>: ["a"]`, `  want:  to consist of <[]string | len:1, cap:1>: ["b"]`,
				`         the missing elements were <[]string | len:1, cap:1>: ["b"]`, `         the extra elements were <[]string | len:1, cap:1>: ["a"]`,
			},
		},
	} {
		got := mismatch(c.message)
		if name == "long" && len(got) == 3 {
			got[1] = ""
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestFailuresAreShort(t *testing.T) {
	if n := len(wrongLines(strings.Repeat("line\n", 100))); n != maxWrong {
		t.Errorf("a long message has %d lines", n)
	}
	many := wrongLines(strings.Repeat("it is wrong"+between, 50) + "it is wrong")
	if len(many) != maxWrong || many[maxWrong-1] != "         ... and 38 more lines" {
		t.Errorf("many mismatches have %d lines, the last is %q", len(many), many[len(many)-1])
	}
	one := "A-1 MUST\nwrong:   it is so\ncase:    row"
	text := summed(slices.Repeat([]string{one}, 9))
	if want := one + strings.Repeat("\nalso:    row: it is so", 5) + "\nalso:    3 more cases"; text != want {
		t.Errorf("nine cases are\n%s", text)
	}
}

// TestAll checks that a check tells everything that does not hold.
func TestAll(t *testing.T) {
	told := ""
	own := &spec{Gomega: gomega.NewGomega(func(message string, _ ...int) { told = message })}
	own.all(func(t *spec) {
		t.Expect(1).To(gomega.Equal(1), "fine")
		t.Expect(1).To(gomega.Equal(2), "first")
		t.all(func(t *spec) { t.demand(false, "%s", "second") })
		t.none([]string{"third", "fourth"})
	})
	got := strings.Join(wrongLines(told), "|")
	if want := "wrong:   first|  got:   <int>: 1|  want:  to equal <int>: 2|wrong:   second|wrong:   third|wrong:   fourth"; got != want {
		t.Errorf("it tells %s, want %s", got, want)
	}
	told = ""
	own.all(func(t *spec) { t.Expect(1).To(gomega.Equal(1), "fine") })
	if told != "" {
		t.Errorf("it tells %q when all holds", told)
	}
}

// TestDuration checks that a time survives being written as seconds.
func TestDuration(t *testing.T) {
	for n := time.Duration(1); n < time.Hour; n = n*3 + 1 {
		if got := duration(n.Seconds()); got != n {
			t.Errorf("%d comes back as %d", n, got)
		}
	}
}
