package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
)

type conformanceCmd struct {
	Run     conformanceRun  `cmd:"" help:"Run the suite against a server. Exit status: 0 conforms, 1 a clause failed, 2 wrong usage or nothing selected, 3 target unreachable."`
	List    conformanceList `cmd:"" help:"List the clauses."`
	Explain explainCmd      `cmd:"" help:"Say all that is known about a clause."`
	Schema  schemaCmd       `cmd:"" help:"Print the JSON Schema of the JSON report."`
	Score   scoreCmd        `cmd:"" help:"Run the suite against servers that are wrong, and others that are right. Exit status: 1 when it does not tell them apart."`
}

type conformanceRun struct {
	URL     string        `required:"" help:"Address of the API, up to and including /client/v4."`
	Account string        `required:"" help:"Account id." env:"CLOUDFLARE_ACCOUNT_ID"`
	Token   string        `required:"" help:"API token. Better given by the environment." env:"CLOUDFLARE_API_TOKEN"`
	Clause  []string      `help:"Run only these clauses; * stands for anything, as in V2L-*." placeholder:"ID"`
	Profile string        `default:"safe" enum:"smoke,readonly,safe,account,heavy,all" help:"What the run may do: smoke (40 requests), readonly (only GET), safe (images of its own), account (safe, and variants, keys and counts; nobody else may use the account), heavy (safe, and tens of megabytes) or all."`
	Confirm string        `name:"account-is-mine" placeholder:"ID" help:"The account id once more: profiles account and all then run on an account that holds images, variants or keys already."`
	Lacks   []string      `help:"What the server rightly does without." placeholder:"FEATURE"`
	Window  time.Duration `help:"How long the effect of a write may take to show."`
	Seed    int64         `help:"Order of the clauses; the default is that of the time."`
	JSON    string        `name:"json" placeholder:"FILE" help:"Write the result as JSON; 'cfimages conformance schema' describes it."`
	JUnit   string        `name:"junit" placeholder:"FILE" help:"Write the result as JUnit's XML."`
	MD      string        `name:"md" placeholder:"FILE" help:"Write the result as Markdown."`
}

// Run checks a server and prints what it found.
func (c *conformanceRun) Run(ctx context.Context, out io.Writer) error {
	target := conformance.Target{
		BaseURL: c.URL, AccountID: c.Account, Token: c.Token,
		Profile: conformance.Profile(c.Profile), Confirm: c.Confirm, Window: c.Window, Features: map[conformance.Feature]conformance.Switch{},
	}
	for _, f := range c.Lacks {
		target.Features[conformance.Feature(f)] = conformance.Off
	}
	opts := []conformance.Option{conformance.WithOutput(out)}
	if len(c.Clause) > 0 {
		opts = append(opts, conformance.WithClauses(c.Clause...))
	}
	if c.Seed != 0 {
		opts = append(opts, conformance.WithSeed(c.Seed))
	}
	if err := c.clearReports(); err != nil {
		return &exitError{usageError, err}
	}
	result, err := conformance.Execute(ctx, target, opts...)
	reportErr := c.report(result)
	if code := conformance.ExitCode(result, err); code != 0 {
		if err == nil {
			err = errors.New("the server does not conform")
		}
		return &exitError{code, errors.Join(err, reportErr)}
	}
	return reportErr
}

// clearReports empties the reports before the run, so that a run which comes to
// nothing leaves none of an earlier one, and one that cannot be written is
// noticed at once.
func (c *conformanceRun) clearReports() error {
	for _, name := range []string{c.JSON, c.JUnit, c.MD} {
		if name == "" {
			continue
		}
		if err := writeFile(name, func(io.Writer) error { return nil }); err != nil {
			return fmt.Errorf("a report cannot be written: %w", err)
		}
	}
	return nil
}

// report writes the reports that were asked for.
func (c *conformanceRun) report(r *conformance.Result) error {
	if r == nil {
		return nil
	}
	var errs []error
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{{c.JSON, r.WriteJSON}, {c.JUnit, r.WriteJUnit}, {c.MD, r.WriteMarkdown}} {
		if f.name != "" {
			errs = append(errs, writeFile(f.name, f.write))
		}
	}
	return errors.Join(errs...)
}

type schemaCmd struct{}

// Run prints the schema of the JSON report.
func (schemaCmd) Run(out io.Writer) error {
	_, err := out.Write(conformance.ReportSchema)
	return err
}

type conformanceList struct {
	Mutants bool `help:"List the mutants and the clauses that notice them instead."`
}

// Run prints every clause, a line each.
func (c conformanceList) Run(out io.Writer) error {
	if c.Mutants {
		return listMutants(out)
	}
	for _, c := range conformance.Clauses() {
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\n", c.ID, c.Level, c.Text); err != nil {
			return err
		}
	}
	return nil
}

func listMutants(out io.Writer) error {
	for _, m := range mutants.All() {
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", m.ID, m.Class, m.Text, strings.Join(m.Killers, " ")); err != nil {
			return err
		}
	}
	return nil
}
