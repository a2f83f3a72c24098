package conformance_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/fake"
)

// The accounts of the servers under test, and their tokens.
const (
	accountA, tokenA = "7d1f0c93b85e4a26a4c2e9d06b3f8517", "token-of-the-first-account"
	accountB, tokenB = "1e2d3c4b5a69788796a5b4c3d2e1f001", "token-of-the-second-account"
)

// guarded lets each token use its own account only.
func guarded() server.Option {
	owners := map[string]string{tokenA: accountA, tokenB: accountB}
	return server.WithAuth(func(_ context.Context, who server.Credentials, binds []string) error {
		switch owners[who.Token] {
		case "":
			return api.ErrUnauthenticated
		case binds[0]:
			return nil
		default:
			return api.ErrForbidden
		}
	})
}

// clock can be moved forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// everything allows a run all there is.
func everything(c *clock) conformance.Target {
	return conformance.Target{
		AccountID: accountA,
		Token:     tokenA,
		Profile:   conformance.ProfileAll,
		Second:    &conformance.Login{AccountID: accountB, Token: tokenB},
		Advance:   c.advance,
		Features:  map[conformance.Feature]conformance.Switch{conformance.FeatureFetch: conformance.On},
		Timeout:   2 * time.Minute, // the race detector on a busy machine
	}
}

func options(c *clock) []mock.Option {
	return []mock.Option{fake.WithClock(c.now), fake.WithPrivateFetch()}
}

func TestAllowance(t *testing.T) {
	c := &clock{}
	target := everything(c)
	target.Name, target.Allowance = "a small account", 12
	target.Handler = mock.New(append(options(c), fake.WithAllowance(12))...).Handler(guarded())
	conformance.Run(t, target, conformance.WithClauses("V1C-040", "STA-001"))
	target.Handler = mock.New(append(options(c), fake.WithAllowance(13))...).Handler(guarded())
	result, err := conformance.Execute(t.Context(), target, conformance.WithClauses("V1C-040"))
	if err != nil || len(result.Failed()) != 1 {
		t.Errorf("an account that takes more than it may: %v", err)
	}
}

// full demands that the run has checked every clause that the suite has, but
// for the one that needs a small account.
func full(t *testing.T, r *conformance.Result) {
	t.Helper()
	if r == nil {
		return
	}
	for _, o := range r.Outcomes {
		if o.Clause.Implemented && o.State == conformance.NotRun && o.Clause.ID != "V1C-040" {
			t.Errorf("%s was not run: %s", o.Clause.ID, o.Message)
		}
	}
}
