package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/conformance"
)

// TestMain lets this test binary be the processes that a run shares with, and
// the command itself. No test finds the way to the real service or leaves a
// ledger in the user's directory.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	conformance.Worker(worker)
	os.Exit(alone(m))
}

const asCommand = "CFIMAGES_TEST_AS_COMMAND"

func alone(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cfimages-test-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for name, value := range map[string]string{"CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_ACCOUNT_ID": "", "XDG_CACHE_HOME": dir} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	return m.Run()
}

// verdicts runs the suite and returns the state of every clause.
func verdicts(t *testing.T, want int, args ...string) map[string]string {
	t.Helper()
	report := filepath.Join(t.TempDir(), "r.json")
	var out buffer
	args = append([]string{"conformance", "run", "--account", "a", "--token", "t-secret", "--json", report}, args...)
	if got := runIn(t.Context(), nil, args, &out, &out); got != want {
		t.Errorf("exit status %d, want %d; printed\n%s", got, want, out.String())
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Problems []string
		Clauses  []struct {
			ID, State, Message string
			Recorded           []string
		}
	}
	if err := json.Unmarshal(text, &result); err != nil {
		t.Fatalf("%s: %s", err, text)
	}
	if strings.Contains(string(text)+out.String(), "t-secret") {
		t.Error("the token is shown")
	}
	states := map[string]string{"problems": fmt.Sprint(result.Problems)}
	for _, c := range result.Clauses {
		states[c.ID] = fmt.Sprintf("%s, %d recorded", c.State, len(c.Recorded))
		if c.State == "failed" && !strings.Contains(c.Message, "request: curl") {
			t.Errorf("%s fails without telling why:\n%s", c.ID, c.Message)
		}
	}
	return states
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for id, state := range want {
		if got[id] != state {
			t.Errorf("%s: %s is %s, and with one process %s", what, id, got[id], state)
		}
	}
}

// TestProcs checks that the verdicts are those of one process, of a server that
// is right and of one that is not, whatever the profile.
func TestProcs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mock, run []string
		exit      int
	}{
		"all":    {nil, []string{"--profile", "all"}, 0},
		"mutant": {[]string{"--mutant", "M018"}, []string{"--profile", "account"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := startMock(t, append(tt.mock, "--private-fetch", "--account", "a:t-secret", "--account", "b:u-secret")...)
			args := append(tt.run, "--url", url, "--account2", "b:u-secret", "--feature", "fetch=on",
				"--control", strings.TrimSuffix(url, "/client/v4")+"/_mock")
			want := verdicts(t, tt.exit, args...)
			for _, n := range []string{"2", "4"} {
				same(t, n, verdicts(t, tt.exit, append(args, "--procs", n)...), want)
			}
		})
	}
}

// TestStress is the short form of make stress.
func TestStress(t *testing.T) {
	t.Parallel()
	url := startMock(t, "--account", "a:t-secret")
	for seed := range 6 {
		verdicts(t, 0, "--url", url, "--seed", strconv.Itoa(seed+1), "--procs", []string{"1", "2", "4"}[seed%3])
	}
}

// TestStoppedProcs stops a run with several processes, which have to clean up.
func TestStoppedProcs(t *testing.T) {
	t.Parallel()
	url := startMock(t, "--account", "a:t-secret")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out buffer
	done := make(chan int, 1)
	go func() {
		done <- runIn(ctx, nil, []string{"conformance", "run", "--url", url, "--account", "a", "--token", "t-secret", "--procs", "2"}, &out, &out)
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(images(t, url), "cfc-") {
		select {
		case <-tick.C:
		case code := <-done:
			t.Fatalf("exit status %d before an image was made, printed\n%s", code, out.String())
		}
	}
	stop()
	if code := <-done; code != conformance.ExitFailed || !strings.Contains(out.String(), "context canceled") {
		t.Errorf("exit status %d, printed\n%s", code, out.String())
	}
	if left := images(t, url); strings.Contains(left, "cfc-") {
		t.Errorf("there is left %s", left)
	}
}

// images is the mock's list of images.
func images(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/accounts/a/images/v2", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer t-secret")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
