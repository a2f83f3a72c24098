package double

import (
	"fmt"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Matcher stands for an argument in [Core.AssertCalled].
type Matcher interface {
	// Matches reports whether an argument is what is wanted.
	Matches(arg any) bool
	// String says what is wanted.
	String() string
}

// Any is an argument that does not matter.
var Any = Where("anything", func(any) bool { return true })

// Where is an argument of which only what the function looks at matters. what
// says so where no argument is accepted, such as "metadata with an album".
func Where[T any](what string, accepts func(T) bool) Matcher { return where[T]{what, accepts} }

type where[T any] struct {
	what    string
	accepts func(T) bool
}

func (w where[T]) String() string { return w.what }

func (w where[T]) Matches(arg any) bool {
	v, ok := arg.(T)
	return ok && w.accepts(v)
}

// AssertCalled fails the test unless an operation was called with the arguments
// given, and returns the first such call. Arguments left out at the end do not
// matter, others may be a [Matcher]; of files, the name, the type and the size are
// compared. The failure tells which calls came nearest and how they differ.
func (c *Core) AssertCalled(tb TB, op *contract.Operation, args ...any) Call {
	tb.Helper()
	want := outlined(append([]any(nil), args...))
	calls := c.Calls()
	misses := make([]miss, 0, len(calls))
	for _, made := range calls {
		if made.Op != op {
			continue
		}
		differs := differences(want, made.Args)
		if len(differs) == 0 {
			return made
		}
		misses = append(misses, miss{made, differs})
	}
	c.mu.Lock()
	log := c.log.text()
	c.mu.Unlock()
	tb.Errorf("mock: no %s\n%s%s", (Call{Op: op, Args: want}).wanted(), nearest(op, misses), log)
	return Call{}
}

// wanted is the call that was looked for.
func (c Call) wanted() string {
	shown := make([]string, len(c.Args))
	for i, arg := range c.Args {
		shown[i] = show(arg)
	}
	return fmt.Sprintf("call %s(%s)", c.Op.Name, strings.Join(shown, ", "))
}

// miss is a call of the operation that was looked for, with other arguments.
type miss struct {
	call    Call
	differs []string
}

// maxMisses is how many near misses are told.
const maxMisses = 3

// nearest tells of the calls that differ least, the earlier ones first.
func nearest(op *contract.Operation, misses []miss) string {
	if len(misses) == 0 {
		return op.Name + " was not called; "
	}
	least := len(misses[0].differs)
	for _, m := range misses {
		least = min(least, len(m.differs))
	}
	var b strings.Builder
	told := 0
	for _, m := range misses {
		if len(m.differs) > least || told == maxMisses {
			continue
		}
		told++
		fmt.Fprintf(&b, "call %d comes near:\n  %s\n", m.call.Number, strings.Join(m.differs, "\n  "))
	}
	return b.String()
}
