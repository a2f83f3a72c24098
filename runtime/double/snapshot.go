package double

import (
	"fmt"
	"slices"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Snapshot is a mock at one moment: what was called, which failures were pending,
// and the state W of the fake behind it.
type Snapshot[W any] struct {
	calls    []*Call
	last     int
	failures map[*contract.Operation][]error
	world    W
}

// Take makes a snapshot.
func Take[W any](c *Core, world func() (W, error)) (*Snapshot[W], error) {
	state, err := world()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return &Snapshot[W]{slices.Clone(c.log.kept()), c.log.last, cloned(c.failures), state}, nil
}

// Restore goes back to a snapshot, any number of times: what was called since is
// forgotten. Where the fake refuses, the log stays, too.
func Restore[W any](c *Core, s *Snapshot[W], world func(W) error) error {
	if err := world(s.world); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log.replace(slices.Clone(s.calls), s.last)
	c.failures = cloned(s.failures)
	return nil
}

// Reset forgets what was called, and the state of the fake. It panics where the fake
// refuses, which one in memory does not: the test would go on with what the one
// before it left.
func Reset(c *Core, world func() error) {
	c.Forget()
	if err := world(); err != nil {
		panic(fmt.Errorf("the state cannot be reset: %w", err))
	}
}

func cloned(failures map[*contract.Operation][]error) map[*contract.Operation][]error {
	out := make(map[*contract.Operation][]error, len(failures))
	for op, errs := range failures {
		out[op] = slices.Clone(errs)
	}
	return out
}
