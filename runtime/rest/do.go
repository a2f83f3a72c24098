package rest

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/cfimages/cfimages/runtime/call"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// JSON calls an operation and returns the envelope's result.
func JSON[T any](ctx context.Context, c *Core, r call.Request, env Envelope[T]) (*T, error) {
	resp, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	out, err := open(c.contract, resp, env)
	return out, c.explain(r.Op, err)
}

// None calls an operation whose result carries nothing.
func None(ctx context.Context, c *Core, r call.Request, env Envelope[Ignored]) error {
	_, err := JSON(ctx, c, r, env)
	return err
}

// Stream calls an operation that answers bytes. The caller closes the stream.
func Stream(ctx context.Context, c *Core, r call.Request) (*contract.Stream, error) {
	resp, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	if !streams(r.Op, resp) {
		return nil, c.explain(r.Op, notAStream(c.contract, resp))
	}
	return &contract.Stream{
		ReadCloser:  resp.Body,
		ContentType: resp.Header.Get("Content-Type"),
		Size:        resp.ContentLength,
	}, nil
}

// Upload posts a file to a URL that an operation answered, and returns the
// envelope's result. Credentials among the options are not sent.
func Upload[T any](ctx context.Context, c *contract.Contract, target, part string, file *form.File, env Envelope[T], opts ...Option) (*T, error) {
	op := &contract.Operation{Name: "UploadTo", Method: http.MethodPost}
	known, err := New(c, nil, opts...)
	if err != nil {
		return nil, err
	}
	anonymous := *known
	anonymous.credentials = func() []credential { return nil }
	if file == nil {
		return nil, known.explain(op, errors.New("there is no file to upload"))
	}
	b, err := form.Encode(nil, []form.Part{{Name: part, File: file}})
	if err != nil {
		return nil, known.explain(op, err)
	}
	resp, err := anonymous.attempt(ctx, op, target, b)
	if err != nil {
		return nil, known.explain(op, err)
	}
	out, err := open(c, resp, env)
	return out, known.explain(op, err)
}

// send sends the request, again where that is safe, and returns a successful
// answer whose body is not yet read.
func (c *Core) send(ctx context.Context, r call.Request) (*http.Response, error) {
	target, err := c.url(r)
	if err != nil {
		return nil, c.explain(r.Op, err)
	}
	b, err := encode(r)
	if err != nil {
		return nil, c.explain(r.Op, err)
	}
	for n := 0; ; n++ {
		resp, err := c.attempt(ctx, r.Op, target, b)
		if err == nil {
			return resp, nil
		}
		if n >= c.retries || !repeatable(r.Op, b) {
			return nil, c.explain(r.Op, err)
		}
		if err := c.wait(ctx, n, err); err != nil {
			return nil, c.explain(r.Op, err)
		}
	}
}

// attempt sends the request once. Answers that are not a success are errors.
func (c *Core) attempt(ctx context.Context, op *contract.Operation, target string, b *body) (*http.Response, error) {
	req, err := c.httpRequest(ctx, op, target, b)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &contract.Error{Err: withoutURL(err)}
	}
	if resp.StatusCode/100 != 2 {
		return nil, failure(c.contract, resp)
	}
	return resp, nil
}

func repeatable(op *contract.Operation, b *body) bool {
	return op.Idempotent() && (b == nil || b.Replayable)
}

// wait pauses before the next attempt. It returns an error when there should be
// none: the last attempt's, joined with the context's once that has ended.
func (c *Core) wait(ctx context.Context, n int, last error) error {
	e, ok := errors.AsType[*contract.Error](last)
	if !ok || ctx.Err() != nil || !transient(e.Status) || e.RetryAfter > c.maxWait {
		return last
	}
	d := e.RetryAfter
	if d == 0 {
		d = c.backoff(n)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return last
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		ended := *e
		ended.Err = errors.Join(e.Err, ctx.Err())
		return &ended
	}
}

// transient reports whether another attempt may fare better; status 0 is a lost
// connection.
func transient(status int) bool {
	switch status {
	case 0, http.StatusRequestTimeout, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// backoff is the wait before attempt n+1, from nothing to half a second, doubled
// by every attempt. Full jitter: clients that failed together do not come back
// together.
func (c *Core) backoff(n int) time.Duration {
	const doublings = 20 // enough to be above any sensible cap, and no overflow
	return rand.N(min(c.maxWait, time.Second/2<<min(n, doublings)) + 1)
}

// drain reads what little is left of an answer so that its connection can be
// used again, and closes it.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 4<<10)
	_ = body.Close()
}

// Member returns a member of a result, unless the call failed.
func Member[R, T any](out *R, err error, pick func(*R) T) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return pick(out), nil
}
