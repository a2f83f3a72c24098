package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
)

// Errors of a run that checked nothing.
var (
	// ErrUsage: the target or an option makes no sense.
	ErrUsage = errors.New("wrong usage")
	// ErrNothingSelected: no clause is both chosen and possible.
	ErrNothingSelected = errors.New("no clause was selected")
	// ErrUnreachable: the target does not answer, or not any more.
	ErrUnreachable = errors.New("the target is unreachable")
	// ErrRefused: the target answers, but not as the API to this token.
	ErrRefused = errors.New("the target refuses the run")
	// ErrStopped: the run was stopped before its end, because its budget was
	// used up or its ledger could not be written.
	ErrStopped = errors.New("the run was stopped")
)

// Option changes what a run does.
type Option interface{ apply(*run) }

type option func(*run)

func (o option) apply(r *run) { o(r) }

// WithClauses checks the clauses that match any of the patterns only, such as
// "V1L-003" or "V2L-*". A pattern that matches no clause is an error.
func WithClauses(patterns ...string) Option {
	return option(func(r *run) { r.patterns = append(r.patterns, patterns...) })
}

// WithOutput writes failures and a summary. The default writes nothing.
func WithOutput(w io.Writer) Option { return option(func(r *run) { r.out = w }) }

// WithSeed sets the seed of everything random, the order of the clauses
// included. The default is another one each time; the result tells it.
func WithSeed(seed int64) Option { return option(func(r *run) { r.seed = seed }) }

// run is one check of one target.
type run struct {
	ctx      context.Context
	target   Target
	id       string
	seed     int64
	patterns []string
	policy   Policy
	out      io.Writer
	progress *progress
	requests func(clause string, curl []string)
	http     *http.Client
	base     http.RoundTripper
	specs    atomic.Int64
	pictures atomic.Int64
	// ahead is how far the target's clock is ahead, in nanoseconds.
	ahead  atomic.Int64
	limits *Limits
	gate   *gate
	book   *book
	// ledgerDir is where the ledger is kept, empty for memory only.
	ledgerDir string
	// dryRun deletes nothing; it is for sweeping.
	dryRun bool
	// await is how long to wait until the target answers at all.
	await time.Duration
	// hosted: the clauses are a part of somebody else's suite. The first of them
	// asks enter whether the account may be changed.
	hosted bool
	enter  func() error
	// foreign are variants and keys that were there before the run.
	foreign map[entry]bool
	// coins are names of the run that do not bear its mark.
	coins map[string]bool
	// notRun holds why a clause is not checked.
	notRun map[string]string
	// wanting holds what of a clause is not checked for want of a hook.
	wanting map[string]string
	// features are what the probes found, empty before.
	features []FeatureState
	// procs is how many processes share the clauses, process which of them this
	// is, counted from 1; settings are what the others make the target from.
	procs, process int
	settings       []byte
	// answered counts the answers that clauses got.
	answered atomic.Int64
	mu       sync.Mutex
	hidden   []string
}

func newRun(ctx context.Context, target Target, opts []Option) (*run, error) {
	r := &run{
		ctx:    ctx,
		target: target,
		id:     strings.ToLower(rand.Text()[:8]),
		seed:   time.Now().UnixNano() % 1e9,
		out:    io.Discard,
		procs:  1,
		coins:  map[string]bool{},
	}
	for _, o := range opts {
		o.apply(r)
	}
	if err := r.target.complete(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if err := errors.Join(r.policy.check(), r.checkProcs()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	for _, p := range r.patterns {
		if !slices.ContainsFunc(catalogue(), func(c Clause) bool { return matches(p, c.ID) }) {
			return nil, fmt.Errorf("%w: no clause matches %q", ErrUsage, p)
		}
	}
	r.ahead.Store(int64(r.target.Ahead))
	r.http = r.target.httpClient()
	r.base = r.http.Transport
	r.fillLimits()
	r.book = r.newBook()
	r.hide(r.target.Token)
	if s := r.target.Second; s != nil {
		r.hide(s.Token)
	}
	return r, nil
}

func matches(pattern, id string) bool {
	ok, err := path.Match(strings.ToUpper(pattern), id)
	return ok && err == nil
}

// selected decides whether a clause is checked, and notes why it is not.
func (r *run) selected(c Clause, needs []need) bool {
	chosen := len(r.patterns) == 0 || slices.ContainsFunc(r.patterns, func(p string) bool { return matches(p, c.ID) })
	missing, lacks := r.target.unmet(needs)
	why := ""
	switch {
	case !chosen:
		why = notChosen
	case lacks:
		why = "needs " + missing.what
		if missing.hook != nil && missing.hook(&r.target) {
			r.wanting[c.ID] = why
		}
	case !r.target.Profile.picks(c.ID):
		why = notPicked
	}
	if why != "" && r.notRun[c.ID] == "" {
		r.notRun[c.ID] = why
	}
	return why == ""
}

const (
	notChosen      = "not chosen"
	notPicked      = "not part of the profile smoke"
	notImplemented = "not implemented"
	stopped        = "the run was stopped"
)

// limit is the most a clause may take.
func (r *run) limit() time.Duration {
	return r.target.Timeout + 4*r.target.Window + r.limits.patience()
}

func (r *run) agent(what string) string {
	return fmt.Sprintf("cfimages-conformance (%s; run %s)", what, r.id)
}

// client returns a client whose requests a trace records.
func (r *run) client(t *trace) *http.Client {
	c := *r.http
	c.Transport = t
	return &c
}

// hide keeps a secret out of reports.
func (r *run) hide(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if secret != "" && !slices.Contains(r.hidden, secret) {
		r.hidden = append(r.hidden, secret)
	}
}

func (r *run) secrets() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.hidden)
}

// Execute checks a target. The error is one of [ErrUsage],
// [ErrNothingSelected], [ErrUnreachable], [ErrRefused] and [ErrStopped], or the
// context's when the run was stopped before its end; a clause that failed is
// not an error but in the result. A run that was stopped has a result, too.
func Execute(ctx context.Context, target Target, opts ...Option) (*Result, error) {
	r, err := newRun(ctx, target, opts)
	if err != nil {
		return nil, err
	}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	begin := time.Now()
	report, err := r.perform()
	r.progress.finish()
	if err != nil {
		return nil, errors.Join(err, ctx.Err())
	}
	result := r.collect(report, time.Since(begin))
	result.write(r.out)
	return result, errors.Join(r.gate.stopped(), ctx.Err())
}

// perform runs the specs, here or in processes of their own.
func (r *run) perform() (types.Report, error) {
	if r.procs > 1 {
		return r.shared()
	}
	config := types.NewDefaultSuiteConfig()
	config.FailOnEmpty, config.RandomizeAllSpecs, config.RandomSeed = true, true, r.seed
	return isolated(r.target.Name, config, r.build, r.tell), nil
}

// prepare finds out what there is to check, before and after a first look at
// the target.
func (r *run) prepare() error {
	for _, step := range []func() error{r.choose, r.probe, r.guard, r.settle, r.survey} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// choose demands that there is something to check.
func (r *run) choose() error {
	n := r.plan()
	if n == 0 {
		return fmt.Errorf("%w: %s", ErrNothingSelected, r.firstReason())
	}
	r.progress.start(n)
	return nil
}

func (r *run) settle() error {
	r.probeFeatures()
	return r.choose()
}

// build registers the suite with Ginkgo.
func (r *run) build() { r.suite().register() }

// tally is what a process knows of the run beside the specs' reports.
type tally struct {
	// Answered is how many answers the clauses got.
	Answered int64
	Cost     Cost
	Residue  []string
	// Stopped is why the process ended early, and Away whether that was because
	// the target did not answer any more.
	Stopped string
	Away    bool
}

const tallyEntry = "tally"

// tell ends the run in this process, and hands the tally to whoever collects
// the report. In the report of several processes it arrives as decoded JSON.
func (r *run) tell() {
	t := tally{Answered: r.answered.Load(), Residue: r.finish(), Cost: r.gate.spent()}
	if cause := r.gate.stopped(); cause != nil {
		t.Stopped, t.Away = redact(cause.Error(), r.secrets()), errors.Is(cause, ErrUnreachable)
	}
	ginkgo.AddReportEntry(tallyEntry, t)
}

// plan counts the specs there will be, and notes which clauses have none.
func (r *run) plan() int {
	r.notRun, r.wanting = map[string]string{}, map[string]string{}
	s := r.suite()
	s.dry = true
	s.fill()
	for _, c := range catalogue() {
		if !s.seen[c.ID] && r.notRun[c.ID] == "" {
			r.notRun[c.ID] = notImplemented
		}
	}
	return s.planned
}

func (r *run) suite() *suite { return &suite{run: r, seen: map[string]bool{}} }

// halt ends a clause that cannot be judged, as the run was stopped. A suite of
// somebody else must not take that for a success.
func (r *run) halt(cause error) {
	if r.hosted {
		ginkgo.Fail(redact(cause.Error(), r.secrets()))
	}
	ginkgo.Skip(cause.Error())
}

func (r *run) firstReason() string {
	for _, c := range catalogue() {
		if why := r.notRun[c.ID]; why != notChosen {
			return c.ID + " " + why
		}
	}
	return notChosen
}

// Run checks a target as part of a test. Every clause that does not hold is an
// error of the test, and so is a run that checks nothing.
func Run(t testing.TB, target Target, opts ...Option) *Result {
	t.Helper()
	result, err := Execute(t.Context(), target, opts...)
	if err != nil {
		t.Errorf("conformance: %s", err)
		return result
	}
	for _, o := range result.Failed() {
		t.Errorf("%s", o.Message)
	}
	for _, left := range result.Residue {
		t.Errorf("conformance: left over: %s", left)
	}
	t.Logf("%s", result.Summary())
	return result
}

// Register adds the clauses to the Ginkgo container it is called in, for a
// program with a Ginkgo suite of its own. The specs' failures are that
// suite's: there is no probe of features and no policy, and no reading of what
// is left at the end; with [WithLedger], [Sweep] does it. An account that [Execute]
// would refuse to change fails every spec. [WithPolicy], [WithProcesses],
// [WithOutput] and [WithProgress] are the host's to decide, and are errors.
func Register(ctx context.Context, target Target, opts ...Option) error {
	r, err := newRun(ctx, target, opts)
	if err != nil {
		return err
	}
	if r.out != io.Discard || r.progress != nil || r.procs > 1 || !reflect.ValueOf(r.policy).IsZero() {
		return fmt.Errorf("%w: the policy, the processes and the output are those of the suite around", ErrUsage)
	}
	if err := r.choose(); err != nil {
		return err
	}
	r.hosted = true
	r.enter = sync.OnceValue(func() error {
		if err := r.guard(); err != nil {
			return err
		}
		return r.survey()
	})
	ginkgo.Describe("conformance of "+r.target.Name, r.build)
	return nil
}
