package pattern_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/generator/internal/pattern"
	"github.com/cfimages/cfimages/runtime/contract"
)

var kinds = map[string]contract.StepKind{
	"Accept": contract.StepAccept, "Rune": contract.StepRune, "Either": contract.StepEither,
	"Begin": contract.StepBegin, "End": contract.StepEnd,
}

// machine is what the generator would write.
func machine(t *testing.T, text string) (*contract.Pattern, error) {
	t.Helper()
	p, err := pattern.Compile(text)
	out := &contract.Pattern{Text: p.Text}
	for _, s := range p.Steps {
		kind, ok := kinds[s.Kind]
		if !ok {
			t.Fatalf("%q has a step of the kind %q", text, s.Kind)
		}
		out.Steps = append(out.Steps, contract.Step{Kind: kind, Runes: s.Runes, Next: s.Next, Or: s.Or})
	}
	return out, err
}

// FuzzCompile holds the machine against package regexp.
func FuzzCompile(f *testing.F) {
	texts := []string{"", "a", "b\n", "true", "a/b", "/a", "a/", "é\U0001F600", "\uFFFD", "K", "ſ", "abcabc", "0a-9Z_", "\xff",
		"https://x", "HTTP://", "d3b07384-d9a0-4c9b-8f3a-0123456789ab", strings.Repeat("ab", 50)}
	for _, expr := range []string{
		``, `.`, `^true$`, `^[a-zA-Z0-9_-]+$`, `^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`, `^[^/]([\s\S]*[^/])?$`,
		`^[Hh][Tt][Tt][Pp][Ss]?://`, `(?i)k|s`, `(?s).$`, `a*?b|^$`, `(a|ab)(c|bcd)*$`, `\d{2,3}x?`, `[^\x00-\x{10FFFF}]`, `[\x{D000}-\x{DABC}]`,
		`\A(?:a|b)*\z`, `(a*)*`, `x{0}`, `^`, `$`, `é+`,
	} {
		for _, text := range texts {
			f.Add(expr, text)
		}
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		p, err := machine(t, expr)
		re, want := regexp.Compile(expr)
		switch {
		case err == nil && want != nil:
			t.Fatalf("%q compiles, and for regexp: %v", expr, want)
		case err != nil:
			return // refused, or of a kind that is not supported
		case p.Match(text) != re.MatchString(text):
			t.Errorf("%q on %q: %t, and regexp says %t", expr, text, p.Match(text), re.MatchString(text))
		}
	})
}

func TestRefused(t *testing.T) {
	for expr, want := range map[string]string{
		`[`:           "is not a regular expression: error parsing regexp: missing closing ]: `[`",
		`a\b`:         `has \b, \B or (?m), which is not supported`,
		`(?m)^a`:      `has \b, \B or (?m), which is not supported`,
		`a{200}b{99}`: "has 300 steps, more than 256: repeat less often",
	} {
		if _, err := pattern.Compile(expr); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", expr, err, want)
		}
	}
}

func TestSameLimit(t *testing.T) {
	if pattern.MaxSteps != contract.MaxSteps {
		t.Errorf("the generator allows %d steps, the runtime %d", pattern.MaxSteps, contract.MaxSteps)
	}
}

// TestNamesStay checks that the variables of patterns do not depend on others.
func TestNamesStay(t *testing.T) {
	for text, want := range map[string]string{`.`: "pattern2b0c98f1", `^[Hh][Tt][Tt][Pp][Ss]?://`: "patterneba6f5b0"} {
		if p, err := pattern.Compile(text); err != nil || p.Var != want {
			t.Errorf("%s is called %q, %v, want %s", text, p.Var, err, want)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	for name, row := range map[string][2]string{
		"id":   {`^[^/]([\s\S]*[^/])?$`, "folder/of/some/pictures/cat.png"},
		"uuid": {`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`, "d3b07384-d9a0-4c9b-8f3a-0123456789ab"},
		"name": {`^[a-zA-Z0-9]+$`, "thumbnail"},
	} {
		p, err := pattern.Compile(row[0])
		if err != nil {
			b.Fatal(err)
		}
		m := &contract.Pattern{}
		for _, s := range p.Steps {
			m.Steps = append(m.Steps, contract.Step{Kind: kinds[s.Kind], Runes: s.Runes, Next: s.Next, Or: s.Or})
		}
		re := regexp.MustCompile(row[0])
		b.Run(name+"/steps", func(b *testing.B) {
			for b.Loop() {
				m.Match(row[1])
			}
		})
		b.Run(name+"/regexp", func(b *testing.B) {
			for b.Loop() {
				re.MatchString(row[1])
			}
		})
	}
}
