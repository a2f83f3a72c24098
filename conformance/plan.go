package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/fake"
)

// CostSheet tells what runs would cost.
type CostSheet struct {
	// Limits are those of the run.
	Limits Limits
	Rows   []CostRow
}

// CostRow is what one run would cost.
type CostRow struct {
	// Profile is that of the run, and Chosen whether it is the one asked for.
	Profile Profile
	Chosen  bool
	// Clauses are how many would be checked.
	Clauses int
	Cost
	// Least is the time at the rate of the limits, 0 if there is none. A
	// target with a window takes longer, as checks are repeated in it.
	Least time.Duration
}

// Plan tells what a run would cost, without a request to the target: the same
// clauses are run against the mock in this process, and what they send is
// counted, for the run's own profile and the others.
func Plan(ctx context.Context, target Target, opts ...Option) (*CostSheet, error) {
	asked, err := newRun(ctx, target, opts)
	if err != nil {
		return nil, err
	}
	if asked.plan() == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNothingSelected, asked.firstReason())
	}
	sheet := &CostSheet{Limits: *asked.limits}
	for _, p := range Profiles() {
		row, err := asked.rehearse(ctx, p)
		if err != nil {
			return nil, err
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet, nil
}

// rehearse runs the clauses of a profile against the mock.
func (r *run) rehearse(ctx context.Context, p Profile) (CostRow, error) {
	row := CostRow{Profile: p, Chosen: p == r.target.Profile}
	stage := r.target
	stage.Profile = p
	r.onStage(&stage)
	result, err := Execute(ctx, stage, WithClauses(r.patterns...), WithSeed(r.seed), WithLimits(Limits{}))
	if errors.Is(err, ErrNothingSelected) {
		return row, nil
	}
	if err != nil {
		return row, err
	}
	row.Clauses, row.Cost = result.Count(Passed)+len(result.Failed()), result.Cost
	if r.limits.Rate > 0 {
		row.Least = time.Duration(float64(row.Requests) / r.limits.Rate * float64(time.Second))
	}
	return row, nil
}

// onStage puts the mock in the place of the target.
func (r *run) onStage(t *Target) {
	var ahead atomic.Int64
	opts := []mock.Option{
		fake.WithClock(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }),
		fake.WithPrivateFetch(),
	}
	if t.Allowance > 0 {
		opts = append(opts, fake.WithAllowance(t.Allowance))
	}
	if t.Advance != nil {
		t.Advance = func(d time.Duration) { ahead.Add(int64(d)) }
	}
	logins := []Login{{t.AccountID, t.Token}}
	if t.Second != nil {
		logins = append(logins, *t.Second)
	}
	t.Handler = mock.New(opts...).Handler(server.WithAuth(admitting(logins)))
	t.BaseURL, t.HTTPClient = defaultBase, nil
	t.Timeout = 2 * time.Minute
	t.Window = min(t.Window, 20*time.Millisecond)
}

// admitting lets each token use its own account only.
func admitting(logins []Login) func(context.Context, server.Credentials, []string) error {
	return func(_ context.Context, who server.Credentials, binds []string) error {
		known := slices.ContainsFunc(logins, func(l Login) bool { return l.Token == who.Token })
		own := slices.Contains(logins, Login{binds[0], who.Token})
		switch {
		case !known:
			return api.ErrUnauthenticated
		case !own:
			return api.ErrForbidden
		default:
			return nil
		}
	}
}

// Write prints the sheet for people.
func (s *CostSheet) Write(w io.Writer) error {
	tab := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "clauses\trequests\twrites\timages at peak\tkB sent\tminutes\t  profile")
	for _, r := range s.Rows {
		minutes := "-"
		if r.Least > 0 {
			minutes = fmt.Sprintf("%.1f", r.Least.Minutes())
		}
		name := string(r.Profile)
		if r.Chosen {
			name += " (this run)"
		}
		fmt.Fprintf(tab, "%d\t%d\t%d\t%d\t%d\t%s\t  %s\n", r.Clauses, r.Requests, r.Writes, r.Images, (r.Bytes+999)/1000, minutes, name)
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\n%s", s.Limits, s.warning())
	return err
}

// warning tells that the limits may stop the run before its end. What it cleans
// up is part of what it costs, and comes on top of the limits.
func (s *CostSheet) warning() string {
	i := slices.IndexFunc(s.Rows, func(r CostRow) bool { return r.Chosen })
	if i < 0 {
		return ""
	}
	cost := s.Rows[i].Cost
	for _, b := range []struct {
		what      string
		cost, max int64
	}{
		{"requests", cost.Requests, s.Limits.MaxRequests}, {"writes", cost.Writes, s.Limits.MaxWrites},
		{"images", cost.Images, s.Limits.MaxImages}, {"bytes", cost.Bytes, s.Limits.MaxBytes},
	} {
		if b.max > 0 && b.cost > b.max {
			return fmt.Sprintf("the limits may stop this run before its end: it costs %d %s, clean-up included, of %d\n", b.cost, b.what, b.max)
		}
	}
	return ""
}

// String tells the limits in words.
func (l Limits) String() string {
	var parts []string
	if l.Rate > 0 {
		parts = append(parts, fmt.Sprintf("%g requests a second", l.Rate))
	}
	for _, b := range []struct {
		max  int64
		what string
	}{{l.MaxRequests, "requests"}, {l.MaxWrites, "writes"}, {l.MaxImages, "images at the same time"}, {l.MaxBytes, "bytes"}} {
		if b.max > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", b.max, b.what))
		}
	}
	if len(parts) == 0 {
		return "no limit"
	}
	return "at most " + strings.Join(parts, ", ")
}
