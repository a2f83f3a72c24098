package mutants

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/fake"
)

// Exempt are the MUST and SHOULD clauses that no mutant is for, with the
// reason.
var Exempt = map[string]string{
	"STM-006": "is about the suite and not about a server",
}

// Verdict is what the suite said about a mutant.
type Verdict struct {
	Mutant
	// Noticed are the killers that failed, and said so by name.
	Noticed []string
	// Missed are the killers that did not.
	Missed []string
	// Others are clauses that noticed a mutant which all its killers missed.
	// In a full score they are all that noticed it and are not its killers.
	Others []string
	// Safe are clauses that noticed it when the run was allowed only what does
	// no harm to an account in use, without a hook of any kind. A full score
	// looks for them among all clauses when no killer is one.
	Safe []string
}

// State says whether the mutant was killed.
func (v Verdict) State() string {
	switch {
	case len(v.Noticed) > 0:
		return "killed"
	case len(v.Others) > 0:
		return "killed by other clauses only"
	default:
		return "survived"
	}
}

// TwinVerdict is what the suite said about a twin.
type TwinVerdict struct {
	Twin
	// Result is the run.
	Result *conformance.Result
}

// Score is what the suite notices, and what it holds against servers that are
// right.
type Score struct {
	// Full says that each mutant met the whole suite.
	Full    bool
	Mutants []Verdict
	Twins   []TwinVerdict
	Took    time.Duration
}

// Measure runs the killers of each mutant against it, and the suite against
// each twin. It says on the writer what it is doing.
func Measure(ctx context.Context, progress io.Writer) (*Score, error) {
	return measure(ctx, progress, false)
}

// MeasureFull does what [Measure] does with the whole suite against each
// mutant. It takes minutes.
func MeasureFull(ctx context.Context, progress io.Writer) (*Score, error) {
	return measure(ctx, progress, true)
}

func measure(ctx context.Context, progress io.Writer, full bool) (*Score, error) {
	begin := time.Now()
	s := &Score{Full: full}
	for _, m := range All() {
		v, err := judge(ctx, m, full)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.ID, err)
		}
		s.Mutants = append(s.Mutants, v)
		fmt.Fprintf(progress, "%-6s %s by %s: %s\n", m.ID, v.State(), orNone(append(v.Noticed, v.Others...)), m.Text)
	}
	for _, t := range Twins() {
		result, err := confirm(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.ID, err)
		}
		s.Twins = append(s.Twins, TwinVerdict{t, result})
		fmt.Fprintf(progress, "%-6s %d clauses passed, %d failed: %s\n", t.ID, result.Count(conformance.Passed), len(result.Failed()), t.Text)
	}
	s.Took = time.Since(begin)
	return s, nil
}

// confirm runs the clauses that could mind a twin's difference.
func confirm(ctx context.Context, t Twin) (*conformance.Result, error) {
	target := subject(t.Options...)
	target.Name = t.ID + ", where " + t.Text
	target.Handler = t.Wrap(target.Handler, accounts()...)
	t.Adapt(&target)
	return conformance.Execute(ctx, target, selection(t.Clauses)...)
}

func selection(clauses []string) []conformance.Option {
	opts := []conformance.Option{conformance.WithSeed(1)}
	if len(clauses) > 0 {
		opts = append(opts, conformance.WithClauses(clauses...))
	}
	return opts
}

// judge runs a mutant's killers and, if none of them notices or the score is to
// be full, all clauses.
func judge(ctx context.Context, m Mutant, full bool) (Verdict, error) {
	v := Verdict{Mutant: m}
	target, chosen := subjectOf(m.Killers), m.Killers
	if full && target.Allowance == 0 { // in a small account most clauses fail
		chosen = nil
	}
	failed, err := notice(ctx, m.ID, target, chosen)
	if err != nil {
		return v, err
	}
	for _, id := range m.Killers {
		if slices.Contains(failed, id) {
			v.Noticed = append(v.Noticed, id)
		} else {
			v.Missed = append(v.Missed, id)
		}
	}
	if len(v.Noticed) == 0 && !full {
		failed, err = notice(ctx, m.ID, subject(), nil)
	}
	v.Others = slices.DeleteFunc(failed, func(id string) bool { return slices.Contains(m.Killers, id) })
	if err == nil {
		v.Safe, err = noticeSafely(ctx, m, full)
	}
	return v, err
}

// noticeSafely returns what notices a mutant on a real account.
func noticeSafely(ctx context.Context, m Mutant, full bool) ([]string, error) {
	var failed []string
	if killers := slices.DeleteFunc(slices.Clone(m.Killers), func(id string) bool { return !harmless(id) }); len(killers) > 0 {
		var err error
		if failed, err = notice(ctx, m.ID, careful(subject()), killers); err != nil {
			return nil, err
		}
	}
	if len(failed) > 0 || !full {
		return failed, nil
	}
	return notice(ctx, m.ID, careful(subject()), nil)
}

// harmless reports whether a clause may be checked on an account in use.
func harmless(id string) bool {
	c, _ := clause(id)
	return c.Safety == conformance.Reads || c.Safety == conformance.Rejected || c.Safety == conformance.Writes
}

func clause(id string) (conformance.Clause, bool) {
	list := catalogue()
	i := slices.IndexFunc(list, func(c conformance.Clause) bool { return c.ID == id })
	if i < 0 {
		return conformance.Clause{}, false
	}
	return list[i], true
}

// catalogue reads the clauses once.
var catalogue = sync.OnceValue(conformance.Clauses)

// Notice runs clauses, or all if none are named, against a mutant, or against
// the mock when its id is empty. It returns the clauses that fail with a
// message which names them, those that only record something included.
func Notice(ctx context.Context, id string, clauses ...string) ([]string, error) {
	return notice(ctx, id, subjectOf(clauses), clauses, strictly())
}

func strictly() conformance.Option {
	return conformance.WithPolicy(conformance.Policy{Strict: true})
}

// NoticeOf does what [Notice] does against what is put before the mock.
func NoticeOf(ctx context.Context, wrap func(next http.Handler) http.Handler, clauses ...string) ([]string, error) {
	target := subjectOf(clauses)
	target.Handler = wrap(target.Handler)
	return notice(ctx, "", target, clauses, strictly())
}

// notice checks a mutant of the target. Clauses that cannot be run there notice
// nothing.
func notice(ctx context.Context, id string, target conformance.Target, clauses []string, more ...conformance.Option) ([]string, error) {
	if id != "" {
		target.Name = id
		handler, err := Wrap(target.Handler, id, accounts()...)
		if err != nil {
			return nil, err
		}
		target.Handler = handler
	}
	result, err := conformance.Execute(ctx, target, append(selection(clauses), more...)...)
	if errors.Is(err, conformance.ErrNothingSelected) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var failed []string
	for _, o := range result.Failed() {
		if id := o.Clause.ID; id != "" && strings.Contains(o.Message, id) && strings.Contains(o.Message, o.Clause.Text) {
			failed = append(failed, id)
		}
	}
	return failed, nil
}

// accounts are those of the server that defects are added to.
func accounts() []conformance.Login {
	return []conformance.Login{
		{AccountID: "7d1f0c93b85e4a26a4c2e9d06b3f8517", Token: "token-of-the-first-account"},
		{AccountID: "1e2d3c4b5a69788796a5b4c3d2e1f001", Token: "token-of-the-second-account"},
	}
}

// subject is a mock with two accounts, of which everything may be asked.
func subject(options ...mock.Option) conformance.Target {
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	options = append([]mock.Option{fake.WithClock(now), fake.WithPrivateFetch()}, options...)
	list := accounts()
	has := map[conformance.Feature]conformance.Switch{}
	for _, f := range conformance.Features() {
		has[f] = conformance.On
	}
	return conformance.Target{
		Handler:   mock.New(options...).Handler(server.WithAuth(admit)),
		AccountID: list[0].AccountID,
		Token:     list[0].Token,
		Second:    &list[1],
		Profile:   conformance.ProfileAll,
		Features:  has, // so that a mutant without one is not taken for a server that may lack it
		Advance:   func(d time.Duration) { ahead.Add(int64(d)) },
		Timeout:   2 * time.Minute, // for a busy machine
	}
}

// small is an allowance that is soon used up.
const small = 12

// subjectOf is the server for some clauses: one whose account may be filled for
// the clause that is about that alone.
func subjectOf(clauses []string) conformance.Target {
	if !slices.Equal(clauses, []string{"V1C-040"}) {
		return subject()
	}
	target := subject(fake.WithAllowance(small))
	target.Allowance = small
	return target
}

// careful takes away what a run may not do to a real account.
func careful(t conformance.Target) conformance.Target {
	t.Profile, t.Second, t.Advance = conformance.ProfileSafe, nil, nil
	t.Features[conformance.FeatureFetch] = conformance.Off
	return t
}

// admit lets each token use its own account only.
func admit(_ context.Context, who server.Credentials, binds []string) error {
	for _, a := range accounts() {
		switch {
		case who.Token != a.Token:
		case a.AccountID != binds[0]:
			return api.ErrForbidden
		default:
			return nil
		}
	}
	return api.ErrUnauthenticated
}

func orNone(ids []string) string {
	if len(ids) == 0 {
		return "nothing"
	}
	return strings.Join(ids, " ")
}
