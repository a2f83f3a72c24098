package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
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
func (c *explainCmd) Run(out io.Writer) error {
	for _, clause := range conformance.Clauses() {
		if strings.EqualFold(clause.ID, c.ID) {
			explain(out, clause)
			return nil
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
