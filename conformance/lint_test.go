package conformance

import (
	"bytes"
	"errors"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/cfimages/cfimages/gen/mock"
)

func TestLint(t *testing.T) {
	clause := func(labels ...string) ginkgo.Labels { return labels }
	whole := clause("clause:V1L-003", "level:MUST", "safety:W")
	for _, c := range []struct {
		name string
		node types.NodeType
		args []any
		want string
	}{
		{"whole", types.NodeTypeIt, []any{whole, ginkgo.SpecTimeout(time.Second)}, ""},
		{"container", types.NodeTypeContainer, nil, ""},
		{"nothing", types.NodeTypeIt, nil, "names no clause"},
		{"unknown clause", types.NodeTypeIt, []any{clause("clause:V1L-999", "level:MUST", "safety:W"), ginkgo.SpecTimeout(time.Second)}, "names no clause"},
		{"other level", types.NodeTypeIt, []any{clause("clause:V1L-003", "level:SHOULD", "safety:W"), ginkgo.SpecTimeout(time.Second)}, "level"},
		{"no safety class", types.NodeTypeIt, []any{clause("clause:V1L-003", "level:MUST"), ginkgo.SpecTimeout(time.Second)}, "safety class"},
		{"no timeout", types.NodeTypeIt, []any{whole}, "no timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, errs := lint(c.node, 0, "a spec", c.args)
			if len(errs) == 0 && c.want != "" || len(errs) > 0 && (c.want == "" || !strings.Contains(errs[0].Error(), c.want)) {
				t.Errorf("lint says %v, want %q", errs, c.want)
			}
		})
	}
}

func TestParseClauses(t *testing.T) {
	const good = "- group: A\n  title: a\n  clauses:\n    - {id: A-1, level: MUST, source: sdk, safety: R, text: x.}\n"
	if list, err := parseClauses([]byte(good)); err != nil || len(list) != 1 || list[0].Group != "A" || list[0].Evidence != "sdk" {
		t.Errorf("parseClauses returned %v and %v", list, err)
	}
	for name, text := range map[string]string{
		"twice":         good + "    - {id: A-1, level: MUST, source: sdk, safety: R, text: y.}\n",
		"unknown field": strings.Replace(good, "level:", "lvl:", 1),
	} {
		if _, err := parseClauses([]byte(text)); err == nil {
			t.Errorf("%s: there should be an error", name)
		}
	}
}

// TestRegister runs the clauses as a part of somebody else's Ginkgo suite.
func TestRegister(t *testing.T) {
	target := Target{Handler: mock.New().Handler(), AccountID: "a", Token: "token"}
	var err, none, loud error
	report := isolated("host", types.NewDefaultSuiteConfig(), func() {
		ginkgo.Describe("inner", func() {
			err = Register(t.Context(), target, WithClauses("VRL-*", "V1G-00*"))
			none = Register(t.Context(), target, WithClauses("KYU-*"))
			loud = Register(t.Context(), target, WithClauses("VRL-*"), WithOutput(&bytes.Buffer{}))
		})
	}, func() {})
	if err != nil || !errors.Is(none, ErrNothingSelected) || !errors.Is(loud, ErrUsage) {
		t.Errorf("Register returned %v, %v and %v", err, none, loud)
	}
	if n := report.SpecReports.WithLeafNodeType(types.NodeTypeIt).CountWithState(types.SpecStatePassed); n < 12 || !report.SuiteSucceeded {
		t.Errorf("%d specs passed, and the suite succeeded: %t", n, report.SuiteSucceeded)
	}
}

// TestRegisterStopped checks that a host's suite does not take clauses that were
// not come to for a success.
func TestRegisterStopped(t *testing.T) {
	target := Target{Handler: mock.New().Handler(), AccountID: "a", Token: "token"}
	report := isolated("host", types.NewDefaultSuiteConfig(), func() {
		if err := Register(t.Context(), target, WithClauses("VRL-001", "VRL-002", "VRL-004"), WithLimits(Limits{MaxRequests: 1})); err != nil {
			t.Error(err)
		}
	}, func() {})
	specs := report.SpecReports.WithLeafNodeType(types.NodeTypeIt)
	if report.SuiteSucceeded || specs.CountWithState(types.SpecStateSkipped) != 0 || specs.CountWithState(types.SpecStateFailed) < 2 {
		t.Errorf("%d specs, and the suite succeeded: %t", len(specs), report.SuiteSucceeded)
	}
}

// remotely answers as another machine would.
type remotely struct {
	inProcess
	methods map[string]int
}

func (r remotely) RoundTrip(req *http.Request) (*http.Response, error) {
	r.methods[req.Method]++
	return r.inProcess.RoundTrip(req)
}

// TestRegisterGuards checks that a host's suite changes no account that is in
// use, and says so in every spec.
func TestRegisterGuards(t *testing.T) {
	m := mock.New()
	if _, err := m.Account("a").PutSigningKey(t.Context(), "theirs"); err != nil {
		t.Fatal(err)
	}
	for confirm, fails := range map[string]bool{"": true, "a": false} {
		far := remotely{inProcess{m.Handler()}, map[string]int{}}
		target := Target{
			BaseURL: "http://images.invalid/client/v4", HTTPClient: &http.Client{Transport: far},
			AccountID: "a", Token: "token", Profile: ProfileAccount, Confirm: confirm,
		}
		report := isolated("host", types.NewDefaultSuiteConfig(), func() {
			if err := Register(t.Context(), target, WithClauses("V1G-002", "KYU-00[12]"), WithLimits(Limits{})); err != nil {
				t.Error(err)
			}
		}, func() {})
		specs := report.SpecReports.WithLeafNodeType(types.NodeTypeIt)
		failed := specs.CountWithState(types.SpecStateFailed)
		if len(specs) < 3 || fails != (failed == len(specs)) || fails == report.SuiteSucceeded || fails == (far.methods["POST"]+far.methods["PUT"] > 0) {
			t.Errorf("with %q, %d specs failed, and %v were sent", confirm, failed, far.methods)
		}
	}
}

func TestFlatPNG(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {12001, 1}, {300, 200}, {9, 2065}} {
		got, err := png.Decode(bytes.NewReader(flatPNG(size[0], size[1]).body))
		if err != nil || got.Bounds().Dx() != size[0] || got.Bounds().Dy() != size[1] {
			t.Errorf("%v: %v", size, err)
		}
	}
	if n := len(flatPNG(10001, 10000).body); n > 100_000 {
		t.Errorf("a large picture has %d bytes", n)
	}
}

func TestSamplesAreDifferent(t *testing.T) {
	for _, f := range formats() {
		if a, b := f.make(1), f.make(2); f.name != "WebP" && string(a.body) == string(b.body) {
			t.Errorf("two samples of %s are the same", f.name)
		}
	}
}
