// Package double is what generated mocks are made of: one ordered log of all
// calls, failures to come, and the rules by which a call falls through from a
// programmed function to the stateful fake and to the specification's example.
package double

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"

	"github.com/cfimages/cfimages/runtime/call"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// maxCalls bounds the log; the oldest calls are forgotten first.
const maxCalls = 10_000

// Call is a call that was made.
type Call struct {
	Op *contract.Operation
	// Binds are the values of the contract's bound parameters.
	Binds []string
	// Args are the arguments of the Go method after the context. Files in them
	// have a name, a type and a size, and no content.
	Args []any
	// Done is false while the call is running.
	Done bool
	// Err is what the call returned.
	Err error
}

// Core is the memory of a mock. It is safe for concurrent use.
type Core struct {
	contract *contract.Contract
	mu       sync.Mutex
	calls    []*Call
	failures map[*contract.Operation][]error
}

// NewCore returns an empty memory for mocks of the API c.
func NewCore(c *contract.Contract) *Core {
	return &Core{contract: c, failures: map[*contract.Operation][]error{}}
}

// FailNext makes the next calls of an operation fail, one with each error, in
// this order; nil lets one succeed. It adds to what is already pending.
func (c *Core) FailNext(op *contract.Operation, errs ...error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures[op] = append(c.failures[op], errs...)
}

// Calls returns the calls of an operation in the order they began; with no
// operation, all calls. The log keeps the last 10,000.
func (c *Core) Calls(ops ...*contract.Operation) []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Call
	for _, made := range c.calls[max(len(c.calls)-maxCalls, 0):] {
		if len(ops) == 0 || slices.Contains(ops, made.Op) {
			out = append(out, *made)
		}
	}
	return out
}

// Forget empties the log and drops the failures that are pending.
func (c *Core) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = nil
	clear(c.failures)
}

// Pending is a call that has begun.
type Pending struct {
	core    *Core
	entry   *Call
	request call.Request
	failure error
}

// Begin logs a call.
func (c *Core) Begin(binds []string, r call.Request, args ...any) *Pending {
	entry := &Call{Op: r.Op, Binds: binds, Args: outlined(args)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.calls) >= 2*maxCalls { // moved once in a while, not at every call
		c.calls = slices.Delete(c.calls, 0, maxCalls)
	}
	c.calls = append(c.calls, entry)
	p := &Pending{core: c, entry: entry, request: r}
	if pending := c.failures[r.Op]; len(pending) > 0 {
		p.failure, c.failures[r.Op] = pending[0], pending[1:]
	}
	return p
}

// end completes the call's entry in the log and returns err as a client would.
func (p *Pending) end(err error) error {
	err = explain(p.request.Op, err)
	p.core.mu.Lock()
	defer p.core.mu.Unlock()
	p.entry.Done, p.entry.Err = true, err
	return err
}

// explain returns an error of the catalogue as a client does, so that a program
// finds a [*contract.Error] whichever of the two it calls. Any other error stays
// as it is.
func explain(op *contract.Operation, err error) error {
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
func Programmed[T any](p *Pending, f func() (T, error)) (out T, err error) {
	defer func() { err = p.end(err) }()
	if p.failure != nil {
		return out, p.failure
	}
	return f()
}

// Stateful answers the call as the fake does, once it is held against the
// contract. An operation the fake does not implement answers the
// specification's example, or nothing where nothing is what it answers.
func Stateful[T any](p *Pending, f func() (T, error)) (out T, err error) {
	defer func() { err = p.end(err) }()
	if p.failure != nil {
		return out, p.failure
	}
	if err := p.check(); err != nil {
		return out, err
	}
	out, err = f()
	if !errors.Is(err, p.core.contract.Faults.Unimplemented) {
		return out, err
	}
	op := p.request.Op
	switch {
	case op.Result.Kind == contract.ResultNone:
		return out, nil
	case op.Example != "":
		return example[T](op)
	default:
		return out, err
	}
}

// check applies to the call what a server applies to a request.
func (p *Pending) check() error {
	c := p.core.contract
	binds := p.request.Op.Binds
	for i, value := range p.entry.Binds[:min(len(p.entry.Binds), len(binds))] {
		if contract.CheckText(binds[i].Schema, binds[i].Name, value, &c.Faults) != nil {
			return c.Faults.NoRoute
		}
	}
	return p.request.Check(c)
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

var fileType = reflect.TypeFor[*form.File]()

// outlined returns the arguments without the content of files, which the log
// would keep in memory.
func outlined(args []any) []any {
	out := make([]any, len(args))
	for i, arg := range args {
		out[i] = arg
		if v := reflect.ValueOf(arg); v.Kind() == reflect.Struct && holdsFile(v) {
			out[i] = withoutContent(v)
		}
	}
	return out
}

func holdsFile(v reflect.Value) bool {
	for i := range v.NumField() {
		if v.Field(i).Type() == fileType && !v.Field(i).IsNil() {
			return true
		}
	}
	return false
}

func withoutContent(v reflect.Value) any {
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	for i := range copied.NumField() {
		if f := copied.Field(i); f.Type() == fileType && !f.IsNil() {
			f.Set(reflect.ValueOf(f.Interface().(*form.File).Outline()))
		}
	}
	return copied.Interface()
}
