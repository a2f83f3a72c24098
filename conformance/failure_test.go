package conformance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
)

// unstable are the parts of a failure that differ from run to run.
var unstable = []struct{ pattern, with string }{
	{`cfc-[a-z0-9]{8}-\d+`, "cfc-RUN-N"},
	{`cfcx[a-z0-9]{8}x\d+(x\d+)?`, "cfcxRUNxN"},
	{`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, "UUID"},
	{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "TIME"},
	{`picture-\d+\.png`, "picture-N.png"},
	{`(check:   conformance/[a-z0-9_]+\.go):\d+`, "$1:LINE"},
	{`content-length: \d+`, "content-length: N"},
	{`, cf-ray: [0-9a-f]{16}-[A-Z]{3}`, ""},
	{`(continuation_token"?[=:]"?)[A-Za-z0-9_%-]+`, "${1}TOKEN"},
	{`first mismatched key: .*`, "first mismatched key: KEY"}, // one of several
	{`[0-9a-f]{32,}`, "HEX"},
}

var cutOff = regexp.MustCompile(`\.\.\.( \(\d+ bytes\))?$`)

func stable(text string) string {
	for _, u := range unstable {
		text = regexp.MustCompile(u.pattern).ReplaceAllString(text, u.with)
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		// Where a line is cut off depends on the length of what was replaced.
		if runes := []rune(l); len(runes) > 120 && cutOff.MatchString(l) {
			lines[i] = string(runes[:120]) + " (and so on)"
		}
	}
	return strings.Join(lines, "\n")
}

// TestFailureTexts compares what failures say, for servers that are wrong.
func TestFailureTexts(t *testing.T) {
	for _, c := range []struct{ mutant, clause string }{
		{"M001", "ENV-001"}, {"M010", "ENV-006"}, {"M017", "V1L-003"}, {"M034", "V1G-002"}, {"M055", "V1C-008"},
		{"M062", "V1C-013"}, {"M070", "V1C-027"}, {"M084", "V1E-002"}, {"M091", "V1E-012"}, {"M099", "V1D-003"},
		{"M106", "BLB-001"}, {"M122", "KYD-002"}, {"M136", "VRC-001"}, {"M144", "VRC-010"}, {"M158", "V2L-004"},
		{"M165", "V2L-006"}, {"M182", "V2L-034"}, {"M197", "V2L-047"}, {"M211", "DUC-004"}, {"M224", "DUU-007"},
		{"M246", "VRL-001"}, {"M303", "ENV-001"},
	} {
		t.Run(c.mutant, func(t *testing.T) {
			clk := &clock{}
			target := everything(clk)
			target.Handler = spoilt(t, mock.New(options(clk)...).Handler(guarded()), c.mutant)
			result, err := conformance.Execute(t.Context(), target, conformance.WithClauses(c.clause), conformance.WithSeed(1))
			if err != nil {
				t.Fatal(err)
			}
			o, _ := result.Outcome(c.clause)
			demandsText(t, o, clauseText(c.clause))
			compare(t, filepath.Join("testdata", "failures", c.mutant+".txt"), stable(o.Message)+"\n")
		})
	}
}

func clauseText(id string) conformance.Clause {
	for _, c := range conformance.Clauses() {
		if c.ID == id {
			return c
		}
	}
	return conformance.Clause{}
}

// demandsText demands of every failure that it is short and has all it should.
func demandsText(t *testing.T, o conformance.Outcome, c conformance.Clause) {
	t.Helper()
	if o.State != conformance.Failed {
		t.Fatalf("%s is %s", c.ID, o.State)
	}
	lines := strings.Split(o.Message, "\n")
	if len(lines) > 30 {
		t.Errorf("the failure has %d lines", len(lines))
	}
	for _, want := range []string{
		c.ID + " " + string(c.Level) + " (" + string(c.Source) + ", " + c.Evidence + ")", "\n  " + c.Text + "\n",
		"\nrequest: curl -sS ", "\nanswer:  ", "\nwrong:   ", "\ncheck:   conformance/",
	} {
		if !strings.Contains(o.Message, want) {
			t.Errorf("the failure lacks %q", want)
		}
	}
	if !regexp.MustCompile(`check:   conformance/[a-z0-9_]+\.go:\d+`).MatchString(o.Message) {
		t.Error("the failure does not tell the line of the check")
	}
	for _, secret := range []string{tokenA, tokenB} {
		if strings.Contains(o.Message, secret) {
			t.Error("the failure shows a token")
		}
	}
	for _, l := range lines {
		if len(l) > 2100 {
			t.Errorf("a line has %d bytes", len(l))
		}
	}
}

// compare compares a text with a golden file, or writes it with -update.
func compare(t *testing.T, name, text string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("%s differs; -update writes it anew\n--- got\n%s--- want\n%s", name, text, want)
	}
}
