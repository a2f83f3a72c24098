//go:build !race

package conformance_test

import (
	"os"
	"testing"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fake"
)

// TestSwitches runs the whole suite against the mock with each switch for what
// the sources contradict each other in. What a target may lack is declared.
// These are runs enough to be left to make conformance, not to the race detector.
func TestSwitches(t *testing.T) {
	for name, tt := range map[string]struct {
		options []mock.Option
		lacks   []conformance.Feature
		window  time.Duration
	}{
		"changes are seen late":          {[]mock.Option{fake.WithConsistencyDelay(10 * time.Millisecond)}, nil, 3 * time.Second},
		"failures are plain text":        {[]mock.Option{fake.WithPlainTextErrors()}, []conformance.Feature{conformance.FeatureEnvelopes}, 0},
		"the V1 list is gone":            {[]mock.Option{fake.WithoutV1List()}, []conformance.Feature{conformance.FeatureV1List}, 0},
		"there are no ranges":            {[]mock.Option{fake.WithoutRanges()}, []conformance.Feature{conformance.FeatureRanges}, 0},
		"the last key is refused":        {[]mock.Option{fake.WithLastKeyRefused(), fake.WithMaxKeys(2)}, []conformance.Feature{conformance.FeatureLastKey}, 0},
		"ids are kept":                   {[]mock.Option{fake.WithStableIDs()}, nil, 0},
		"public is not to be deleted":    {[]mock.Option{fake.WithPublicDeleteRefused()}, nil, 0},
		"uploaders are not shown a meta": {[]mock.Option{fake.WithMetadataHidden()}, nil, 0},
	} {
		if tt.window > 0 && os.Getenv("CFIMAGES_SWITCHES") != "all" {
			continue // half a minute of waiting: make switches
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &clock{}
			target := everything(c)
			target.Name, target.Window = "a mock where "+name, tt.window
			for _, f := range tt.lacks {
				target.Features[f] = conformance.Off
			}
			target.Handler = mock.New(append(options(c), tt.options...)...).Handler(guarded())
			conformance.Run(t, target)
		})
	}
}

// TestWithoutPlan runs the clauses that need no image against accounts that have
// not bought storage.
func TestWithoutPlan(t *testing.T) {
	t.Parallel()
	c := &clock{}
	target := everything(c)
	target.Name = "accounts without storage"
	target.Features[conformance.FeatureKeys] = conformance.Off
	target.Handler = mock.New(append(options(c), fake.WithoutPlan())...).Handler(guarded())
	result := conformance.Run(t, target, conformance.WithClauses("VRL-*", "VRG-*", "VRE-*", "VRC-00*", "VRC-010", "VRC-012", "VRD-001", "DUC-001", "V1G-002"))
	if result != nil && result.Count(conformance.Passed) == 0 {
		t.Error("nothing was checked")
	}
}
