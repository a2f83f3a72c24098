package conformance

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// ReportSchema is the JSON Schema of what [Result.WriteJSON] writes.
//
//go:embed report.schema.json
var ReportSchema []byte

// reportVersion comes with every change that is not an addition.
const reportVersion = 2

type jsonReport struct {
	Version  int           `json:"version"`
	Target   string        `json:"target"`
	Profile  Profile       `json:"profile"`
	RunID    string        `json:"run_id"`
	Seed     int64         `json:"seed"`
	Seconds  float64       `json:"seconds"`
	Conforms bool          `json:"conforms"`
	Passed   int           `json:"passed"`
	Failed   int           `json:"failed"`
	Warned   int           `json:"warned"`
	Known    int           `json:"known"`
	Drift    int           `json:"drift"`
	NotRun   int           `json:"not_run"`
	Problems []string      `json:"problems"`
	Residue  []string      `json:"residue"`
	Stopped  string        `json:"stopped,omitempty"`
	Cost     jsonCost      `json:"cost"`
	Features []jsonFeature `json:"features"`
	Clauses  []jsonOutcome `json:"clauses"`
	Coverage Coverage      `json:"coverage"`
}

type jsonFeature struct {
	Name     Feature `json:"name"`
	Declared Switch  `json:"declared"`
	Probed   Switch  `json:"probed,omitempty"`
	Value    Switch  `json:"value"`
}

type jsonCost struct {
	Requests int64 `json:"requests"`
	Writes   int64 `json:"writes"`
	Images   int64 `json:"images"`
	Bytes    int64 `json:"bytes"`
}

type jsonOutcome struct {
	ID         string   `json:"id"`
	Group      string   `json:"group"`
	Title      string   `json:"title,omitempty"`
	Level      Level    `json:"level"`
	Source     Source   `json:"source"`
	Evidence   string   `json:"evidence"`
	Safety     Safety   `json:"safety"`
	Since      string   `json:"since,omitempty"`
	Text       string   `json:"text"`
	Note       string   `json:"note,omitempty"`
	State      State    `json:"state"`
	Message    string   `json:"message,omitempty"`
	Recorded   []string `json:"recorded,omitempty"`
	Operations []string `json:"operations,omitempty"`
	Seconds    float64  `json:"seconds"`
}

// WriteJSON writes the result as JSON, see [ReportSchema].
func (r *Result) WriteJSON(w io.Writer) error {
	report := jsonReport{
		Version: reportVersion, Target: r.Target, Profile: r.Profile, RunID: r.RunID, Seed: r.Seed, Seconds: r.Took.Seconds(),
		Conforms: r.Conforms(), Passed: r.Count(Passed), Failed: r.Count(Failed), NotRun: r.Count(NotRun),
		Warned: r.Count(Warned), Known: r.Count(Known), Drift: r.Count(Drifted),
		Residue: append([]string{}, r.Residue...), Stopped: r.Stopped, Cost: jsonCost(r.Cost),
		Problems: append([]string{}, r.Problems...), Features: []jsonFeature{}, Clauses: []jsonOutcome{},
		Coverage: append(Coverage{}, r.Coverage...),
	}
	for _, f := range r.Features {
		report.Features = append(report.Features, jsonFeature(f))
	}
	for _, o := range r.Outcomes {
		report.Clauses = append(report.Clauses, toJSON(o))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(report)
}

func toJSON(o Outcome) jsonOutcome {
	c := o.Clause
	return jsonOutcome{
		ID: c.ID, Group: c.Group, Title: c.Title, Level: c.Level, Source: c.Source, Evidence: c.Evidence, Safety: c.Safety,
		Since: c.Since, Text: c.Text, Note: c.Note, State: o.State, Message: o.Message, Recorded: o.Recorded,
		Operations: o.Operations, Seconds: o.Took.Seconds(),
	}
}

func (j jsonOutcome) outcome() Outcome {
	return Outcome{
		Clause: Clause{
			ID: j.ID, Level: j.Level, Source: j.Source, Safety: j.Safety, Since: j.Since, Text: j.Text, Note: j.Note,
			Group: j.Group, Title: j.Title, Evidence: j.Evidence, Implemented: j.Message != notImplemented,
		},
		State: j.State, Message: j.Message, Recorded: j.Recorded, Operations: j.Operations, Took: duration(j.Seconds),
	}
}

func duration(seconds float64) time.Duration {
	return time.Duration(math.Round(seconds * float64(time.Second)))
}

// ReadResult reads what [Result.WriteJSON] wrote. Another version, a field that
// nobody knows and anything behind the report are errors, and so is a state
// that is none.
func ReadResult(in io.Reader) (*Result, error) {
	var j jsonReport
	dec := json.NewDecoder(in)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return nil, fmt.Errorf("this is no report of a run: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the report")
	}
	if j.Version != reportVersion {
		return nil, fmt.Errorf("the report has version %d, not %d", j.Version, reportVersion)
	}
	r := &Result{
		Target: j.Target, Profile: j.Profile, RunID: j.RunID, Seed: j.Seed, Took: duration(j.Seconds),
		Problems: j.Problems, Coverage: j.Coverage, Residue: j.Residue, Stopped: j.Stopped, Cost: Cost(j.Cost),
	}
	for _, f := range j.Features {
		r.Features = append(r.Features, FeatureState(f))
	}
	for _, c := range j.Clauses {
		if _, ok := standingOf(c.State); !ok {
			return nil, fmt.Errorf("%s has the state %q, which is none", c.ID, c.State)
		}
		r.Outcomes = append(r.Outcomes, c.outcome())
	}
	return r, nil
}
