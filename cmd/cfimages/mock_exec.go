package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/cfimages/cfimages/internal/standalone"
)

// mockExec runs a command with a mock.
type mockExec struct {
	mockFlags `embed:""`
	Command   []string `arg:"" passthrough:"partial" help:"The command and its arguments, behind --."`
}

// Exit statuses of a command that was not run, as shells have them. One that a
// signal has ended counts as signalStatus and the signal's number.
const (
	cannotRun    = 126
	noCommand    = 127
	signalStatus = 128
)

// Run serves on a free port while the command runs, and ends with its status. What
// the mock has to say goes to the standard error.
func (c *mockExec) Run(ctx context.Context, env environ, errs stderr) (err error) {
	accounts, err := parseAccounts(c.Account)
	if err != nil {
		return &exitError{usageError, err}
	}
	ctx = context.WithoutCancel(ctx) // a signal ends the command, and the command the mock
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	service, release, err := c.service(ctx, accounts, true, errs)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer release()
	ctx, stop := context.WithCancel(ctx)
	stopped := make(chan error, 1)
	go func() { stopped <- serve(ctx, plainServer(service), l) }()
	code, err := c.command(env.withMock("http://"+l.Addr().String()+standalone.BasePath(), accounts))
	stop()
	if served := <-stopped; err == nil && code == 0 {
		return served
	}
	return &exitError{code, err}
}

// credentials are the variables that SDKs of the service find it by.
var credentials = []string{
	"CLOUDFLARE_BASE_URL", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL",
	"CLOUDFLARE_API_EMAIL", "CLOUDFLARE_API_USER_SERVICE_KEY",
}

// withMock is an environment in which SDKs and this module's client find the mock,
// and neither credentials for the real service nor the secret of webhooks.
func (env environ) withMock(url string, list standalone.Accounts) environ {
	out := slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(credentials, name) || strings.HasPrefix(name, mockSettings.prefix)
	})
	a := standalone.Example
	if len(list) > 0 {
		a = list[0]
	}
	return append(out, "CLOUDFLARE_BASE_URL="+url, "CLOUDFLARE_API_TOKEN="+a.Token, "CLOUDFLARE_ACCOUNT_ID="+a.ID)
}

// command runs the command on this process's terminal and returns its status. The
// error says why it did not run.
func (c *mockExec) command(env environ) (int, error) {
	args := c.Command
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return usageError, errors.New("the command is missing: cfimages mock exec -- command arguments")
	}
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // it is what the user asks for, and ends by itself
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, passedOn...)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return noCommand, err
		}
		return cannotRun, err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the state of the process tells more
		close(ended)
	}()
	for {
		select {
		case s := <-signals:
			pass(cmd.Process, s)
		case <-ended:
			return exitCode(cmd.ProcessState), nil
		}
	}
}

// pass gives a signal to the command, unless it has it from the terminal already.
func pass(p *os.Process, s os.Signal) {
	if (s == os.Interrupt || s == syscall.SIGQUIT) && foreground(os.Stdin) {
		return
	}
	_ = p.Signal(s) // it may have ended
}

// exitCode is the status that a shell would tell.
func exitCode(state *os.ProcessState) int {
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return signalStatus + int(w.Signal())
	}
	return state.ExitCode()
}
