package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

type htmlCoverage struct {
	Kind                       GoalKind
	Touched, Exempt, Gaps, All int
	Percent                    int
}

type htmlOperation struct {
	Operation string
	Cells     []string
}

type htmlExempt struct {
	Reason string
	Goals  []string
}

func (p *htmlPage) addCoverage(c Coverage) {
	if len(c) == 0 {
		return
	}
	for _, kind := range GoalKinds {
		touched, exempt, all := c.Totals(kind)
		row := htmlCoverage{kind, touched, exempt, all - touched - exempt, all, 100}
		if all > exempt {
			row.Percent = 100 * touched / (all - exempt)
		}
		p.Coverage = append(p.Coverage, row)
	}
	p.Operations = coverageByOperation(c)
	p.Exempt = exemptByReason(c)
}

// coverageByOperation has a row for each operation, and a cell for each kind of
// goal: how many were touched of how many there are, exempt ones left out.
func coverageByOperation(c Coverage) []htmlOperation {
	var rows []htmlOperation
	var order []string
	for _, g := range c {
		if g.Operation != "" && !slices.Contains(order, g.Operation) {
			order = append(order, g.Operation)
		}
	}
	for _, operation := range order {
		own := slices.DeleteFunc(slices.Clone(c), func(g Goal) bool { return g.Operation != operation })
		row := htmlOperation{Operation: operation}
		for _, kind := range GoalKinds {
			touched, exempt, all := own.Totals(kind)
			text := ""
			if all > 0 {
				text = fmt.Sprintf("%d/%d", touched, all-exempt)
			}
			row.Cells = append(row.Cells, text)
		}
		rows = append(rows, row)
	}
	return rows
}

func exemptByReason(c Coverage) []htmlExempt {
	var list []htmlExempt
	for _, g := range c {
		if g.Exempt == "" || g.Count > 0 {
			continue
		}
		i := slices.IndexFunc(list, func(e htmlExempt) bool { return e.Reason == g.Exempt })
		if i < 0 {
			i = len(list)
			list = append(list, htmlExempt{Reason: g.Exempt})
		}
		list[i].Goals = append(list[i].Goals, g.ID())
	}
	return list
}

// KillScore is how well the suite tells wrong servers from right ones.
type KillScore struct {
	// Summary is the score in one line.
	Summary string `json:"summary"`
	// Problems are what keeps the score from being perfect.
	Problems []string `json:"problems"`
}

// ReadKillScore reads the summary of what 'cfimages conformance score --json'
// writes.
func ReadKillScore(in io.Reader) (*KillScore, error) {
	var score KillScore
	if err := json.NewDecoder(in).Decode(&score); err != nil {
		return nil, fmt.Errorf("this is no score: %w", err)
	}
	if score.Summary == "" {
		return nil, errors.New("this is no score: it has no summary")
	}
	return &score, nil
}
