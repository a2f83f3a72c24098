package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cfimages/cfimages/conformance"
)

type sweepCmd struct {
	URL     string `help:"Address of the API, as it was given to the run." env:"CFIMAGES_CONFORMANCE_URL,CLOUDFLARE_BASE_URL"`
	Account string `required:"" help:"Account id." env:"CFIMAGES_CONFORMANCE_ACCOUNT,CLOUDFLARE_ACCOUNT_ID"`
	Token   string `required:"" help:"API token. Better given by the environment." env:"CFIMAGES_CONFORMANCE_TOKEN,CLOUDFLARE_API_TOKEN"`
	Ledger  string `placeholder:"DIR" help:"Directory of the ledgers. The default is in the user's cache directory." env:"CFIMAGES_CONFORMANCE_LEDGER"`
	DryRun  bool   `help:"Tell what would be deleted, and delete nothing."`
}

// Run deletes what the ledgers name, and prints what it found.
func (c *sweepCmd) Run(ctx context.Context, out io.Writer) error {
	base, err := baseURL(c.URL)
	if err != nil {
		return &exitError{usageError, err}
	}
	dir, err := ledgerDir(c.Ledger)
	if err != nil {
		return &exitError{usageError, err}
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		fmt.Fprintf(out, "there is no directory %s\n", dir) // mistyped, it would look clean
	}
	var opts []conformance.Option
	if c.DryRun {
		opts = append(opts, conformance.WithDryRun())
	}
	target := conformance.Target{BaseURL: base, AccountID: c.Account, Token: c.Token}
	report, err := conformance.Sweep(ctx, target, dir, opts...)
	report.Write(out, c.DryRun)
	switch {
	case err != nil:
		return &exitError{conformance.ExitCode(nil, err), err}
	case !report.Clean():
		return &exitError{conformance.ExitResidue, errors.New("something is left over")}
	default:
		return nil
	}
}

// realService is the address of the real API.
const realService = "https://api.cloudflare.com/client/v4"

// baseURL is the address given, or that of the real service for those whose
// environment is made for it.
func baseURL(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if os.Getenv("CLOUDFLARE_API_TOKEN") == "" || os.Getenv("CLOUDFLARE_ACCOUNT_ID") == "" {
		return "", errors.New("--url is missing; it may be left out for the real service only, with CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID set")
	}
	return realService, nil
}

// ledgerDir is the directory given, or the usual one.
func ledgerDir(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	dir, err := conformance.DefaultLedger()
	if err != nil {
		return "", fmt.Errorf("%w; --ledger gives the directory of the ledger", err)
	}
	return dir, nil
}
