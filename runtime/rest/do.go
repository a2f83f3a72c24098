package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// JSON calls an operation and returns the envelope's result.
func JSON[T any](ctx context.Context, c *Core, r contract.Request) (*T, error) {
	out := new(T)
	if err := c.do(ctx, r, &enveloped{out}); err != nil {
		return nil, err
	}
	return out, nil
}

// reader takes an answer of status 2xx, and closes it unless it is a stream.
type reader interface {
	read(c *contract.Contract, op *contract.Operation, resp *http.Response) error
}

// enveloped reads the result of an envelope to where a pointer leads; one that is
// nil does not want it.
type enveloped struct{ out any }

func (a *enveloped) read(c *contract.Contract, _ *contract.Operation, resp *http.Response) error {
	return open(c, resp, a.out)
}

// None calls an operation whose result carries nothing.
func None(ctx context.Context, c *Core, r contract.Request) error {
	return c.do(ctx, r, &enveloped{})
}

// Stream calls an operation that answers bytes. The caller closes the stream.
func Stream(ctx context.Context, c *Core, r contract.Request) (*contract.Stream, error) {
	var a streamed
	err := c.do(ctx, r, &a)
	return a.out, err
}

// Upload posts a file to a URL that an operation answered, and returns the
// envelope's result. name is that of the Go function, for errors and hooks; body says what the URL takes. Credentials among the options
// are not sent, and the URL is in no error: whoever knows it may use it.
func Upload[T any](ctx context.Context, c *contract.Contract, name, target string, body *contract.Body, file *contract.File, opts ...Option) (*T, error) {
	out := new(T)
	if err := upload(ctx, c, name, target, body, file, out, opts); err != nil {
		return nil, err
	}
	return out, nil
}

func upload(ctx context.Context, c *contract.Contract, name, target string, body *contract.Body, file *contract.File, out any, opts []Option) error {
	core, err := anonymous(c, target, opts)
	if err != nil {
		return &contract.Error{Operation: name, Err: err}
	}
	op := &contract.Operation{Name: name, Method: http.MethodPost, Body: body, Result: contract.Result{Kind: contract.ResultJSON}}
	x := exchange{core: core, op: op, target: target, answer: &enveloped{out}}
	ctx = x.begin(ctx)
	if file == nil {
		return x.end(ctx, errors.New("there is no file to upload"))
	}
	if err := checkTarget(target); err != nil {
		return x.end(ctx, err)
	}
	part := contract.FilePart{Name: body.Schema.Properties[0].Name, File: file}
	if x.body, err = core.encodeForm(op, nil, []contract.FilePart{part}); err != nil {
		return x.end(ctx, err)
	}
	return x.end(ctx, x.run(ctx))
}

// Fetch gets the bytes at a URL of which op says the media type. Credentials among
// the options are not sent, and a query in the URL is in no error: it may hold a
// signature. c needs no operations.
func Fetch(ctx context.Context, c *contract.Contract, op *contract.Operation, target string, opts ...Option) (*contract.Stream, error) {
	core, err := anonymous(c, target, opts)
	if err != nil {
		return nil, &contract.Error{Operation: op.Name, Err: err}
	}
	var a streamed
	x := exchange{core: core, op: op, target: target, answer: &a}
	ctx = x.begin(ctx)
	if err = checkTarget(target); err == nil {
		err = x.run(ctx)
	}
	return a.out, x.end(ctx, err)
}

// anonymous returns a core for one URL that sends no credentials, and takes them
// and what of the URL is secret out of its errors.
func anonymous(c *contract.Contract, target string, opts []Option) (*Core, error) {
	core, err := New(c, nil, opts...)
	if err != nil {
		return nil, err
	}
	known := slices.Concat(core.credentials(), core.hidden())
	core.credentials = func() []credential { return nil }
	for _, secret := range secretsOf(target) {
		known = append(known, credential{secret: secret})
	}
	core.hidden = func() []credential { return known }
	return core, nil
}

// checkTarget refuses what is no address of a server, and never repeats it.
func checkTarget(target string) error {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("the URL must be an absolute http or https URL without a user name")
	}
	return nil
}

// minValue is the length from which on a value of a query or an element of a path may
// be a secret by itself, in bytes: a number, a date or the name of a variant is none.
const minValue = 16

// secretsOf returns the parts of a URL that must not be shown: itself, its path, with
// and without the slash before it, the long elements of the path and the long values
// of its query.
func secretsOf(target string) []string {
	secrets := []string{target}
	u, err := url.Parse(target)
	if err != nil {
		return secrets
	}
	secrets = append(secrets, u.EscapedPath(), u.Path)
	for _, path := range []string{u.EscapedPath(), u.Path} {
		secrets = append(secrets, strings.Trim(path, "/"))
		for element := range strings.SplitSeq(path, "/") {
			if len(element) >= minValue {
				secrets = append(secrets, element)
			}
		}
	}
	for _, values := range u.Query() {
		secrets = append(secrets, slices.DeleteFunc(values, func(v string) bool { return len(v) < minValue })...)
	}
	return secrets
}

// do calls an operation.
func (c *Core) do(ctx context.Context, r contract.Request, answer reader) error {
	x := exchange{core: c, op: r.Op, server: c.server, answer: answer}
	ctx = x.begin(ctx)
	err := c.err
	if err == nil {
		x.target, err = c.url(r)
	}
	if err == nil {
		x.body, err = c.encode(r)
	}
	if err == nil {
		err = x.run(ctx)
	}
	return x.end(ctx, err)
}

// exchange is a request that is sent, and sent again where that is safe.
type exchange struct {
	core   *Core
	op     *contract.Operation
	server string // as hooks are told
	target string
	body   *body
	answer reader
	// whole limits the call with all its attempts.
	whole limit
	// start and attempts are what hooks are told at the end.
	start    time.Time
	attempts int
}

func (x *exchange) streams() bool { return x.op.Result.Kind == contract.ResultStream }

// run sends the request until an answer is read or there should be no further
// attempt.
func (x *exchange) run(ctx context.Context) error {
	ctx, x.whole = limited(ctx, x.core.timeout, "the call")
	err := x.repeat(ctx)
	if err == nil && x.streams() {
		return nil // its context lives on until it is closed
	}
	if late := x.whole.expired(); err != nil && late != nil {
		err = because(err, late)
	}
	x.whole.end()
	return err
}

func (x *exchange) repeat(ctx context.Context) error {
	for n := 0; ; n++ {
		if err := x.core.turn(ctx); err != nil {
			return err
		}
		x.attempts++
		a := Attempt{Number: n + 1}
		start := time.Now()
		err := x.once(ctx, &a)
		a.Took = time.Since(start)
		if err != nil {
			a.Wait, a.Again = x.again(ctx, n, err)
		}
		x.attempted(ctx, a, err)
		if !a.Again {
			return err
		}
		if err := sleep(ctx, a.Wait, err); err != nil {
			return err
		}
	}
}

// once sends the request once. Answers that are not a success are errors.
func (x *exchange) once(ctx context.Context, a *Attempt) error {
	ctx, slow := limited(ctx, x.core.attemptTimeout, "the attempt")
	err := x.roundTrip(ctx, slow, a)
	switch {
	case err == nil && x.streams():
		slow.lift()
		x.whole.lift()
		return nil
	case err != nil && slow.expired() != nil:
		err = because(err, slow.expired())
	}
	slow.end()
	return err
}

func (x *exchange) roundTrip(ctx context.Context, slow limit, a *Attempt) error {
	c := x.core
	var body sending
	defer body.end()
	req, err := c.httpRequest(ctx, x.op, x.target, x.body, &body)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		err = withoutURL(err)
		if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) { // net/http tells the cause alone
			err = fmt.Errorf("%w: %w", ended, err)
		}
		return &contract.Error{Err: err}
	}
	a.Status, a.RayID, a.RateLimit = resp.StatusCode, resp.Header.Get("Cf-Ray"), rateLimit(resp.Header)
	if a.RateLimit != nil {
		seen := *a.RateLimit // what an error holds is its receiver's to change
		c.seen.Store(&seen)
	}
	if resp.StatusCode/100 != 2 {
		err = failure(c.contract, x.op, resp)
	} else {
		if x.streams() { // not for a failure: closing that must not end the attempts to come
			resp.Body = slow.hold(x.whole.hold(resp.Body))
		}
		err = x.answer.read(c.contract, x.op, resp)
	}
	if e, ok := errors.AsType[*contract.Error](err); ok {
		e.RateLimit = a.RateLimit
	}
	return err
}

// because returns err with another cause.
func because(err, cause error) error {
	e, ok := errors.AsType[*contract.Error](err)
	if !ok {
		return cause
	}
	late := *e
	late.Err = cause
	return &late
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
