package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/mock"
)

// buffer is a bytes.Buffer for two goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	good := strings.TrimSuffix(mock.Start(t).URL(), "/client/v4")
	bad := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(bad.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	ledger, ledgers := t.TempDir(), atomic.Int64{}
	closedMock := strings.TrimSuffix(startMock(t, "--account", "a:t"), "/client/v4")
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<!doctype html>")) }))
	t.Cleanup(page.Close)
	against := func(url string, more ...string) []string {
		return append([]string{"conformance", "run", "--url", url + "/client/v4", "--account", "a", "--token", "t", "--ledger", filepath.Join(ledger, strconv.FormatInt(ledgers.Add(1), 10))}, more...)
	}
	for name, tt := range map[string]struct {
		args []string
		want int
		says string
	}{
		"help":               {[]string{"--help"}, 0, "Usage: cfimages"},
		"nothing":            {nil, 0, "Usage: cfimages"},
		"unknown command":    {[]string{"moc"}, 2, "unexpected argument"},
		"unknown flag":       {[]string{"mock", "--adr", "x"}, 2, "unknown flag"},
		"account without id": {[]string{"mock", "--account", ":t"}, 2, "--account wants ID:TOKEN"},
		"no token":           {[]string{"mock", "--account", "a:"}, 2, "--account wants ID:TOKEN"},
		"taken address":      {[]string{"mock", "--addr", strings.TrimPrefix(good, "http://")}, 1, "address already in use"},
		"list":               {[]string{"conformance", "list"}, 0, "ENV-001\tMUST"},
		"list of mutants":    {[]string{"conformance", "list", "--mutants"}, 0, "M017\tpaging"},
		"no url":             {[]string{"conformance", "run", "--account", "a", "--token", "t"}, 2, "--url"},
		"conforms":           {against(good, "--clause", "V1G-*", "--feature", "auth=off"), 0, "0 failed"},
		"a clause fails":     {against(bad.URL, "--clause", "V1L-001"), 1, "does not conform"},
		"no such clause":     {against(good, "--clause", "XYZ-*"), 2, "XYZ"},
		"no such feature":    {against(good, "--feature", "wings=on"), 2, "wings"},
		"nobody there":       {against(closed.URL), 3, "unreachable"},
		"unwritable JSON":    {against(good, "--feature", "auth=off", "--json", t.TempDir()), 2, "cannot be written"},
		"unwritable JUnit":   {against(good, "--feature", "auth=off", "--junit", "/nowhere/at/all.xml"), 2, "cannot be written"},
		"unwritable matrix":  {[]string{"conformance", "score", "--matrix", "/nowhere/at/all.md"}, 2, "/nowhere"},
		"unwritable score":   {[]string{"conformance", "score", "--json", "/nowhere/at/all.json"}, 2, "/nowhere"},
		"explain":            {[]string{"conformance", "explain", "v1l-003"}, 0, "notices   M018"},
		"explain an exempt":  {[]string{"conformance", "explain", "STM-006"}, 0, "no mutant is about the suite"},
		"explain nothing":    {[]string{"conformance", "explain", "XYZ-001"}, 2, "there is no clause"},
		"schema":             {[]string{"conformance", "schema"}, 0, "json-schema.org"},
		"no such mutant":     {[]string{"mock", "--mutant", "M000"}, 2, "there is no mutant"},
		"wrong token":        {append(against(closedMock, "--clause", "V1G-002"), "--token", "wrong"), 3, "the token was refused"},
		"HTML":               {against(page.URL, "--clause", "V1G-002"), 3, "does not speak this API"},
		"over budget":        {against(good, "--feature", "auth=off", "--max-requests", "20"), 3, "the budget of 20 requests is used up"},
		"negative rate":      {against(good, "--rate=-1"), 2, "cannot be negative"},
		"plan":               {against(closed.URL, "--clause", "V1G-*", "--plan", "--rate", "2"), 0, "safe (this run)"},
		"plan of nothing":    {against(closed.URL, "--clause", "KYU-*", "--plan"), 2, "no clause was selected"},
		"waits":              {against(closed.URL, "--wait", "1ms"), 3, "unreachable"},
		"residue":            {against(strings.TrimSuffix(sticky(t), "/client/v4"), "--clause", "V1C-001"), 4, "may be left over"},
		"sweep of nothing":   {append([]string{"conformance", "sweep"}, against(good)[2:]...), 0, "0 ledgers with 0 entries"},
		"sweep without url":  {[]string{"conformance", "sweep", "--account", "a", "--token", "t"}, 2, "--url is missing"},
		"sweep of a mistype": {append([]string{"conformance", "sweep"}, append(against(good)[2:], "--ledger", "/nowhere/at/all")...), 0, "there is no directory /nowhere/at/all"},
		"no address":         {against("ftp://x"), 2, "not an absolute http"},
		"address to hide":    {against("ftp://user:hidden@x"), 2, "the base URL is not an absolute http"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out buffer
			if got := run(t.Context(), tt.args, &out, &out); got != tt.want || !strings.Contains(out.String(), tt.says) {
				t.Errorf("exit status %d, want %d with %q; printed\n%s", got, tt.want, tt.says, out.String())
			}
			if strings.Contains(out.String(), "goroutine ") {
				t.Errorf("printed a stack:\n%s", out.String())
			}
		})
	}
}

// startMock runs the mock command and returns its address.
func startMock(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var out buffer
	done := make(chan int, 1)
	go func() { done <- run(ctx, append([]string{"mock", "--addr", "127.0.0.1:0"}, args...), &out, &out) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections() // the mock waits for one that was never used
		stop()
		if got := <-done; got != 0 || !strings.Contains(out.String(), "stopped") {
			t.Errorf("exit status %d, printed\n%s", got, out.String())
		}
	})
	address := regexp.MustCompile(`https?://\S+/client/v4`)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if url := address.FindString(out.String()); url != "" {
			return url
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("the mock does not start")
		case code := <-done:
			t.Fatalf("exit status %d, printed\n%s", code, out.String())
		}
	}
}

func TestMockAccounts(t *testing.T) {
	t.Parallel()
	closedURL := startMock(t, "--account", "one:first", "--account", "two:second", "--seed", "1")
	openURL := startMock(t)
	for _, tt := range []struct {
		url, account string
		header       http.Header
		want         int
	}{
		{closedURL, "one", http.Header{"Authorization": {"Bearer first"}}, 200},
		{closedURL, "two", http.Header{"Authorization": {"Bearer second"}}, 200},
		{closedURL, "two", http.Header{"Authorization": {"Bearer first"}}, 403},
		{closedURL, "three", http.Header{"Authorization": {"Bearer first"}}, 403},
		{closedURL, "one", http.Header{"Authorization": {"Bearer other"}}, 401},
		{closedURL, "one", nil, 401},
		{closedURL, "one", http.Header{"X-Auth-Email": {"a@b.c"}, "X-Auth-Key": {"first"}}, 200},
		{closedURL, "one", http.Header{"X-Auth-Email": {"a@b.c"}}, 401},
		{openURL, "any", http.Header{"Authorization": {"Bearer x"}}, 200},
		{openURL, "any", nil, 401},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url+"/accounts/"+tt.account+"/images/v1/variants", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = tt.header
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("account %s with %v: status %d, want %d", tt.account, tt.header, resp.StatusCode, tt.want)
		}
	}
}

// TestMutant serves a mutant, and reads what the reports say about it.
func TestMutant(t *testing.T) {
	t.Parallel()
	url, dir := startMock(t, "--mutant", "M001", "--account", "a:t"), t.TempDir()
	args := []string{"conformance", "run", "--url", url, "--account", "a", "--token", "t", "--clause", "ENV-00[12]", "--ledger", dir}
	for flag, name := range map[string]string{"--json": "r.json", "--junit": "r.xml", "--md": "r.md"} {
		args = append(args, flag, filepath.Join(dir, name))
	}
	var out buffer
	if got := run(t.Context(), args, &out, &out); got != 1 {
		t.Errorf("exit status %d, want 1; printed\n%s", got, out.String())
	}
	for name, want := range map[string]string{"r.json": `"state": "failed"`, "r.xml": "MUST ENV-001 does not hold", "r.md": "### ENV-001 MUST"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %q (%v):\n%s", name, want, err, text)
		}
	}
	// A run that reaches nobody leaves no report of the run before.
	args[3] = "http://127.0.0.1:1/client/v4"
	if got := run(t.Context(), args, &out, &out); got != 3 {
		t.Errorf("exit status %d, want 3", got)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "r.json")); err != nil || len(text) > 0 {
		t.Errorf("an old report is left (%v):\n%s", err, text)
	}
}
