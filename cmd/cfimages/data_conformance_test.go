package main

import (
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
)

// TestConformanceOnSQLite checks a mock that keeps its data in a folder.
func TestConformanceOnSQLite(t *testing.T) {
	profiles := []conformance.Profile{conformance.ProfileSafe}
	if !slow {
		profiles = append(profiles, conformance.ProfileAll)
	}
	for _, profile := range profiles {
		opts, release, err := openData(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		result, err := conformance.Execute(t.Context(), conformance.Target{
			Handler:   mock.New(append(opts, fake.WithPrivateFetch())...).Handler(),
			AccountID: killAccount, Token: "any-token", Profile: profile,
			Features: map[conformance.Feature]conformance.Switch{conformance.FeatureAuth: conformance.Off},
		})
		release()
		if err != nil {
			t.Fatal(err)
		}
		if !result.Conforms() {
			t.Errorf("profile %s: %s", profile, result.Summary())
		}
	}
}
