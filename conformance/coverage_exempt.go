package conformance

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed coverage-exempt.yaml
var exemptYAML []byte

// exempted says why goals are not touched by the suite.
type exempted struct {
	// Goals are ids of goals, in which * stands for anything.
	Goals  []string
	Reason string
}

// exemptions reads the embedded exemptions once.
var exemptions = sync.OnceValue(func() []exempted {
	list, err := parseExemptions(exemptYAML)
	if err != nil {
		panic("conformance: coverage-exempt.yaml: " + err.Error())
	}
	return list
})

func parseExemptions(data []byte) ([]exempted, error) {
	var list []exempted
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		return nil, err
	}
	for i, e := range list {
		if len(e.Goals) == 0 || e.Reason == "" {
			return nil, fmt.Errorf("exemption %d: %w", i+1, errors.New("needs goals and a reason"))
		}
	}
	return list, nil
}

// exemption returns why a goal is exempt, empty when it is not.
func exemption(id string) string {
	for _, e := range exemptions() {
		for _, pattern := range e.Goals {
			if like(pattern, id) {
				return e.Reason
			}
		}
	}
	return ""
}

// Stale returns the exemptions of coverage-exempt.yaml that have no gap behind
// them, as a run that does all there is to do should find none.
func (c Coverage) Stale() []string {
	var stale []string
	for _, e := range exemptions() {
		for _, pattern := range e.Goals {
			gap := func(g Goal) bool { return g.Count == 0 && like(pattern, g.ID()) }
			if !slices.ContainsFunc(c, gap) {
				stale = append(stale, pattern)
			}
		}
	}
	return stale
}

// like compares a text with a pattern in which * stands for any text.
func like(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	text, ok := strings.CutPrefix(text, first)
	for star && ok {
		first, rest, star = strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(text, first)
		}
		_, text, ok = strings.Cut(text, first)
	}
	return ok && text == ""
}
