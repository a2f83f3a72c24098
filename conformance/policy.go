package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Policy decides what becomes of clauses that do not hold. The zero value fails
// a run for MUST and SHOULD; INFO clauses are only warned of.
type Policy struct {
	// MustOnly warns of SHOULD clauses instead of failing for them.
	MustOnly bool
	// Strict takes away every benefit of the doubt. INFO clauses fail the run,
	// and so do clauses whose feature a probe found lacking without its being
	// declared, answers that had to be asked for again (429, 503), and clauses
	// of the profile that were not run for want of a hook.
	Strict bool
	// Drift tells clauses that are only observed or assumed apart: that they
	// do not hold may be news of the service rather than a defect.
	Drift bool
	// Known are the clauses that are known to fail.
	Known []KnownFailure
}

// KnownFailure is a clause that must fail until it is taken off the list.
type KnownFailure struct {
	// Clause is the id of the clause.
	Clause string `yaml:"clause"`
	// Reason says why it fails. It is required.
	Reason string `yaml:"reason"`
	// Link is where more is told, such as an issue.
	Link string `yaml:"link"`
	// Expires is the last day, in UTC, on which the failure is excused, written
	// as 2026-12-31. Without it the excuse never ends.
	Expires Date `yaml:"expires"`
}

// Date is a day. The zero value is none.
type Date struct{ time.Time }

// UnmarshalYAML reads a day written as 2006-01-02.
func (d *Date) UnmarshalYAML(node *yaml.Node) error {
	day, err := time.Parse(time.DateOnly, node.Value)
	if err != nil {
		return fmt.Errorf("line %d: a date is written as 2026-12-31, not %q", node.Line, node.Value)
	}
	d.Time = day
	return nil
}

func (d Date) over(now time.Time) bool { return !d.IsZero() && !now.Before(d.AddDate(0, 0, 1)) }

// WithPolicy decides what becomes of clauses that do not hold.
func WithPolicy(p Policy) Option { return option(func(r *run) { r.policy = p }) }

// ReadKnownFailures reads a list of known failures: a YAML list of objects with
// the members clause, reason, link and expires.
func ReadKnownFailures(in io.Reader) ([]KnownFailure, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	var list []KnownFailure
	if err := dec.Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("there should be one list, and nothing behind it")
	}
	return list, checkKnown(list)
}

func checkKnown(list []KnownFailure) error {
	seen := map[string]bool{}
	for i, k := range list {
		_, ok := clauseByID(k.Clause)
		switch {
		case k.Clause == "":
			return fmt.Errorf("known failure %d names no clause", i+1)
		case !ok:
			return fmt.Errorf("known failure %d: there is no clause %q", i+1, k.Clause)
		case strings.TrimSpace(k.Reason) == "":
			return fmt.Errorf("known failure %d, %s, has no reason", i+1, k.Clause)
		case seen[k.Clause]:
			return fmt.Errorf("known failure %d: %s is there twice", i+1, k.Clause)
		}
		seen[k.Clause] = true
	}
	return nil
}

func (p *Policy) check() error {
	if p.MustOnly && p.Strict {
		return errors.New("a run cannot be strict and mind MUST clauses only")
	}
	return checkKnown(p.Known)
}

// judge gives a clause that passed or failed its state. Panics of the suite are
// never excused.
func (p *Policy) judge(o Outcome, panicked bool, now time.Time) Outcome {
	if panicked || o.State == NotRun {
		return o
	}
	if i := slices.IndexFunc(p.Known, func(k KnownFailure) bool { return k.Clause == o.Clause.ID }); i >= 0 {
		return p.Known[i].judge(o, now)
	}
	if o.State == Failed {
		o.State = p.degree(o.Clause)
	}
	return o
}

// degree is how much it matters that a clause does not hold.
func (p *Policy) degree(c Clause) State {
	switch {
	case c.Level == Info && !p.Strict, c.Level == Should && p.MustOnly:
		return Warned
	case p.Drift && (c.Evidence == "assumed" || c.Evidence == "observed"):
		return Drifted
	default:
		return Failed
	}
}

func (k KnownFailure) judge(o Outcome, now time.Time) Outcome {
	told := "known to fail: " + k.Reason
	if k.Link != "" {
		told += " (" + k.Link + ")"
	}
	switch {
	case o.State == Passed:
		o.State = Failed
		o.Message = fmt.Sprintf("%s %s\n  %s\n         it holds, and is %s; take it off the list of known failures",
			o.Clause.ID, o.Clause.Level, o.Clause.Text, told)
	case k.Expires.over(now):
		o.Message += fmt.Sprintf("\n         it was %s, until %s", told, k.Expires.Format(time.DateOnly))
	default:
		o.State = Known
		o.Message = told + "\n" + o.Message
	}
	return o
}
