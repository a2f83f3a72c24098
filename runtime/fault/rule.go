package fault

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Rule says which calls meet which fault. What is left zero restricts nothing.
type Rule struct {
	// ID names the rule: 1 to 64 letters, digits, '.', '_' and '-'. A set gives
	// "fault-1", "fault-2" and so on to rules without one.
	ID string
	// Description is for people, up to 1000 bytes.
	Description string
	// Kind is the fault, one of [Kinds].
	Kind string

	// Operation is the method's name or the operationId, such as "GetImage" or
	// "getImage".
	Operation string
	// Account is the first bound parameter.
	Account string
	// Resource is the id of an image or a variant or the name of a key in the path,
	// unescaped; where the request is no operation, the last segment of its path.
	Resource string
	// Method and Path are for all requests, those to upload URLs and for delivered
	// images included. Path is the escaped path; '*' in it stands for any text.
	Method, Path string

	// Nth is the only call, counted from 1, that is affected; First are the first n,
	// Every is each nth, After are those behind the first n. A rule has at most one
	// of them. The rule counts the calls that it matches while its window is open.
	Nth, First, Every, After int
	// Probability is the share of those that is affected, up to 1; 0 is all. Seed
	// chooses which: the same seed chooses the same calls.
	Probability float64
	Seed        uint64
	// From and Until are the window, by the set's clock; Until is outside of it.
	From, Until time.Time
	// Times is how often the rule fires at most; 0 is always.
	Times int

	// Delay passes before anything else happens, and a random time up to Jitter.
	Delay, Jitter time.Duration

	// The rest is for some kinds only, see [Kind.Fields].

	// Error is the catalogue's name or code of an error, such as "ImageNotFound" or
	// "5404".
	Error string
	// Status replaces the HTTP status, from 200 to 599.
	Status int
	// RetryAfter is what the client is told to wait, a second by default, in seconds
	// or as a date (by the set's clock).
	RetryAfter     time.Duration
	RetryAfterDate bool
	// Interval is the pause between pieces, 20 ms by default.
	Interval time.Duration
	// Rate is in bytes a second, 10,000 by default.
	Rate int
	// Size is in bytes.
	Size int
	// Age is how old a stale answer may be, by the set's clock; a minute by default.
	Age time.Duration
}

// Limits of a rule.
const (
	maxName  = 64
	maxText  = 1000
	maxValue = 1 << 12 // of a value that is matched
	maxSpan  = 366 * 24 * time.Hour
	maxSize  = 64 << 20
)

// invalid says which field of a rule is wrong, by its name in JSON.
func invalid(field, format string, args ...any) error {
	return fmt.Errorf("fault rule: %s %s", field, fmt.Sprintf(format, args...))
}

// check returns what is wrong with the rule.
func (r *Rule) check(c *contract.Contract) error {
	k := kindOf(r.Kind)
	if k == nil {
		return invalid("kind", "must be a kind of fault, not %q", shown(r.Kind))
	}
	return cmp.Or(r.checkNames(c), r.checkCounts(), r.checkTimes(), r.checkFields(k, c))
}

// shown is a text of a caller's, short enough for a message.
func shown(s string) string {
	if len(s) > maxName {
		return s[:maxName] + "..."
	}
	return s
}

func (r *Rule) checkNames(c *contract.Contract) error {
	switch {
	case len(r.ID) > maxName || strings.Trim(r.ID, idAlphabet) != "":
		return invalid("id", "must be up to %d letters, digits, '.', '_' and '-'", maxName)
	case len(r.Description) > maxText:
		return invalid("description", "must not be longer than %d bytes", maxText)
	case r.Operation != "" && operationOf(c, r.Operation) == nil:
		return invalid("operation", "must be an operation of the API, not %q", shown(r.Operation))
	case r.Method != "" && !slices.Contains(methods, r.Method):
		return invalid("method", "must be one of %s", strings.Join(methods, ", "))
	case r.Path != "" && r.Path[0] != '/' && r.Path[0] != '*':
		return invalid("path", "must begin with '/' or '*'")
	}
	for _, v := range []struct{ field, value string }{{"account", r.Account}, {"resource", r.Resource}, {"path", r.Path}} {
		if len(v.value) > maxValue {
			return invalid(v.field, "must not be longer than %d bytes", maxValue)
		}
	}
	return nil
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// count is a number of a rule that must not be negative.
type count struct {
	field string
	n     int
}

func (r *Rule) checkCounts() error {
	first := ""
	for _, v := range []count{{"nth", r.Nth}, {"first", r.First}, {"every", r.Every}, {"after", r.After}} {
		switch {
		case v.n < 0:
			return invalid(v.field, "must not be negative")
		case v.n > 0 && first != "":
			return invalid(v.field, "must not be given beside %s", first)
		case v.n > 0:
			first = v.field
		}
	}
	switch {
	case math.IsNaN(r.Probability) || r.Probability < 0 || r.Probability > 1:
		return invalid("probability", "must be from 0 to 1")
	case r.Times < 0:
		return invalid("times", "must not be negative")
	}
	return nil
}

func (r *Rule) checkTimes() error {
	for _, v := range []struct {
		field string
		d     time.Duration
	}{{"delay", r.Delay}, {"jitter", r.Jitter}, {"retryAfter", r.RetryAfter}, {"interval", r.Interval}, {"age", r.Age}} {
		if v.d < 0 || v.d > maxSpan {
			return invalid(v.field, "must be from 0 to %s", maxSpan)
		}
	}
	if !r.From.IsZero() && !r.Until.IsZero() && !r.From.Before(r.Until) {
		return invalid("until", "must be after from")
	}
	return nil
}

// checkFields refuses what means nothing to the kind.
func (r *Rule) checkFields(k *kind, c *contract.Contract) error {
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"error", r.Error != ""}, {"status", r.Status != 0}, {"retryAfter", r.RetryAfter != 0},
		{"retryAfterDate", r.RetryAfterDate}, {"interval", r.Interval != 0}, {"rate", r.Rate != 0},
		{"size", r.Size != 0}, {"age", r.Age != 0},
	} {
		if f.given && !slices.Contains(k.Fields, f.name) {
			return invalid(f.name, "means nothing to the kind %s", k.Name)
		}
	}
	switch {
	case k.Name == "error" && r.Error == "":
		return invalid("error", "is missing, a name or code of the catalogue")
	case r.Error != "" && errorOf(c, r.Error) == nil:
		return invalid("error", "must be a name or code of the catalogue, not %q", shown(r.Error))
	case r.Status != 0 && (r.Status < 200 || r.Status > 599):
		return invalid("status", "must be from 200 to 599")
	case r.Rate < 0:
		return invalid("rate", "must not be negative")
	case r.Size < 0 || r.Size > maxSize:
		return invalid("size", "must be from 0 to %d", maxSize)
	}
	return nil
}

// operationOf finds an operation by its name or id.
func operationOf(c *contract.Contract, name string) *contract.Operation {
	for _, op := range c.Operations {
		if op.Name == name || op.ID == name {
			return op
		}
	}
	return nil
}

// errorOf finds an error by its name or code.
func errorOf(c *contract.Contract, name string) *contract.ErrorKind {
	for _, k := range c.Errors {
		if k.Name == name || strconv.Itoa(k.Code) == name {
			return k
		}
	}
	return nil
}

// chosen reports whether the rule affects a call, counted from 1.
func (r *Rule) chosen(n int) bool {
	switch {
	case r.Nth > 0 && n != r.Nth, r.First > 0 && n > r.First, r.Every > 0 && n%r.Every != 0, n <= r.After:
		return false
	}
	return r.Probability == 0 || r.random(n).Float64() < r.Probability
}

// open reports whether the rule's window is open.
func (r *Rule) open(now time.Time) bool {
	return (r.From.IsZero() || !now.Before(r.From)) && (r.Until.IsZero() || now.Before(r.Until))
}
