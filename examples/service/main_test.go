package main

import (
	"os"
	"slices"
	"testing"

	"github.com/cfimages/cfimages/conformance"
)

// groups are the clauses about what the service has.
var groups = []string{"V1G", "V1C", "V1D", "BLB"}

// beyond are clauses of these groups that take what it does not have.
var beyond = map[string]string{
	"V1G-003": "drafts", "V1G-004": "drafts", "V1D-008": "drafts", "BLB-005": "drafts",
	"V1G-010": "variants", "V1D-002": "edits", "V1C-019": "edits", "V1C-017": "a rule about ids that nothing here needs",
}

func TestConformance(t *testing.T) {
	var clauses []string
	for _, c := range conformance.Clauses() {
		if slices.Contains(groups, c.Group) && beyond[c.ID] == "" {
			clauses = append(clauses, c.ID)
		}
	}
	dir := t.TempDir()
	result := conformance.Run(t, conformance.Target{
		Handler: handler(dir, "demo", "secret"), AccountID: "demo", Token: "secret",
		Features: map[conformance.Feature]conformance.Switch{conformance.FeatureV1List: conformance.Off, conformance.FeatureKeys: conformance.Off},
	}, conformance.WithClauses(clauses...))
	if n := result.Count(conformance.Passed); n < 50 {
		t.Errorf("only %d clauses were checked", n)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("the run leaves %v behind: %v", left, err)
	}
}
