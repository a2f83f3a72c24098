package conformance_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfimages/cfimages/conformance"
)

// failing makes clauses of every kind fail: the server answers nothing but an
// empty success.
func failing() conformance.Target {
	target := good()
	target.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"result":{"images":[]},"success":true,"errors":[],"messages":[]}`))
	})
	return target
}

const (
	documentedMust = "STA-001" // MUST, in the official SDKs
	assumedShould  = "V2L-006" // SHOULD, assumed
	onlyInfo       = "V1E-006" // INFO
	holds          = "V2L-001"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	old := conformance.Date{Time: time.Now().AddDate(0, 0, -2)}
	today := conformance.Date{Time: time.Now().UTC().Truncate(24 * time.Hour)}
	known := func(id string, expires conformance.Date) conformance.Policy {
		return conformance.Policy{Known: []conformance.KnownFailure{{Clause: id, Reason: "it is being mended", Link: "https://a.invalid/1", Expires: expires}}}
	}
	for _, tt := range []struct {
		name    string
		policy  conformance.Policy
		clauses []string
		state   conformance.State
		says    string
		exit    int
	}{
		{"MUST", conformance.Policy{}, []string{documentedMust, holds}, conformance.Failed, "STA-001 MUST", 1},
		{"SHOULD", conformance.Policy{}, []string{assumedShould, holds}, conformance.Failed, "V2L-006 SHOULD", 1},
		{"INFO", conformance.Policy{}, []string{onlyInfo, holds}, conformance.Warned, "V1E-006 INFO", 0},
		{"must only", conformance.Policy{MustOnly: true}, []string{assumedShould, holds}, conformance.Warned, "V2L-006 SHOULD", 0},
		{"must only, MUST", conformance.Policy{MustOnly: true}, []string{documentedMust, holds}, conformance.Failed, "STA-001 MUST", 1},
		{"only warnings", conformance.Policy{MustOnly: true}, []string{assumedShould}, conformance.Warned, "V2L-006", 1},
		{"strict INFO", conformance.Policy{Strict: true}, []string{onlyInfo, holds}, conformance.Failed, "V1E-006 INFO", 1},
		{"drift", conformance.Policy{Drift: true}, []string{assumedShould, holds}, conformance.Drifted, "V2L-006 SHOULD", 5},
		{"drift alone", conformance.Policy{Drift: true}, []string{assumedShould}, conformance.Drifted, "V2L-006 SHOULD", 5},
		{"drift of what is documented", conformance.Policy{Drift: true}, []string{documentedMust, holds}, conformance.Failed, "STA-001 MUST", 1},
		{"known", known(documentedMust, conformance.Date{}), []string{documentedMust, holds}, conformance.Known, "known to fail: it is being mended (https://a.invalid/1)\nSTA-001 MUST", 0},
		{"known until today", known(documentedMust, today), []string{documentedMust, holds}, conformance.Known, "it is being mended", 0},
		{"expired", known(documentedMust, old), []string{documentedMust, holds}, conformance.Failed, "it was known to fail: it is being mended (https://a.invalid/1), until ", 1},
		{"stale", known(holds, conformance.Date{}), []string{holds}, conformance.Failed, "take it off the list", 1},
		{"nothing but known", known(documentedMust, conformance.Date{}), []string{documentedMust}, conformance.Known, "it is being mended", 1},
	} {
		result, err := conformance.Execute(t.Context(), failing(), conformance.WithPolicy(tt.policy), conformance.WithClauses(tt.clauses...))
		if err != nil {
			t.Fatal(err)
		}
		o, _ := result.Outcome(tt.clauses[0])
		if o.State != tt.state || !strings.Contains(o.Message, tt.says) || conformance.ExitCode(result, nil) != tt.exit {
			t.Errorf("%s: %s and exit code %d, want %s and %d with %q:\n%s", tt.name, o.State, conformance.ExitCode(result, nil), tt.state, tt.exit, tt.says, o.Message)
		}
		for what, write := range map[string]func(*conformance.Result, *bytes.Buffer) error{
			"Markdown": func(r *conformance.Result, b *bytes.Buffer) error { return r.WriteMarkdown(b) },
			"JUnit":    func(r *conformance.Result, b *bytes.Buffer) error { return r.WriteJUnit(b) },
		} {
			var b bytes.Buffer
			if err := write(result, &b); err != nil || !strings.Contains(b.String(), tt.clauses[0]) || !strings.Contains(b.String(), "it is being mended") && len(tt.policy.Known) > 0 && tt.state != conformance.Failed {
				t.Errorf("%s: %s lacks the clause or why (%v)", tt.name, what, err)
			}
		}
	}
}

func TestStrict(t *testing.T) {
	t.Parallel()
	strict := conformance.WithPolicy(conformance.Policy{Strict: true})
	check := func(name string, target conformance.Target, says string, patterns ...string) {
		t.Helper()
		lax, err := conformance.Execute(t.Context(), target, conformance.WithClauses(patterns...))
		if err != nil || !lax.Conforms() {
			t.Errorf("%s: without strictness it should conform (%v): %s", name, err, lax.Summary())
		}
		result, err := conformance.Execute(t.Context(), target, conformance.WithClauses(patterns...), strict)
		if err != nil || result.Conforms() {
			t.Fatalf("%s: a strict run should fail (%v)", name, err)
		}
		for _, o := range result.Failed() {
			if strings.Contains(o.Message, says) {
				return
			}
		}
		t.Errorf("%s: no failure says %q: %+v", name, says, result.Failed())
	}
	check("a feature that was not declared", twin(t, "T28"), "V1L-001", "V1L-001", "V2L-001")
	check("patience", impatient(http.StatusServiceUnavailable, ""), "asked to come again", "V1G-002")
	all := good()
	all.Profile = conformance.ProfileAll
	check("hooks", all, "ENV-013 needs a second account", "V1G-002", "ENV-013", "V1C-028")
	all.Features = switches{conformance.FeatureFetch: conformance.Off}
	result := conformance.Run(t, all, strict, conformance.WithClauses("V1G-002", "V1C-028"))
	if o, _ := result.Outcome("V1C-028"); o.State != conformance.NotRun {
		t.Errorf("V1C-028 is %s", o.State)
	}
}

// impatient answers every other GET with a status and perhaps with a word on
// when to come again.
func impatient(status int, retryAfter string) conformance.Target {
	target := good()
	inner := target.Handler
	var n atomic.Int64
	target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1)%2 == 0 {
			inner.ServeHTTP(w, r)
			return
		}
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
	})
	return target
}

// TestBusy checks what is asked again: reads always, writes when the target
// says so.
func TestBusy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		target conformance.Target
		clause string
		want   bool
	}{
		{"reads", impatient(http.StatusServiceUnavailable, ""), "V1G-002", true},
		{"reads, 429", impatient(http.StatusTooManyRequests, ""), "V2L-001", true},
		{"writes with Retry-After", impatient(http.StatusTooManyRequests, "0"), "V1C-007", true},
		{"writes", impatient(http.StatusServiceUnavailable, ""), "V1C-007", false},
		{"500", impatient(http.StatusInternalServerError, "0"), "V1G-002", false},
	} {
		result, err := conformance.Execute(t.Context(), tt.target, conformance.WithClauses(tt.clause))
		if err != nil || result.Conforms() != tt.want {
			t.Errorf("%s: it conforms: %t (%v)", tt.name, result.Conforms(), err)
		}
	}
}

func TestPolicyIsChecked(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]conformance.Policy{
		"contradiction": {MustOnly: true, Strict: true},
		"unknown id":    {Known: []conformance.KnownFailure{{Clause: "XYZ-001", Reason: "r"}}},
		"no reason":     {Known: []conformance.KnownFailure{{Clause: holds}}},
	} {
		if _, err := conformance.Execute(t.Context(), good(), conformance.WithPolicy(p)); !errors.Is(err, conformance.ErrUsage) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestReadKnownFailures(t *testing.T) {
	t.Parallel()
	list, err := conformance.ReadKnownFailures(strings.NewReader(
		"- clause: V1L-001\n  reason: no list\n  link: https://a.invalid\n  expires: 2026-12-31\n- {clause: V1L-002, reason: neither}\n"))
	if err != nil || len(list) != 2 || list[0].Expires.Format(time.DateOnly) != "2026-12-31" || !list[1].Expires.IsZero() || list[0].Link == "" {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := conformance.ReadKnownFailures(strings.NewReader("# none\n")); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	for text, want := range map[string]string{
		"- clause: V1L-001\n":                                            "has no reason",
		"- clause: V1L-001\n  reason: ' '\n":                             "has no reason",
		"- reason: r\n":                                                  "names no clause",
		"- clause: V1L-999\n  reason: r\n":                               `there is no clause "V1L-999"`,
		"- clause: V1L-001\n  reason: r\n  expires: soon\n":              "a date is written as",
		"- clause: V1L-001\n  raeson: r\n":                               "raeson",
		"- {clause: V1L-001, reason: r}\n- {clause: V1L-001, reason: r}": "there twice",
		"clause: V1L-001\n":                                              "cannot unmarshal",
		"[]\n---\n[]\n":                                                  "nothing behind it",
	} {
		if _, err := conformance.ReadKnownFailures(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v, want %q", text, err, want)
		}
	}
}

func FuzzReadKnownFailures(f *testing.F) {
	f.Add("- clause: V1L-001\n  reason: no list\n  expires: 2026-12-31\n")
	f.Add("[]\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := conformance.ReadKnownFailures(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, k := range list {
			if k.Clause == "" || strings.TrimSpace(k.Reason) == "" {
				t.Errorf("%+v was read", k)
			}
		}
	})
}
