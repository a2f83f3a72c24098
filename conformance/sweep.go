package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SweepReport is what [Sweep] found.
type SweepReport struct {
	// Ledgers are the files about the target and account, and Entries what
	// they name.
	Ledgers, Entries int
	// Others are how many ledgers are about another target or account, and were
	// left alone.
	Others int
	// Deleted names what was there and is not any more, or what would be
	// deleted by a run that is not dry.
	Deleted []string
	// Left names what could not be proven gone, with the reason.
	Left []string
}

// Clean reports whether nothing is left that a ledger names.
func (r SweepReport) Clean() bool { return len(r.Left) == 0 }

// WithDryRun lets [Sweep] tell what it would delete, and delete nothing.
func WithDryRun() Option { return option(func(r *run) { r.dryRun = true }) }

// Sweep deletes what runs that were killed have left: what the ledgers in the
// directory name on this target and account, and nothing else. An id that the
// target had told is deleted only if what is there bears the mark of the run.
// It proves by reading that nothing is left, and removes the ledgers of which
// that is so. Runs that are still going on must not be swept. The error is
// that of a target that cannot be asked, or of a directory that cannot be read.
func Sweep(ctx context.Context, target Target, dir string, opts ...Option) (SweepReport, error) {
	var report SweepReport
	r, err := newRun(ctx, target, opts)
	if err != nil {
		return report, err
	}
	ledgers, left, err := readLedgers(dir)
	if err != nil {
		return report, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	report.Left = left
	all := len(ledgers)
	ledgers = slices.DeleteFunc(ledgers, func(l *storedLedger) bool {
		return l.head.Run != "" && (l.head.Target != r.target.BaseURL || l.head.Account != r.target.AccountID)
	})
	report.Others = all - len(ledgers)
	if len(ledgers) == 0 {
		return report, nil
	}
	if err := r.probe(); err != nil {
		return report, err
	}
	for _, l := range ledgers {
		r.sweep(&report, l)
		if ctx.Err() != nil {
			return report, ctx.Err()
		}
	}
	return report, nil
}

// readLedgers reads all ledgers of a directory. Those that cannot be read are
// told, as what they name may be left.
func readLedgers(dir string) (ledgers []*storedLedger, unreadable []string, err error) {
	files, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if f.IsDir() || !strings.HasSuffix(f.Name(), ledgerSuffix) {
			continue
		}
		name := filepath.Join(dir, f.Name())
		text, err := os.ReadFile(name)
		if err != nil {
			unreadable = append(unreadable, err.Error())
			continue
		}
		l, err := readLedger(name, text)
		if err != nil {
			unreadable = append(unreadable, err.Error())
			continue
		}
		ledgers = append(ledgers, l)
	}
	return ledgers, unreadable, nil
}

// sweep settles the entries of a ledger, newest first, and removes it when
// nothing of it is left.
func (r *run) sweep(report *SweepReport, l *storedLedger) {
	report.Ledgers++
	report.Entries += len(l.entries)
	c := r.cleaner("sweep", l.head.Run)
	clean := true
	for _, e := range slices.Backward(l.entries) {
		if e.state == stateGone {
			continue
		}
		why := r.sweepEntry(report, c, e)
		if why == "" || e.state == stateRefused && c.forbidden {
			continue
		}
		clean = false
		report.Left = append(report.Left, fmt.Sprintf("%s: %s", e, redact(why, r.secrets())))
	}
	if clean && !r.dryRun {
		if err := os.Remove(l.name); err != nil {
			report.Left = append(report.Left, err.Error())
		}
	}
}

// sweepEntry proves that nothing of an entry is left, and returns why it is
// not so.
func (r *run) sweepEntry(report *SweepReport, c *cleaner, e storedEntry) string {
	if !e.isMark() {
		return r.sweepName(report, c, e.entry)
	}
	if !hasMark(e.creator+e.meta, c.id) {
		return "it bears no mark of the run and was left alone"
	}
	found, why := c.find(r.ctx, e.entry)
	for _, f := range found {
		if left := r.sweepName(report, c, f); left != "" {
			why = f.String() + ": " + left
		}
	}
	return why
}

func (r *run) sweepName(report *SweepReport, c *cleaner, e entry) string {
	at, own := c.look(r.ctx, e)
	switch {
	case at == absent:
		return ""
	case at == unknown:
		return c.why
	case !own:
		return "it bears no mark of the run and was left alone"
	case r.dryRun:
		report.Deleted = append(report.Deleted, e.String())
		return "it is there"
	}
	why := c.erase(r.ctx, e)
	if why == "" {
		report.Deleted = append(report.Deleted, e.String())
	}
	return why
}

// Write prints the report for people.
func (r SweepReport) Write(w io.Writer, dryRun bool) {
	verb := "deleted"
	if dryRun {
		verb = "would be deleted"
	}
	for _, d := range r.Deleted {
		fmt.Fprintf(w, "%s: %s\n", verb, d)
	}
	for _, l := range r.Left {
		fmt.Fprintf(w, "left over: %s\n", l)
	}
	if r.Others > 0 {
		fmt.Fprintf(w, "%d ledgers are about another target or account, and were left alone\n", r.Others)
	}
	fmt.Fprintf(w, "%d ledgers with %d entries: %d %s, %d left over\n", r.Ledgers, r.Entries, len(r.Deleted), verb, len(r.Left))
}
