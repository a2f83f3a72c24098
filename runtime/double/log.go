package double

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// maxCalls bounds the log; the oldest calls are forgotten first.
const maxCalls = 10_000

// Call is a call that was made.
type Call struct {
	// Number counts the calls of all operations, from 1, in the order they began.
	Number int
	Op     *contract.Operation
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

// String returns the call in a line: its number, its arguments and what became
// of it. Long values are cut, and URLs shown without credentials.
func (c Call) String() string {
	shown := make([]string, len(c.Args))
	for i, arg := range c.Args {
		shown[i] = show(arg)
	}
	return fmt.Sprintf("%d. %s(%s): %s", c.Number, c.Op.Name, strings.Join(shown, ", "), c.outcome())
}

func (c Call) outcome() string {
	switch {
	case !c.Done:
		return "running"
	case c.Err != nil:
		return showText(c.Err.Error())
	default:
		return "ok"
	}
}

// history is the log. Its owner guards it.
type history struct {
	calls   []*Call
	last    int // number of the newest call
	age     int // grows when calls are taken back
	waiters []*waiter
}

// waiter is somebody who waits for calls to end.
type waiter struct {
	op      *contract.Operation
	want    int
	missing int
	enough  chan struct{}
}

func (h *history) add(c *Call) {
	if len(h.calls) >= 2*maxCalls { // moved once in a while, not at every call
		h.calls = slices.Delete(h.calls, 0, maxCalls)
	}
	h.last++
	c.Number = h.last
	h.calls = append(h.calls, c)
}

func (h *history) kept() []*Call { return h.calls[max(len(h.calls)-maxCalls, 0):] }

// replace puts other calls in the place of the log's. Calls that are running do
// not count any more when they end, and who waits begins anew.
func (h *history) replace(calls []*Call, last int) {
	h.calls, h.last = calls, last
	h.age++
	for _, w := range h.waiters {
		w.missing = w.want - h.done(w.op)
	}
	h.tell()
}

// done counts the calls of an operation that have ended.
func (h *history) done(op *contract.Operation) int {
	n := 0
	for _, c := range h.kept() {
		if c.Op == op && c.Done {
			n++
		}
	}
	return n
}

// ended notes that a call has ended.
func (h *history) ended(op *contract.Operation) {
	if len(h.waiters) == 0 {
		return
	}
	for _, w := range h.waiters {
		if w.op == op {
			w.missing--
		}
	}
	h.tell()
}

// tell wakes those who have waited long enough.
func (h *history) tell() {
	h.waiters = slices.DeleteFunc(h.waiters, func(w *waiter) bool {
		if w.missing > 0 {
			return false
		}
		close(w.enough)
		return true
	})
}

// Calls returns the calls of an operation in the order they began; with no
// operation, all calls. The log keeps the last 10,000.
func (c *Core) Calls(ops ...*contract.Operation) []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Call
	for _, made := range c.log.kept() {
		if len(ops) == 0 || slices.Contains(ops, made.Op) {
			out = append(out, *made)
		}
	}
	return out
}

// Typed returns the calls of an operation in the form that convert gives them.
func Typed[T any](c *Core, op *contract.Operation, convert func(Call) T) []T {
	calls := c.Calls(op)
	out := make([]T, len(calls))
	for i, made := range calls {
		out[i] = convert(made)
	}
	return out
}

// WaitFor waits until n calls of an operation have ended, those in the log
// included. After the timeout it returns an error that tells what was called
// instead. It does not poll, and in a bubble of testing/synctest its time is the
// bubble's.
func (c *Core) WaitFor(op *contract.Operation, n int, timeout time.Duration) error {
	w := c.wait(op, n)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-w.enough:
		return nil
	case <-timer.C:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.missing <= 0 {
		return nil
	}
	c.log.waiters = slices.DeleteFunc(c.log.waiters, func(other *waiter) bool { return other == w })
	return fmt.Errorf("waited %v for %d calls of %s, %d have ended\n%s", timeout, n, op.Name, n-w.missing, c.log.text())
}

func (c *Core) wait(op *contract.Operation, n int) *waiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &waiter{op: op, want: n, missing: n - c.log.done(op), enough: make(chan struct{})}
	c.log.waiters = append(c.log.waiters, w)
	c.log.tell()
	return w
}

// maxShown is how many calls a text of the log tells, the newest ones.
const maxShown = 50

// text is the log, a line for each call.
func (h *history) text() string {
	calls := h.kept()
	if len(calls) == 0 {
		return "nothing was called"
	}
	var b strings.Builder
	b.WriteString("the calls were:")
	if n := len(calls) - maxShown; n > 0 {
		fmt.Fprintf(&b, "\n  %d earlier ones", n)
		calls = calls[n:]
	}
	for _, c := range calls {
		b.WriteString("\n  " + c.String())
	}
	return b.String()
}

// LogOnFailure writes the newest calls to the test's log when the test ends and
// has failed. A mock that was started with the test does so by itself.
func (c *Core) LogOnFailure(tb TB) {
	tb.Cleanup(func() {
		if !tb.Failed() {
			return
		}
		c.mu.Lock()
		text := c.log.text()
		c.mu.Unlock()
		tb.Logf("mock: %s", text)
	})
}
