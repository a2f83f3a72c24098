package contract

import (
	"math/bits"
	"unicode/utf8"
)

// Pattern is an RE2 expression that a text must match. The generator compiles
// it, so that a program which checks texts holds no compiler of expressions.
type Pattern struct {
	// Text is the expression as the specification has it.
	Text string
	// Steps are a machine that accepts what the expression matches, beginning
	// with the first one. There are at most [MaxSteps].
	Steps []Step
}

// MaxSteps is how many steps a [Pattern] may have.
const MaxSteps = 256

// Step is a place in a [Pattern], and what is done there.
type Step struct {
	Kind StepKind
	// Runes are what a StepRune takes: the first and the last rune of each range.
	Runes string
	// Next is the step that follows, Or the other one that follows a StepEither.
	Next, Or int
}

// StepKind says what is done at a [Step].
type StepKind uint8

// The kinds of steps.
const (
	StepAccept StepKind = iota // the text matches
	StepRune                   // a rune is taken
	StepEither                 // it goes on at two steps
	StepBegin                  // it goes on at the beginning of the text only
	StepEnd                    // it goes on at the end of the text only
)

// Match reports whether a part of the text matches. It takes time in proportion
// to the text, and no memory.
func (p *Pattern) Match(text string) bool {
	var now places
	matched := p.reach(&now, 0, true, text == "")
	anchored := p.Steps[0].Kind == StepBegin
	for at := 0; at < len(text) && !matched; {
		r, n := utf8.DecodeRuneInString(text[at:])
		at += n
		end := at == len(text)
		var next places
		matched = !anchored && p.reach(&next, 0, false, end)
		for i, word := range now {
			for ; word != 0; word &= word - 1 {
				s := &p.Steps[64*i+bits.TrailingZeros64(word)]
				if s.Kind == StepRune && s.takes(r) && p.reach(&next, s.Next, false, end) {
					matched = true
				}
			}
		}
		now = next
	}
	return matched
}

// reach adds the step and those that follow it without a rune. It reports
// whether the text matches there.
func (p *Pattern) reach(to *places, step int, begin, end bool) bool {
	if !to.add(step) {
		return false
	}
	switch s := &p.Steps[step]; {
	case s.Kind == StepEither:
		next := p.reach(to, s.Next, begin, end)
		return p.reach(to, s.Or, begin, end) || next
	case s.Kind == StepBegin && begin, s.Kind == StepEnd && end:
		return p.reach(to, s.Next, begin, end)
	default:
		return s.Kind == StepAccept
	}
}

func (s *Step) takes(r rune) bool {
	for ranges := s.Runes; ranges != ""; {
		first, n := utf8.DecodeRuneInString(ranges)
		last, m := utf8.DecodeRuneInString(ranges[n:])
		if first <= r && r <= last {
			return true
		}
		ranges = ranges[n+m:]
	}
	return false
}

// places are the steps a machine is at.
type places [MaxSteps / 64]uint64

// add adds a step, and reports whether it is new.
func (s *places) add(step int) bool {
	bit := uint64(1) << (step % 64)
	known := s[step/64]&bit != 0
	s[step/64] |= bit
	return !known
}
