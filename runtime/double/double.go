// Package double is what generated mocks are made of: one ordered log of all
// calls, failures to come, and the rules by which a call falls through from a
// programmed function to the stateful fake and to the specification's example.
package double

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fault"
)

// Core is the memory of a mock. It is safe for concurrent use.
type Core struct {
	contract *contract.Contract
	mu       sync.Mutex
	log      history
	failures map[*contract.Operation][]error
	faults   *fault.Set
}

// NewCore returns an empty memory for mocks of the API c.
func NewCore(c *contract.Contract) *Core {
	return &Core{contract: c, failures: map[*contract.Operation][]error{}, faults: fault.NewSet(c)}
}

// Faults are the rules by which the mock misbehaves, over HTTP and in process.
// They are none at first.
func (c *Core) Faults() *fault.Set { return c.faults }

// Fault adds a rule by which the mock misbehaves, and returns its id. It panics
// where the rule is invalid, which can only be a mistake in the test that calls it.
func (c *Core) Fault(r fault.Rule) string { return Must(c.faults.Add(r)) }

// FailNext makes the next calls of an operation fail, one with each error, in
// this order; nil lets one succeed. It adds to what is already pending.
func (c *Core) FailNext(op *contract.Operation, errs ...error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures[op] = append(c.failures[op], errs...)
}

// Forget empties the log and drops the failures that are pending and the rules of
// faults.
func (c *Core) Forget() {
	c.faults.Reset()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log.replace(nil, 0)
	clear(c.failures)
}

// Pending is a call that has begun.
type Pending struct {
	core    *Core
	entry   *Call
	age     int // of the log
	failure error
	lost    error // in place of the answer
}

// Begin logs a call, and asks whether it is to fail.
func (c *Core) Begin(ctx context.Context, binds []string, op *contract.Operation, args ...any) Pending {
	p := c.note(binds, op, args)
	if p.failure == nil {
		outcome := c.faults.Call(ctx, binds, op, args)
		p.failure, p.lost = outcome.Before, outcome.After
	}
	return p
}

// note logs a call, and takes the failure that is pending for it.
func (c *Core) note(binds []string, op *contract.Operation, args []any) Pending {
	entry := &Call{Op: op, Binds: binds, Args: outlined(args)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log.add(entry)
	p := Pending{core: c, entry: entry, age: c.log.age}
	if len(c.failures) > 0 {
		if pending := c.failures[op]; len(pending) > 0 {
			p.failure, c.failures[op] = pending[0], pending[1:]
		}
	}
	return p
}

// end completes the call's entry in the log and returns err as a client would.
func (p Pending) end(err error) error {
	if err == nil {
		err = p.lost
	}
	err = explain(p.entry.Op, err)
	p.core.mu.Lock()
	defer p.core.mu.Unlock()
	p.entry.Done, p.entry.Err = true, err
	if p.age == p.core.log.age {
		p.core.log.ended(p.entry.Op)
	}
	return err
}

// ended is [Pending.end] for a call with a result: one whose answer is lost has
// none.
func ended[T any](p Pending, out T, err error) (T, error) {
	if p.lost != nil {
		var none T
		out = none
	}
	return out, p.end(err)
}

// explain returns an error of the catalogue as a client does, so that a program
// finds a [*contract.Error] whichever of the two it calls. Any other error stays
// as it is.
func explain(op *contract.Operation, err error) error {
	if err == nil {
		return nil
	}
	known, ok := contract.AsError(err)
	if !ok {
		return err
	}
	e := *known
	e.Operation = op.Name
	return &e
}

// Programmed answers the call as the test's own function does, unless a
// failure is pending.
func Programmed[T any](p Pending, f func() (T, error)) (out T, err error) {
	defer func() { out, err = ended(p, out, err) }()
	if p.failure != nil {
		return out, p.failure
	}
	return f()
}

// Stateful answers the call as the fake does, once the request is held against
// the contract. An operation the fake does not implement answers the
// specification's example, or nothing where nothing is what it answers.
func Stateful[T any](p Pending, r contract.Request, f func() (T, error)) (out T, err error) {
	defer func() { out, err = ended(p, out, err) }()
	if p.failure != nil {
		return out, p.failure
	}
	c := p.core.contract
	if err := check(c, p.entry.Binds, r); err != nil {
		return out, err
	}
	out, err = f()
	if !errors.Is(err, c.Faults.Unimplemented) {
		return out, err
	}
	switch {
	case r.Op.Result.Kind == contract.ResultNone:
		return out, nil
	case r.Op.Example != "":
		return example[T](r.Op)
	default:
		return out, err
	}
}

// check applies to the call what a server applies to a request.
func check(c *contract.Contract, values []string, r contract.Request) error {
	binds := r.Op.Binds
	for i, value := range values[:min(len(values), len(binds))] {
		if contract.CheckText(binds[i].Schema, binds[i].Name, value, &c.Faults) != nil {
			return c.Faults.NoRoute
		}
	}
	return r.Check(c)
}

func example[T any](op *contract.Operation) (out T, err error) {
	err = json.Unmarshal([]byte(op.Example), &out)
	return out, err
}

// None adapts a function without a result to [Programmed] and [Stateful].
func None(f func() error) func() (struct{}, error) {
	return func() (struct{}, error) { return struct{}{}, f() }
}

// Must returns v. It panics when err is not nil, which can only be a mistake
// in the test that calls it.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
