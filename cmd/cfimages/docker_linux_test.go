package main

import (
	"context"
	"debug/elf"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// dockerBuild returns the build command of the Dockerfile, with another output.
func dockerBuild(tb testing.TB, out string) []string {
	tb.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		tb.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*)$`).FindSubmatch(text)
	if m == nil || !strings.Contains(string(m[1]), " -o /out/cfimages ") {
		tb.Fatal("the Dockerfile does not build the command")
	}
	return strings.Fields(strings.Replace(string(m[1]), "/out/cfimages", out, 1))
}

// cacheHome is where the compiler's cache is, before the tests hide it.
var cacheHome = os.Getenv("XDG_CACHE_HOME")

// binary builds the command as the Dockerfile does.
func binary(tb testing.TB) string {
	tb.Helper()
	out := filepath.Join(tb.TempDir(), "cfimages")
	words := dockerBuild(tb, out)
	cmd := exec.CommandContext(tb.Context(), words[1], words[2:]...)
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), words[0], "XDG_CACHE_HOME="+cacheHome)
	if text, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, text)
	}
	return out
}

// TestDockerfile builds what the image holds, a binary that needs no library, and
// lets it run without an environment.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	path := binary(t)
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	libraries, err := file.ImportedLibraries()
	if err != nil || len(libraries) > 0 || file.Section(".interp") != nil {
		t.Errorf("the binary needs %v, %v", libraries, err)
	}
	socket := filepath.Join(t.TempDir(), "s")
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	mock := exec.CommandContext(ctx, path, "mock")
	mock.Env = []string{"CFIMAGES_MOCK_SOCKET=" + socket}
	if err := mock.Start(); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		check := exec.CommandContext(ctx, path, "mock", "health")
		check.Env = mock.Env
		if text, err := check.CombinedOutput(); err == nil && string(text) == "ok\n" {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the mock is never healthy")
		}
	}
	if err := mock.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := mock.Wait(); err != nil {
		t.Error(err)
	}
}

// BenchmarkStart measures the time from the start of the binary to its first
// answer of the API.
func BenchmarkStart(b *testing.B) {
	path, socket := binary(b), filepath.Join(b.TempDir(), "s")
	client := &http.Client{Transport: overSocket(socket)}
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), path, "mock", "--socket", socket)
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		for !answers(b, client) {
			time.Sleep(100 * time.Microsecond)
		}
		b.StopTimer()
		client.CloseIdleConnections()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			b.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func answers(b *testing.B, client *http.Client) bool {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://localhost/client/v4/accounts/a/images/v1/stats", nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer t")
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
