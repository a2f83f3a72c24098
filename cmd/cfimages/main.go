// Command cfimages serves a mock of the API and checks servers for conformance.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/cfimages/cfimages/conformance"
)

// usageError is the exit status for wrong usage; the other statuses are those
// of package conformance.
const usageError = 2

type cli struct {
	Mock        mockCmd        `cmd:"" help:"Serve a stateful mock of the API and its one-time upload URLs."`
	Conformance conformanceCmd `cmd:"" help:"Check what a server does."`
}

func main() {
	conformance.Worker(worker)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes a command line and returns the exit status.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	return runIn(ctx, os.Environ(), args, out, errs)
}

// runIn is run with another environment.
func runIn(ctx context.Context, env environ, args []string, out, errs io.Writer) int {
	asked := false
	parser, err := kong.New(&cli{},
		kong.Name("cfimages"),
		kong.Description("Tools for the Cloudflare Images API."),
		kong.UsageOnError(),
		kong.Writers(out, errs),
		kong.Exit(func(int) { asked = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(out, (*io.Writer)(nil)),
		kong.Bind(env),
		kong.Bind(stderr{errs}),
	)
	if err != nil {
		fmt.Fprintln(errs, "cfimages:", err)
		return usageError
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if asked { // for help, which is printed by now
		return 0
	}
	if err != nil {
		fmt.Fprintln(errs, "cfimages:", err)
		return usageError
	}
	return status(errs, k.Run())
}

// exitError ends the program with a status, its message printed before. Without
// an error there is nothing to print.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return "exit status " + strconv.Itoa(e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func status(errs io.Writer, err error) int {
	if err == nil {
		return 0
	}
	e, ok := errors.AsType[*exitError](err)
	if ok && e.err == nil {
		return e.status
	}
	fmt.Fprintln(errs, "cfimages:", err)
	if ok {
		return e.status
	}
	return 1
}
