package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/cfimages/cfimages/conformance"
)

type conformanceCmd struct {
	Run     conformanceRun  `cmd:"" help:"Run the suite against a server. Exit status: 0 conforms, 1 a clause failed, 2 wrong usage or nothing selected, 3 target unreachable, token refused or run stopped by a limit, 4 something is left over, 5 drift only."`
	List    conformanceList `cmd:"" help:"List the clauses."`
	Explain explainCmd      `cmd:"" help:"Say all that is known about a clause."`
	Report  reportCmd       `cmd:"" help:"Write reports from the JSON of runs. Exit status: 2 when a file cannot be read or written."`
	Sweep   sweepCmd        `cmd:"" help:"Delete what runs that were killed have left, by their ledgers. Exit status: 0 nothing is left, 4 something is, or cannot be proven gone."`
	Schema  schemaCmd       `cmd:"" help:"Print the JSON Schema of the JSON report."`
	Score   scoreCmd        `cmd:"" help:"Run the suite against servers that are wrong, and others that are right. Exit status: 1 when it does not tell them apart."`
}

type conformanceRun struct {
	Config       string        `placeholder:"FILE" help:"YAML file whose members are called like these flags. Flags win over CFIMAGES_CONFORMANCE_FLAG in the environment, and that over the file."`
	URL          string        `help:"Address of the API, up to and including /client/v4 (CLOUDFLARE_BASE_URL). The default is that of the real service, but only if CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID are set."`
	Account      string        `required:"" placeholder:"ID" help:"Account id (CLOUDFLARE_ACCOUNT_ID)."`
	Token        string        `required:"" help:"API token. Better given by the environment (CLOUDFLARE_API_TOKEN)."`
	Account2     string        `name:"account2" placeholder:"ID:TOKEN" help:"Another account on the same server, for clauses about the separation of accounts."`
	Control      string        `placeholder:"URL" help:"Admin API of a mock, such as http://127.0.0.1:8787/_mock, for clauses that move its clock."`
	Window       time.Duration `help:"How long the effect of a write may take to show."`
	Feature      []string      `placeholder:"NAME=on|off|probe" help:"What the server has or rightly does without. What is not said is probed where a GET can tell."`
	Profile      string        `default:"safe" enum:"smoke,readonly,safe,account,heavy,all" help:"What the run may do: smoke (40 requests), readonly (only GET), safe (images of its own), account (safe, and variants, keys and counts; nobody else may use the account), heavy (safe, and tens of megabytes) or all."`
	Confirm      string        `name:"account-is-mine" placeholder:"ID" help:"The account id once more: profiles account and all then run on an account that holds images, variants or keys already."`
	Clause       []string      `help:"Run only these clauses; * stands for anything, as in V2L-*." placeholder:"ID"`
	KnownFailing string        `placeholder:"FILE" help:"YAML list of clauses that must fail: clause, reason, link and expires (2026-12-31)."`
	MustOnly     bool          `help:"Warn of SHOULD clauses instead of failing for them."`
	Strict       bool          `help:"No benefit of the doubt: INFO clauses, undeclared features, answers that had to be asked for again and missing hooks fail the run."`
	Drift        bool          `help:"Tell apart what is only observed or assumed; when nothing else fails the exit status is 5."`
	Rate         *float64      `placeholder:"N" help:"Send N requests a second at most, 0 for no limit. The default is 3 against another machine, and no limit on this one."`
	MaxRequests  *int64        `placeholder:"N" help:"Stop the run after N requests, 0 for no limit; clean-up comes on top. The default is 6000 against another machine, and no limit on this one."`
	Ledger       string        `placeholder:"DIR" help:"Directory of the ledger, which 'cfimages conformance sweep' reads after a run that was killed. The default is in the user's cache directory."`
	Plan         bool          `help:"Print what the run would cost, and send nothing."`
	Wait         time.Duration `help:"Wait so long for the server to answer at all."`
	Seed         int64         `help:"Order of the clauses; the default is that of the time."`
	Procs        int           `default:"1" help:"Share the clauses out among this many processes."`
	JSON         string        `name:"json" placeholder:"FILE" help:"Write the result as JSON; 'cfimages conformance schema' describes it."`
	JUnit        string        `name:"junit" placeholder:"FILE" help:"Write the result as JUnit's XML."`
	MD           string        `name:"md" placeholder:"FILE" help:"Write the result as Markdown."`
	HTML         string        `name:"html" placeholder:"FILE" help:"Write the result as one HTML page."`
	Score        string        `placeholder:"FILE" help:"Show the score of the suite on that page: what 'score --json FILE' wrote."`
}

// BeforeResolve completes the flags from the environment and a file.
func (c *conformanceRun) BeforeResolve(ctx *kong.Context, env environ) error {
	return runSettings.configure(ctx, env)
}

// Run checks a server and prints what it found.
func (c *conformanceRun) Run(ctx context.Context, out io.Writer, errs stderr) error {
	target, err := c.target()
	if err != nil {
		return &exitError{usageError, err}
	}
	opts, err := c.options(target, out)
	if err != nil {
		return &exitError{usageError, err}
	}
	if c.Plan {
		return plan(ctx, target, opts, out)
	}
	if err := c.clearReports(); err != nil {
		return &exitError{usageError, err}
	}
	if errs.watched() {
		opts = append(opts, conformance.WithProgress(errs))
	}
	clock, err := c.steer(ctx, &target)
	if err != nil {
		return &exitError{usageError, err}
	}
	result, err := conformance.Execute(ctx, target, opts...)
	err = errors.Join(err, clock.failure())
	reportErr := c.report(result)
	if code := conformance.ExitCode(result, err); code != 0 {
		if err == nil {
			err = verdict(code)
		}
		return &exitError{code, errors.Join(err, reportErr)}
	}
	return reportErr
}

func verdict(code int) error {
	switch code {
	case conformance.ExitResidue:
		return errors.New("the server conforms, but something the run made may be left over")
	case conformance.ExitDrift:
		return errors.New("what is documented holds, and what is only observed or assumed has drifted")
	default:
		return errors.New("the server does not conform")
	}
}

// target is the server and what may be done to it.
func (c *conformanceRun) target() (conformance.Target, error) {
	base, err := baseURL(c.URL)
	if err != nil {
		return conformance.Target{}, err
	}
	target := conformance.Target{
		BaseURL: base, AccountID: c.Account, Token: c.Token,
		Profile: conformance.Profile(c.Profile), Confirm: c.Confirm, Window: c.Window,
		Features: map[conformance.Feature]conformance.Switch{},
	}
	for _, f := range c.Feature {
		name, value, ok := strings.Cut(f, "=")
		if !ok {
			return target, fmt.Errorf("--feature wants NAME=on, off or probe, not %q", f)
		}
		if had, twice := target.Features[conformance.Feature(name)]; twice && string(had) != value {
			return target, fmt.Errorf("--feature says that %s is %s and %s", name, had, value)
		}
		target.Features[conformance.Feature(name)] = conformance.Switch(value)
	}
	if c.Account2 != "" {
		id, token, ok := strings.Cut(c.Account2, ":")
		if !ok || id == "" || token == "" {
			return target, errors.New("--account2 wants ID:TOKEN")
		}
		target.Second = &conformance.Login{AccountID: id, Token: token}
	}
	return target, nil
}

func (c *conformanceRun) options(target conformance.Target, out io.Writer) ([]conformance.Option, error) {
	policy := conformance.Policy{MustOnly: c.MustOnly, Strict: c.Strict, Drift: c.Drift}
	if c.KnownFailing != "" {
		text, err := os.ReadFile(c.KnownFailing)
		if err != nil {
			return nil, err
		}
		if policy.Known, err = conformance.ReadKnownFailures(bytes.NewReader(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", c.KnownFailing, err)
		}
	}
	opts := []conformance.Option{conformance.WithOutput(out), conformance.WithPolicy(policy)}
	if len(c.Clause) > 0 {
		opts = append(opts, conformance.WithClauses(c.Clause...))
	}
	if c.Seed != 0 {
		opts = append(opts, conformance.WithSeed(c.Seed))
	}
	if c.Procs != 1 {
		settings, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		opts = append(opts, conformance.WithProcesses(c.Procs, settings))
	}
	return c.limited(target, opts)
}

// limited adds what keeps the run safe: its ledger and its limits.
func (c *conformanceRun) limited(target conformance.Target, opts []conformance.Option) ([]conformance.Option, error) {
	dir, err := ledgerDir(c.Ledger)
	if err != nil {
		return nil, err
	}
	limits := conformance.DefaultLimits(target)
	if c.Rate != nil {
		limits.Rate = *c.Rate
	}
	if c.MaxRequests != nil {
		limits.MaxRequests = *c.MaxRequests
	}
	if limits.Rate < 0 || limits.MaxRequests < 0 {
		return nil, errors.New("--rate and --max-requests cannot be negative")
	}
	return append(opts, conformance.WithLedger(dir), conformance.WithLimits(limits), conformance.WithWait(c.Wait)), nil
}

// plan prints what a run would cost.
func plan(ctx context.Context, target conformance.Target, opts []conformance.Option, out io.Writer) error {
	sheet, err := conformance.Plan(ctx, target, opts...)
	if err != nil {
		return &exitError{conformance.ExitCode(nil, err), err}
	}
	return sheet.Write(out)
}

// worker makes the target of a process that has a share of a run. What is known
// to fail is judged by the process that it shares with.
func worker(ctx context.Context, settings []byte) (conformance.Target, []conformance.Option, error) {
	var c conformanceRun
	if err := json.Unmarshal(settings, &c); err != nil {
		return conformance.Target{}, nil, err
	}
	c.KnownFailing, c.Procs = "", 1
	target, err := c.target()
	if err != nil {
		return target, nil, err
	}
	if _, err := c.steer(ctx, &target); err != nil {
		return target, nil, err
	}
	opts, err := c.options(target, io.Discard)
	return target, opts, err
}

// steer gives the run the clock of the mock, when there is one.
func (c *conformanceRun) steer(ctx context.Context, target *conformance.Target) (*control, error) {
	if c.Control == "" {
		return &control{}, nil
	}
	clock, err := newControl(ctx, c.Control)
	if err != nil {
		return nil, fmt.Errorf("--control: %w", err)
	}
	target.Advance, target.Ahead = clock.advance, clock.ahead
	return clock, nil
}

// clearReports empties the reports before the run, so that a run which comes to
// nothing leaves none of an earlier one, and one that cannot be written is
// noticed at once.
func (c *conformanceRun) clearReports() error {
	if _, err := readScore(c.Score); err != nil {
		return err
	}
	if err := c.onePlaceEach(); err != nil {
		return err
	}
	for _, name := range []string{c.JSON, c.JUnit, c.MD, c.HTML} {
		if name == "" {
			continue
		}
		if err := writeFile(name, func(io.Writer) error { return nil }); err != nil {
			return fmt.Errorf("a report cannot be written: %w", err)
		}
	}
	return nil
}

// onePlaceEach keeps one report from overwriting another.
func (c *conformanceRun) onePlaceEach() error {
	taken := map[string]bool{}
	for _, name := range []string{c.JSON, c.JUnit, c.MD, c.HTML} {
		place := filepath.Clean(name)
		if name != "" && taken[place] {
			return fmt.Errorf("two reports cannot be written to %s", name)
		}
		taken[place] = true
	}
	return nil
}

// report writes the reports that were asked for.
func (c *conformanceRun) report(r *conformance.Result) error {
	if r == nil {
		return nil
	}
	score, err := readScore(c.Score)
	errs := []error{err}
	html := func(w io.Writer) error { return r.WriteHTML(w, score) }
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{{c.JSON, r.WriteJSON}, {c.JUnit, r.WriteJUnit}, {c.MD, r.WriteMarkdown}, {c.HTML, html}} {
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
