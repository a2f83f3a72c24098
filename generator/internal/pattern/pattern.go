// Package pattern compiles the regular expressions of a specification, so that
// programs which match them need no package regexp.
package pattern

import (
	"fmt"
	"hash/fnv"
	"regexp/syntax"
	"unicode"
	"unicode/utf8"

	"github.com/cfimages/cfimages/generator/internal/ir"
)

// MaxSteps is how many steps a pattern may have; it is contract.MaxSteps.
const MaxSteps = 256

// Compile compiles an expression in the syntax of package regexp. Word
// boundaries, and ^ and $ within a text of several lines, are not supported.
func Compile(text string) (ir.Pattern, error) {
	expr, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return ir.Pattern{}, fmt.Errorf("is not a regular expression: %w", err)
	}
	prog, err := syntax.Compile(expr.Simplify())
	if err != nil {
		return ir.Pattern{}, fmt.Errorf("is not a regular expression: %w", err)
	}
	c := compiler{prog: prog, numbers: map[uint32]int{}}
	c.number(uint32(prog.Start))
	switch {
	case c.err != nil:
		return ir.Pattern{}, c.err
	case len(c.steps) > MaxSteps:
		return ir.Pattern{}, fmt.Errorf("has %d steps, more than %d: repeat less often", len(c.steps), MaxSteps)
	}
	return ir.Pattern{Var: variable(text), Text: text, Steps: c.steps}, nil
}

// variable names a pattern by its text: another pattern in the specification
// renames no other.
func variable(text string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return fmt.Sprintf("pattern%08x", h.Sum32())
}

// compiler numbers the instructions that do something, from the first one on.
type compiler struct {
	prog    *syntax.Prog
	numbers map[uint32]int
	steps   []ir.Step
	err     error
}

// number returns the step that an instruction becomes.
func (c *compiler) number(pc uint32) int {
	in := c.prog.Inst[pc]
	for in.Op == syntax.InstNop || in.Op == syntax.InstCapture {
		pc = in.Out
		in = c.prog.Inst[pc]
	}
	if n, known := c.numbers[pc]; known {
		return n
	}
	n := len(c.steps)
	c.numbers[pc] = n
	c.steps = append(c.steps, ir.Step{})
	c.steps[n] = c.step(in)
	return n
}

func (c *compiler) step(in syntax.Inst) ir.Step {
	switch in.Op {
	case syntax.InstMatch:
		return ir.Step{Kind: "Accept"}
	case syntax.InstAlt, syntax.InstAltMatch:
		next := c.number(in.Out)
		return ir.Step{Kind: "Either", Next: next, Or: c.number(in.Arg)}
	case syntax.InstFail:
		return ir.Step{Kind: "Rune"} // there is none that it takes
	case syntax.InstEmptyWidth:
		return c.empty(in)
	default:
		return ir.Step{Kind: "Rune", Runes: runes(in), Next: c.number(in.Out)}
	}
}

func (c *compiler) empty(in syntax.Inst) ir.Step {
	switch syntax.EmptyOp(in.Arg) {
	case syntax.EmptyBeginText:
		return ir.Step{Kind: "Begin", Next: c.number(in.Out)}
	case syntax.EmptyEndText:
		return ir.Step{Kind: "End", Next: c.number(in.Out)}
	default:
		c.err = fmt.Errorf(`has \b, \B or (?m), which is not supported`)
		return ir.Step{}
	}
}

// runes spells the ranges that an instruction takes.
func runes(in syntax.Inst) string {
	switch {
	case in.Op == syntax.InstRuneAny:
		return ranges([]rune{0, unicode.MaxRune})
	case in.Op == syntax.InstRuneAnyNotNL:
		return ranges([]rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune})
	case len(in.Rune) == 1: // in any case, if it is folded
		list := []rune{in.Rune[0], in.Rune[0]}
		if syntax.Flags(in.Arg)&syntax.FoldCase == 0 {
			return ranges(list)
		}
		for r := unicode.SimpleFold(in.Rune[0]); r != in.Rune[0]; r = unicode.SimpleFold(r) {
			list = append(list, r, r)
		}
		return ranges(list)
	default:
		return ranges(in.Rune)
	}
}

// The halves of surrogate pairs are no runes, and no text has them.
const firstSurrogate, lastSurrogate = 0xD800, 0xDFFF

func ranges(list []rune) string {
	var out []rune
	for i := 0; i < len(list); i += 2 {
		first, last := list[i], list[i+1]
		if !utf8.ValidRune(first) {
			first = lastSurrogate + 1
		}
		if !utf8.ValidRune(last) {
			last = firstSurrogate - 1
		}
		if first <= last {
			out = append(out, first, last)
		}
	}
	return string(out)
}
