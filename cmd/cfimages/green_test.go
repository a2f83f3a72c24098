package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
	"github.com/cfimages/cfimages/gen/mock"
)

// TestNoFalseGreen goes through the ways in which a run that proves nothing
// could look like a success. Each ends with a status of its own kind and says
// why.
func TestNoFalseGreen(t *testing.T) {
	t.Parallel()
	good := startMock(t, "--account", "a:t")
	serve := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	answering := func(status int, contentType, body string) string {
		return serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
	}
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	for name, tt := range map[string]struct {
		url  string
		args []string
		want []int
		says string
	}{
		"bad configuration":     {good, []string{"--config", fileOf(t, "a: [")}, []int{2}, "it is not YAML"},
		"absent configuration":  {good, []string{"--config", "/nowhere.yaml"}, []int{2}, "/nowhere.yaml"},
		"typo in a key":         {good, []string{"--config", fileOf(t, "porfile: all\n")}, []int{2}, `no flag "porfile"; did you mean profile?`},
		"unmatched id":          {good, []string{"--clause", "V1L-*", "--clause", "V1L-999"}, []int{2}, `no clause matches "V1L-999"`},
		"unmatched known id":    {good, []string{"--known-failing", fileOf(t, "- {clause: V1L-999, reason: r}\n")}, []int{2}, `no clause "V1L-999"`},
		"nothing selected":      {good, []string{"--profile", "readonly", "--clause", "V1C-001"}, []int{2}, "no clause was selected: V1C-001 needs the profile"},
		"dead target":           {dead.URL, nil, []int{3}, "unreachable"},
		"wrong token":           {good, []string{"--token", "other"}, []int{1, 3}, ""},
		"HTML":                  {answering(200, "text/html", "<!doctype html>"), nil, []int{1, 3}, ""},
		"everything fails":      {answering(500, "application/json", `{"result":null,"success":false,"errors":[{"code":5500,"message":"no"}],"messages":[]}`), []string{"--profile", "all"}, []int{1}, "does not conform"},
		"all skipped, declared": {good, []string{"--feature", "keys=off", "--clause", "KYL-*"}, []int{2}, "KYL-001 needs the feature keys"},
		"all skipped, probed":   {serve(withoutKeys(t)), []string{"--clause", "KYL-*"}, []int{2}, "KYL-001 needs the feature keys"},
		"empty coverage":        {good, []string{"--profile", "all", "--clause", "STM-006"}, []int{1}, "no operation was exercised"},
		"unwritable report":     {good, []string{"--json", "/nowhere/at/all.json"}, []int{2}, "a report cannot be written"},
		"one report twice":      {good, []string{"--json", "/nowhere/r", "--md", "/nowhere/./r"}, []int{2}, "two reports cannot be written to /nowhere/./r"},
		"address cut short":     {strings.TrimSuffix(good, "/client/v4"), []string{"--url", strings.TrimSuffix(good, "/client/v4")}, []int{3}, "the API is at " + good},
		"full disk":             {good, []string{"--clause", "V1G-002", "--json", "/dev/full"}, []int{1}, "no space left"},
		"no process":            {good, []string{"--procs", "0"}, []int{2}, "a run needs a process"},
		"only known failures":   {answering(200, "application/json", `{"result":{"images":[]},"success":true,"errors":[],"messages":[]}`), []string{"--clause", "STA-001", "--known-failing", fileOf(t, "- {clause: STA-001, reason: r}\n")}, []int{1}, "does not conform"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "full disk" {
				if _, err := os.Stat("/dev/full"); err != nil {
					tt.args[3], tt.says, tt.want = t.TempDir(), "cannot be written", []int{2}
				}
			}
			url := strings.TrimSuffix(tt.url, "/client/v4") + "/client/v4"
			args := append([]string{"conformance", "run", "--url", url, "--account", "a", "--token", "t"}, tt.args...)
			var out buffer
			got := runIn(t.Context(), nil, args, &out, &out)
			if !slices.Contains(tt.want, got) || !strings.Contains(out.String(), tt.says) {
				t.Errorf("exit status %d, want one of %v with %q; printed\n%s", got, tt.want, tt.says, out.String())
			}
		})
	}
}

// withoutKeys is an account that is not entitled to keys and statistics.
func withoutKeys(t *testing.T) http.Handler {
	t.Helper()
	for _, twin := range mutants.Twins() {
		if twin.ID == "T18" {
			return twin.Wrap(mock.New().Handler(), conformance.Login{AccountID: "a", Token: "t"})
		}
	}
	t.Fatal("there is no twin T18")
	return nil
}

// TestManyFailures checks that the status is no count, which wraps at 256.
func TestManyFailures(t *testing.T) {
	t.Parallel()
	r := &conformance.Result{Problems: make([]string, 256)}
	if got := conformance.ExitCode(r, nil); got != conformance.ExitFailed {
		t.Errorf("exit status %d", got)
	}
}

// TestPanic checks that a hook that panics fails its clause, and that nothing
// excuses it.
func TestPanic(t *testing.T) {
	t.Parallel()
	target := conformance.Target{
		Handler: mock.New().Handler(), AccountID: "a", Token: "t", Profile: conformance.ProfileAll,
		Advance: func(time.Duration) { panic("no clock") },
	}
	known := conformance.WithPolicy(conformance.Policy{Known: []conformance.KnownFailure{{Clause: "DUU-003", Reason: "r"}}})
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("DUU-003", "V1G-002"), known)
	if err != nil {
		t.Fatal(err)
	}
	o, _ := result.Outcome("DUU-003")
	if o.State != conformance.Failed || !strings.Contains(o.Message, "no clock") || conformance.ExitCode(result, nil) != 1 {
		t.Errorf("DUU-003 is %s: %s", o.State, o.Message)
	}
}

// TestLostProcesses checks that processes which come to nothing are no success.
func TestLostProcesses(t *testing.T) {
	t.Parallel()
	target := conformance.Target{BaseURL: startMock(t), AccountID: "a", Token: "t"}
	result, err := conformance.Execute(t.Context(), target, conformance.WithProcesses(2, []byte("{")))
	if err == nil || !strings.Contains(err.Error(), "ended without a report") || conformance.ExitCode(result, err) != 1 {
		t.Errorf("%v, %v", result, err)
	}
	target.BaseURL, target.Handler = "", mock.New().Handler()
	if _, err := conformance.Execute(t.Context(), target, conformance.WithProcesses(2, []byte("{}"))); !errors.Is(err, conformance.ErrUsage) {
		t.Errorf("a handler cannot be shared: %v", err)
	}
	if _, _, err := worker(context.Background(), []byte(`{"Control":"http://127.0.0.1:1"}`)); err == nil {
		t.Error("a worker without its mock should not start")
	}
}
