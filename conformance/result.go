package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2/types"
)

// State is what became of a clause.
type State string

// The states of clauses.
const (
	Passed State = "passed"
	Failed State = "failed"
	// Warned clauses do not hold, which the policy does not mind.
	Warned State = "warned"
	// Known clauses do not hold and are on the list of known failures.
	Known State = "known"
	// Drifted clauses do not hold and are observed or assumed only.
	Drifted State = "drift"
	NotRun  State = "not run"
)

// Outcome is what a run found about one clause.
type Outcome struct {
	Clause Clause
	State  State
	// Message is the failure, excused or not, or why the clause was not run.
	Message string
	// Recorded is what the target does where several answers are right.
	Recorded []string
	// Took is the time of all rows of the clause.
	Took time.Duration
	// Operations are the operationIds the clause has asked.
	Operations []string
}

// Result is what a run found.
type Result struct {
	// Target is the name of the target.
	Target string
	// Profile is what the run was allowed.
	Profile Profile
	// Features are what the run knew about each feature.
	Features []FeatureState
	// RunID is part of every name the run gave to something.
	RunID string
	// Seed repeats the run's order.
	Seed int64
	// Took is the time of the whole run.
	Took time.Duration
	// Outcomes has an entry for every clause of the catalogue, in its order.
	Outcomes []Outcome
	// Problems are failures that belong to no clause.
	Problems []string
	// Coverage is what the run has touched of the API.
	Coverage Coverage
	// Residue is what the run may have made and could not prove gone.
	Residue []string
	// Stopped is why the run ended before all clauses were checked, empty if it
	// did not.
	Stopped string
	// Cost is what the run has sent.
	Cost Cost
}

// Count returns how many clauses are in a state.
func (r *Result) Count(s State) int {
	n := 0
	for _, o := range r.Outcomes {
		if o.State == s {
			n++
		}
	}
	return n
}

// Failed returns what does not hold.
func (r *Result) Failed() []Outcome {
	var failed []Outcome
	for _, o := range r.Outcomes {
		if o.State == Failed {
			failed = append(failed, o)
		}
	}
	for _, p := range r.Problems {
		failed = append(failed, Outcome{State: Failed, Message: p})
	}
	return failed
}

// Outcome returns what was found about a clause.
func (r *Result) Outcome(id string) (Outcome, bool) {
	i := slices.IndexFunc(r.Outcomes, func(o Outcome) bool { return o.Clause.ID == id })
	if i < 0 {
		return Outcome{}, false
	}
	return r.Outcomes[i], true
}

// Conforms reports whether something was checked and nothing of it failed or
// has drifted. A run that was stopped has not checked all.
func (r *Result) Conforms() bool { return r.onlyDrift() && r.Count(Drifted) == 0 }

// onlyDrift reports whether something was checked and nothing of it failed.
func (r *Result) onlyDrift() bool {
	return len(r.Failed()) == 0 && r.checked() > 0 && !r.Coverage.Empty() && r.Stopped == ""
}

// checked counts the clauses that say something about the target.
func (r *Result) checked() int { return r.Count(Passed) + r.Count(Drifted) }

// The exit codes of a command that checks a target.
const (
	ExitConforms    = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitUnreachable = 3 // or refuses the token, or the run was stopped by a limit
	ExitResidue     = 4 // all conforms, but something the run made may be left
	// ExitDrift: nothing failed, and clauses that are observed or assumed only
	// do not hold.
	ExitDrift = 5
)

// ExitCode returns the exit code for what [Execute] returned.
func ExitCode(r *Result, err error) int {
	switch {
	case errors.Is(err, ErrUnreachable), errors.Is(err, ErrRefused), errors.Is(err, ErrStopped):
		return ExitUnreachable
	case errors.Is(err, ErrUsage), errors.Is(err, ErrNothingSelected):
		return ExitUsage
	case err == nil && r != nil && r.onlyDrift() && r.Count(Drifted) > 0:
		return ExitDrift
	case err != nil, r == nil, !r.Conforms():
		return ExitFailed
	case len(r.Residue) > 0:
		return ExitResidue
	default:
		return ExitConforms
	}
}

// Summary is the run in one line.
func (r *Result) Summary() string {
	s := fmt.Sprintf("conformance of %s: %d clauses passed, %d failed, ", r.Target, r.Count(Passed), len(r.Failed()))
	for _, state := range []State{Warned, Known, Drifted} {
		if n := r.Count(state); n > 0 {
			s += fmt.Sprintf("%d %s, ", n, state)
		}
	}
	s += fmt.Sprintf("%d not run", r.Count(NotRun))
	if why := r.reasons(); why != "" {
		s += " (" + why + ")"
	}
	return s + fmt.Sprintf(" in %s with %d requests, seed %d", r.Took.Round(time.Millisecond), r.Cost.Requests, r.Seed)
}

// reasons counts the clauses that were not run by their reason.
func (r *Result) reasons() string {
	counts := map[string]int{}
	for _, o := range r.Outcomes {
		if o.State == NotRun {
			counts[o.Message]++
		}
	}
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[why], why))
	}
	return strings.Join(parts, "; ")
}

func (r *Result) write(w io.Writer) {
	for _, o := range r.Failed() {
		fmt.Fprintf(w, "%s\n\n", o.Message)
	}
	for _, s := range standings {
		if !s.tell || s.state == Failed {
			continue
		}
		for _, o := range r.in(s.state) {
			fmt.Fprintf(w, "%s: %s\n\n", o.State, o.Message)
		}
	}
	var b strings.Builder
	writeFeatures(&b, r.Features)
	fmt.Fprint(w, b.String())
	for _, o := range r.Outcomes {
		for _, text := range o.Recorded {
			fmt.Fprintf(w, "recorded %s: %s\n", o.Clause.ID, text)
		}
	}
	fmt.Fprintln(w, r.Coverage.summary())
	for _, left := range r.Residue {
		fmt.Fprintf(w, "left over: %s\n", left)
	}
	if r.Stopped != "" {
		fmt.Fprintf(w, "stopped: %s\n", r.Stopped)
	}
	fmt.Fprintln(w, r.Summary())
}

// collect turns Ginkgo's report into a result.
func (r *run) collect(report types.Report, took time.Duration) *Result {
	result := &Result{
		Target: r.target.Name, Profile: r.target.Profile, Features: r.features, RunID: r.id, Seed: r.seed, Took: took,
	}
	rows := map[string][]types.SpecReport{}
	var sum tally
	for _, s := range report.SpecReports {
		id := labelled(s.LeafNodeLabels, clauseLabel)
		if id != "" {
			rows[id] = append(rows[id], s)
			continue
		}
		sum.add(s.ReportEntries)
		if s.State.Is(types.SpecStateFailureStates) {
			result.Problems = append(result.Problems, "outside of any clause: "+r.failure(s))
		}
	}
	result.Problems = append(result.Problems, report.SpecialSuiteFailureReasons...)
	result.Problems = append(result.Problems, r.wants()...)
	r.settleUp(result, &sum)
	if sum.Answered == 0 && result.Stopped == "" {
		result.Problems = append(result.Problems, "no operation was exercised: nothing that was checked got an answer from the target")
	}
	implemented := implementedClauses()
	for _, c := range catalogue() {
		c.Implemented = implemented[c.ID]
		result.Outcomes = append(result.Outcomes, r.outcome(c, rows[c.ID]))
	}
	result.Coverage = r.coverage(report, result)
	return result
}

// settleUp notes what the processes of the run have left and spent, and why
// they ended early if they did.
func (r *run) settleUp(result *Result, sum *tally) {
	if r.procs > 1 {
		sum.Cost.add(r.gate.spent())
		if sum.Stopped != "" {
			r.gate.stop(stopCause(sum))
		}
	}
	result.Residue, result.Cost = sum.Residue, sum.Cost
	if cause := errors.Join(r.gate.stopped(), r.ctx.Err()); cause != nil {
		result.Stopped = redact(cause.Error(), r.secrets())
	}
}

// processError is why another process ended early.
type processError struct {
	text string
	kind error
}

func (e *processError) Error() string { return e.text }

func (e *processError) Unwrap() error { return e.kind }

func stopCause(t *tally) error {
	if t.Away {
		return &processError{t.Stopped, ErrUnreachable}
	}
	return &processError{t.Stopped, ErrStopped}
}

// outcome sums up the rows of a clause.
func (r *run) outcome(c Clause, rows []types.SpecReport) Outcome {
	o := Outcome{Clause: c, State: NotRun, Message: r.notRun[c.ID]}
	if o.Message == "" {
		o.Message = stopped
	}
	slices.SortStableFunc(rows, func(a, b types.SpecReport) int { return strings.Compare(a.LeafNodeText, b.LeafNodeText) })
	var failures []string
	done := 0
	for _, s := range rows {
		o.Took += s.RunTime
		switch {
		case s.State.Is(types.SpecStateFailureStates):
			failures = append(failures, r.failure(s))
		case s.State.Is(types.SpecStatePassed):
			done++
		case s.State.Is(types.SpecStateSkipped) && s.Failure.Message != "" && r.notRun[c.ID] == "":
			o.Message = redact(s.Failure.Message, r.secrets())
		}
		for _, e := range s.ReportEntries {
			if e.Name == recordEntry {
				o.Recorded = append(o.Recorded, redact(fmt.Sprint(e.GetRawValue()), r.secrets()))
			}
		}
	}
	switch {
	case len(failures) > 0:
		o.State, o.Message = Failed, summed(failures)
	case len(rows) > 0 && done == len(rows):
		o.State, o.Message = Passed, ""
	}
	panicked := slices.ContainsFunc(rows, func(s types.SpecReport) bool { return s.State.Is(types.SpecStatePanicked) })
	return r.policy.judge(o, panicked, time.Now())
}

// add adds what a process told.
func (sum *tally) add(entries types.ReportEntries) {
	for _, e := range entries {
		if e.Name != tallyEntry {
			continue
		}
		var one tally
		if text, err := json.Marshal(e.GetRawValue()); err == nil && json.Unmarshal(text, &one) == nil {
			sum.Answered += one.Answered
			sum.Residue = append(sum.Residue, one.Residue...)
			sum.Cost.add(one.Cost)
			sum.Cost.Images += one.Cost.Images
			if sum.Stopped == "" {
				sum.Stopped, sum.Away = one.Stopped, one.Away
			}
		}
	}
}

// wants tells what a strict run misses.
func (r *run) wants() []string {
	if !r.policy.Strict || len(r.wanting) == 0 {
		return nil
	}
	var list []string
	for _, id := range slices.Sorted(maps.Keys(r.wanting)) {
		list = append(list, id+" "+r.wanting[id])
	}
	return []string{fmt.Sprintf("a strict run checks all of the profile %s, and could not: %s", r.target.Profile, strings.Join(list, "; "))}
}

// failure writes what Ginkgo says about a failed spec.
func (r *run) failure(s types.SpecReport) string {
	text := failureText(s.Failure)
	if id := labelled(s.LeafNodeLabels, clauseLabel); id != "" && !strings.Contains(text, id+" ") {
		c, _ := clauseByID(id)
		text = c.head() + "\n" + strings.Join(wrongLines(text), "\n")
	}
	if row := rowName(s.LeafNodeText); row != "" {
		text += "\n" + caseMark + row
	}
	for _, more := range s.AdditionalFailures {
		text += "\n" + alsoMark + clip(brief(failureText(more.Failure)), maxWidth)
	}
	return redact(text, r.secrets())
}

func failureText(f types.Failure) string {
	text := strings.TrimSpace(f.Message)
	if f.ForwardedPanic != "" {
		text += ": " + f.ForwardedPanic + "\n         " + f.Location.String()
	}
	return text
}

func rowName(text string) string {
	_, row, found := strings.Cut(text, " [")
	if !found {
		return ""
	}
	return strings.TrimSuffix(row, "]")
}
