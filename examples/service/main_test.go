package main

import (
	"os"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/conformance"
)

// beyond are clauses about rules that the service does not have.
var beyond = map[string]string{"V1C-017": "ids in the form of a UUID mean nothing here"}

// TestConformance holds the service against what a server must do, as far as it
// has that: a clause that asks for another operation is answered 501.
func TestConformance(t *testing.T) {
	dir := t.TempDir()
	off := map[conformance.Feature]conformance.Switch{conformance.FeatureV1List: conformance.Off, conformance.FeatureKeys: conformance.Off}
	result, err := conformance.Execute(t.Context(), conformance.Target{
		Handler: handler(dir, "demo", "secret"), AccountID: "demo", Token: "secret", Features: off,
	}, conformance.WithClauses("V1G-*", "V1C-*", "V1D-*", "BLB-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range result.Failed() {
		if o.Clause.Level == conformance.Must && !strings.Contains(o.Message, "501 Not Implemented") && beyond[o.Clause.ID] == "" {
			t.Error(o.Message)
		}
	}
	if n := result.Count(conformance.Passed); n < 50 {
		t.Errorf("only %d clauses hold", n)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("the run leaves %v behind: %v", left, err)
	}
}
