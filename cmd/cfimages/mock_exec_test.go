package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// execMock runs 'mock exec' as a process of its own.
func execMock(t *testing.T, env []string, args ...string) (cmd *exec.Cmd, out, errs *buffer) {
	t.Helper()
	out, errs = &buffer{}, &buffer{}
	cmd = exec.CommandContext(t.Context(), os.Args[0], append([]string{"mock", "exec"}, args...)...)
	cmd.Env = append(append(os.Environ(), asCommand+"=1", "GORACE=atexit_sleep_ms=0"), env...)
	cmd.Stdout, cmd.Stderr = out, errs
	return cmd, out, errs
}

// TestExec looks at what a command gets and what is made of its end.
func TestExec(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "nothing")
	folder := filepath.Join(t.TempDir(), "seed")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "dot.svg"), []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := `curl -s -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" "$CLOUDFLARE_BASE_URL/accounts/$CLOUDFLARE_ACCOUNT_ID/images/v1/dot.svg" | cut -c 1-24`
	for name, tt := range map[string]struct {
		args []string
		code int
		out  string
		errs string
	}{
		"status":        {[]string{"--", "sh", "-c", "echo out; echo err >&2; exit 7"}, 7, "out\n", "err\n"},
		"success":       {[]string{"--", "true"}, 0, "", ""},
		"without dash":  {[]string{"sh", "-c", "exit 3"}, 3, "", ""},
		"flags of it":   {[]string{"--seed", "1", "--", "echo", "--seed", "--", "2"}, 0, "--seed -- 2\n", ""},
		"signal":        {[]string{"--", "sh", "-c", "kill -TERM $$"}, 143, "", ""},
		"login":         {[]string{"--account", "a:t", "--", "sh", "-c", "echo $CLOUDFLARE_ACCOUNT_ID $CLOUDFLARE_API_TOKEN $CLOUDFLARE_API_KEY"}, 0, "a t\n", ""},
		"seeded":        {[]string{"--seed-from", folder, "--", "sh", "-c", ask}, 0, `{"result":{"id":"dot.svg` + "\n", ""},
		"no such":       {[]string{"--", "no-such-command-anywhere"}, 127, "", "not found"},
		"no such file":  {[]string{"--", missing}, 127, "", "no such file"},
		"not to be run": {[]string{"--", folder}, 126, "", "permission denied"},
		"no command":    {nil, 2, "", "command"},
		"wrong flag":    {[]string{"--wings", "--", "true"}, 2, "", "wings"},
		"wrong account": {[]string{"--account", "a", "--", "true"}, 2, "", "--account wants"},
		"wrong seed":    {[]string{"--seed-from", missing, "--", "true"}, 2, "", "the seed: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, out, errs := execMock(t, []string{"CLOUDFLARE_API_KEY=real", "CLOUDFLARE_ACCOUNT_ID=real", "CLOUDFLARE_API_TOKEN=real"}, tt.args...)
			_ = cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != tt.code {
				t.Errorf("exit status %d, want %d", code, tt.code)
			}
			if tt.code != usageError && out.String() != tt.out {
				t.Errorf("printed %q, want %q", out.String(), tt.out)
			}
			if !strings.Contains(errs.String(), tt.errs) || tt.errs == "" && errs.String() != "" {
				t.Errorf("errors %q, want %q", errs.String(), tt.errs)
			}
		})
	}
}

// TestExecPassesSignals interrupts the mock, which tells the command. That ends as
// it likes, and the mock with it.
func TestExecPassesSignals(t *testing.T) {
	t.Parallel()
	for signal, name := range map[os.Signal]string{os.Interrupt: "INT", passedOn[2]: "TERM"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, _, errs := execMock(t, nil, "--", "sh", "-c", `
				sleep 600 >/dev/null 2>&1 & sleeper=$!
				trap 'kill $sleeper; echo got it; exit 9' `+name+`
				echo ready; wait`)
			cmd.Stdout = nil
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line := make([]byte, len("ready\n"))
			if _, err := out.Read(line); err != nil || string(line) != "ready\n" {
				t.Fatalf("%q, %v", line, err)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			var rest bytes.Buffer
			_, err = rest.ReadFrom(out)
			_ = cmd.Wait()
			if err != nil || rest.String() != "got it\n" || cmd.ProcessState.ExitCode() != 9 {
				t.Errorf("exit status %d, printed %q and %q", cmd.ProcessState.ExitCode(), rest.String(), errs.String())
			}
		})
	}
}
