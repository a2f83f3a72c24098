package rest

import (
	"context"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Hook watches calls: for logs, traces and metrics. Nothing that it is told holds
// a credential or an upload URL. Its methods are called by the goroutine that
// makes the call, and must be safe for concurrent use.
type Hook interface {
	// Begin is called before anything is sent. The context it returns is that of
	// the call and of the hook's other methods.
	Begin(ctx context.Context, call Call) context.Context
	// Attempted is called after every attempt that was sent.
	Attempted(ctx context.Context, call Call, attempt Attempt)
	// End is called once, when the call returns; of a download that is before its
	// bytes are read.
	End(ctx context.Context, call Call, outcome Outcome)
}

// Call is a call of an operation.
type Call struct {
	Op *contract.Operation
	// Server is the host it is sent to, with the port if there is one; empty for
	// an address that is a secret.
	Server string
}

// Attempt is a request that was sent, and how it went.
type Attempt struct {
	// Number counts the attempts of a call from 1.
	Number int
	// Status is the HTTP status; 0 when there was no answer.
	Status int
	// RayID is the answer's CF-Ray header.
	RayID string
	// RateLimit is what the answer says about the caller's quota; nil when it says
	// nothing.
	RateLimit *contract.RateLimit
	// Took is the time from sending until the answer was read.
	Took time.Duration
	// Err is why the attempt failed; nil when it did not.
	Err error
	// Again tells that another attempt follows, after Wait.
	Again bool
	Wait  time.Duration
}

// Outcome is how a call ended.
type Outcome struct {
	// Attempts is how many were sent; 0 when the call was refused before.
	Attempts int
	Took     time.Duration
	// Err is what the caller gets.
	Err error
}

// Limiter makes callers wait their turn.
type Limiter interface {
	// Wait returns when the caller may go on, or an error when that will not be.
	Wait(ctx context.Context) error
}

// call is what hooks are told about the exchange.
func (x *exchange) call() Call { return Call{Op: x.op, Server: x.server} }

// begin tells the hooks that a call begins. end must follow.
func (x *exchange) begin(ctx context.Context) context.Context {
	if len(x.core.hooks) > 0 {
		x.start = time.Now()
	}
	for _, h := range x.core.hooks {
		ctx = h.Begin(ctx, x.call())
	}
	return ctx
}

// attempted tells the hooks about an attempt; err is not explained yet.
func (x *exchange) attempted(ctx context.Context, a Attempt, err error) {
	if len(x.core.hooks) == 0 {
		return
	}
	if err != nil {
		a.Err = x.core.explain(x.op, err)
	}
	a.RayID = x.core.redact(a.RayID)
	for _, h := range x.core.hooks {
		h.Attempted(ctx, x.call(), a)
	}
}

// end tells the hooks how the call went, and returns its error as the caller gets
// it.
func (x *exchange) end(ctx context.Context, err error) error {
	err = x.core.explain(x.op, err)
	for _, h := range x.core.hooks {
		h.End(ctx, x.call(), Outcome{Attempts: x.attempts, Took: time.Since(x.start), Err: err})
	}
	return err
}
