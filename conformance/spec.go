package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

// spec is a clause while it is being checked. Its assertions end it at the
// first that does not hold, with a report of what was sent and answered.
type spec struct {
	*run
	gomega.Gomega
	ctx    context.Context
	clause Clause
	trace  *trace
	client *http.Client
	ledger *ledger
	// permitted are names that are not the run's and that the clause may change
	// all the same, on an account to throw away.
	permitted map[kind]string
	// name is used by nobody else: it begins ids and is the creator of images.
	name string
	next *atomic.Int64
}

func (r *run) newSpec(ctx context.Context, c Clause) *spec {
	t := &spec{
		run:    r,
		ctx:    ctx,
		clause: c,
		trace:  r.newTrace(c.ID),
		ledger: newLedger(r.book),
		name:   r.newName(),
		next:   &atomic.Int64{},
	}
	t.permitted = map[kind]string{}
	t.trace.watch, t.trace.answered = t.watch, &r.answered
	t.client = r.client(t.trace)
	t.Gomega = gomega.NewGomega(func(message string, skip ...int) { t.fail(message) })
	return t
}

// newName returns a name no other spec of any run has.
func (r *run) newName() string {
	name := "cfc-" + r.id
	if r.procs > 1 {
		name += fmt.Sprintf("-%d", r.process)
	}
	return fmt.Sprintf("%s-%d", name, r.specs.Add(1))
}

// fail ends the clause. Where the run was stopped nothing is said of the
// target.
func (t *spec) fail(message string) {
	if cause := t.run.gate.stopped(); cause != nil {
		t.run.halt(cause)
	}
	ginkgo.Fail(t.explain(message))
}

// failf ends the clause.
func (t *spec) failf(format string, args ...any) { t.fail(fmt.Sprintf(format, args...)) }

// with returns the same clause with other assertions.
func (t *spec) with(g gomega.Gomega) *spec {
	own := *t
	own.Gomega = g
	return &own
}

// demand fails unless the condition holds.
func (t *spec) demand(ok bool, format string, args ...any) {
	if !ok {
		t.Expect(ok).To(gomega.BeTrueBecause(format, args...))
	}
}

// poll is how long to wait before a check is repeated.
func (r *run) poll() time.Duration {
	return min(max(r.target.Window/100, 10*time.Millisecond), time.Second)
}

// eventually repeats a check until it holds or the target's window is over. It
// is for what a write before it has changed. The pauses grow from a thousandth
// of the window to a twentieth, so that a quick target costs little time and a
// slow one few requests.
func (t *spec) eventually(check func(t *spec)) {
	if t.target.Window == 0 {
		check(t)
		return
	}
	end := time.Now().Add(t.target.Window)
	for d := t.target.Window / 1000; ; d = min(2*d, t.target.Window/20) {
		message := t.attempt(check)
		if message == "" {
			return
		}
		if time.Now().After(end) {
			t.demand(false, "this does not hold even after %s:\n%s", t.target.Window, message)
		}
		if err := pause(t.ctx, d); err != nil {
			t.demand(false, "the clause was stopped while this did not hold:\n%s", message)
		}
	}
}

// attempt makes a check whose first failed assertion ends the check only, and
// returns its message, empty when all hold.
func (t *spec) attempt(check func(t *spec)) (message string) {
	type ended struct{}
	defer func() {
		if e := recover(); e != nil && e != any(ended{}) {
			panic(e)
		}
	}()
	check(t.with(gomega.NewGomega(func(text string, _ ...int) {
		if message = text; text == "" {
			message = "an assertion failed"
		}
		panic(ended{})
	})))
	return ""
}

// do sends a request and returns its answer.
func (t *spec) do(q request) *reply {
	t.unlessStopped()
	r, err := t.send(t.ctx, t.client, q)
	t.replied(err, "there should have been an answer")
	if r == nil { // where mismatches are collected, the check goes on
		r = &reply{request: q}
	}
	return r
}

// unlessStopped ends the clause when the run was stopped.
func (t *spec) unlessStopped() {
	if t.run.ctx.Err() != nil {
		ginkgo.Skip(stopped)
	}
}

// replied demands that a request was sent and answered.
func (t *spec) replied(err error, format string, args ...any) {
	if errors.Is(err, errForeign) {
		t.failf("%s", err)
	}
	t.Expect(err).NotTo(gomega.HaveOccurred(), append([]any{format}, args...)...)
}

// atOnce sends requests at the same time and returns the answers in order.
func (t *spec) atOnce(n int, q func(i int) request) []*reply {
	t.unlessStopped()
	requests := make([]request, n)
	replies := make([]*reply, n)
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		requests[i] = q(i)
		wg.Go(func() {
			<-start
			replies[i], errs[i] = t.send(t.ctx, t.client, requests[i])
		})
	}
	t.Expect(t.gate.wait(t.ctx, n)).To(gomega.Succeed())
	t.trace.paid.Store(int64(n))
	close(start)
	wg.Wait()
	for i, err := range errs {
		t.replied(err, "request %d of %d should have been answered", i+1, n)
	}
	return replies
}

// wait lets the target's clock move on between two writes.
func (t *spec) wait() {
	t.Expect(pause(t.ctx, tick)).To(gomega.Succeed())
}

// record notes what the target does where several answers are right.
func (t *spec) record(format string, args ...any) {
	ginkgo.AddReportEntry(recordEntry, fmt.Sprintf(format, args...))
}

const recordEntry = "recorded"

// fresh returns a name no other part of any run uses. It may be an image id.
func (t *spec) fresh() string { return fmt.Sprintf("%s-%d", t.name, t.next.Add(1)) }

// plain returns a fresh name of letters and digits.
func (t *spec) plain() string { return strings.ReplaceAll(t.fresh(), "-", "x") }
