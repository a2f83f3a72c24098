package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/fake"
)

type explainCmd struct {
	ID string `arg:"" placeholder:"ID" help:"Clause, such as V1L-003."`
}

// safeties says what the safety classes mean.
var safeties = map[conformance.Safety]string{
	conformance.Reads:    "reads only",
	conformance.Rejected: "sends writes that must be refused",
	conformance.Writes:   "makes and deletes images of its own",
	conformance.Account:  "changes what the whole account shares",
	conformance.Heavy:    "is large or slow",
	conformance.Special:  "needs a hook, or an account to throw away",
}

// Run prints a clause and the mutants that it notices.
func (c *explainCmd) Run(ctx context.Context, out io.Writer) error {
	for _, clause := range conformance.Clauses() {
		if strings.EqualFold(clause.ID, c.ID) {
			explain(out, clause)
			return example(ctx, out, clause)
		}
	}
	return &exitError{usageError, fmt.Errorf("there is no clause %q; 'cfimages conformance list' has all", c.ID)}
}

func explain(out io.Writer, c conformance.Clause) {
	fmt.Fprintf(out, "%s %s\n  %s\n\n", c.ID, c.Level, c.Text)
	fmt.Fprintf(out, "source    %s (%s)\n", c.Source, c.Evidence)
	fmt.Fprintf(out, "safety    %s: %s\n", c.Safety, safeties[c.Safety])
	if c.Since != "" {
		fmt.Fprintf(out, "since     %s\n", c.Since)
	}
	if c.Note != "" {
		fmt.Fprintf(out, "note      %s\n", c.Note)
	}
	for _, m := range mutants.All() {
		for _, id := range m.Killers {
			if id == c.ID {
				fmt.Fprintf(out, "notices   %s, where %s\n", m.ID, m.Text)
			}
		}
	}
	if why := mutants.Exempt[c.ID]; why != "" {
		fmt.Fprintf(out, "no mutant %s\n", why)
	}
}

const (
	maxExample     = 12 // requests of an example
	exampleAccount = "ACCOUNT"
	exampleToken   = "token-of-the-example"
)

// onlyExamples lets nobody in but the accounts of an example.
var onlyExamples = server.WithAuth(func(_ context.Context, who server.Credentials, binds []string) error {
	suffix, ok := strings.CutPrefix(who.Token, exampleToken)
	switch {
	case !ok:
		return api.ErrUnauthenticated
	case binds[0] != exampleAccount+suffix:
		return api.ErrForbidden
	}
	return nil
})

// example checks the clause against the mock, and prints the requests of its
// first case.
func example(ctx context.Context, out io.Writer, c conformance.Clause) error {
	var ahead atomic.Int64
	m := mock.New(fake.WithClock(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }), fake.WithPrivateFetch())
	target := conformance.Target{
		BaseURL: api.Contract.BaseURL, Handler: m.Handler(onlyExamples), Profile: conformance.ProfileAll,
		AccountID: exampleAccount, Token: exampleToken, Second: &conformance.Login{AccountID: exampleAccount + "2", Token: exampleToken + "2"},
		Advance:  func(d time.Duration) { ahead.Add(int64(d)) },
		Features: map[conformance.Feature]conformance.Switch{conformance.FeatureFetch: conformance.On},
	}
	var lines []string
	_, err := conformance.Execute(ctx, target, conformance.WithClauses(c.ID), conformance.WithSeed(1),
		conformance.WithRequests(func(_ string, curl []string) {
			if lines == nil {
				lines = curl
			}
		}))
	if errors.Is(err, conformance.ErrNothingSelected) {
		return nil
	}
	if err != nil || len(lines) == 0 {
		return err
	}
	fmt.Fprintf(out, "\nrequests of a case, TOKEN and ACCOUNT to be set\n\n")
	for _, l := range lines[:min(len(lines), maxExample)] {
		fmt.Fprintln(out, "  "+l)
	}
	if left := len(lines) - maxExample; left > 0 {
		fmt.Fprintf(out, "  and %d more\n", left)
	}
	return nil
}
