package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/serve"
)

// Header is on the answers that a rule affected, with the rule's id.
const Header = "X-Mock-Fault"

// maxRules is how many rules a set holds.
const maxRules = 1000

// Set holds rules. They are asked in the order they were added, and the first
// that fires decides; those behind it do not count the call. A set is safe for
// concurrent use and costs one atomic load a call while it is empty.
type Set struct {
	contract *contract.Contract
	locator  func() *serve.Locator // made when it is first needed
	active   atomic.Bool           // whether a call has to look further

	mu      sync.Mutex
	clock   func() time.Time
	rules   []*entry
	made    int // rules that were given an id
	fast    bool
	limiter *limiter // nil without rate limits
	stale   memory
}

// entry is a rule with what is known of it.
type entry struct {
	rule        Rule
	kind        *kind
	op          *contract.Operation
	calls, hits int
}

// State is a rule with its counters.
type State struct {
	Rule Rule `json:"rule"`
	// Calls are those that it matched, Hits those in which it fired.
	Calls int `json:"calls"`
	Hits  int `json:"hits"`
}

// NewSet returns an empty set for the API c, whose path is that of the real
// service. Its clock is the system's.
func NewSet(c *contract.Contract) *Set {
	base := ""
	if u, err := url.Parse(c.BaseURL); err == nil {
		base = u.Path
	}
	locator := sync.OnceValue(func() *serve.Locator { return serve.NewLocator(c, base) })
	return &Set{contract: c, locator: locator, clock: time.Now}
}

// SetClock tells the set by which clock windows, rate limits and the age of
// answers go. Delays pass in real time all the same, or in that of a bubble of
// testing/synctest.
func (s *Set) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = now
}

// SetFastRetries lets official SDKs repeat at once what they repeat at all:
// affected answers of status 408, 409, 429 and 5xx carry "Retry-After-Ms: 1" and
// "X-Should-Retry: true".
func (s *Set) SetFastRetries(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fast = on
}

// Add adds a rule and returns its id. It changes nothing where the rule is
// invalid; the error names the field as JSON does.
func (s *Set) Add(r Rule) (string, error) {
	if err := r.check(s.contract); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rules) >= maxRules {
		return "", fmt.Errorf("fault rule: there are %d already", maxRules)
	}
	for made := s.made; r.ID == ""; {
		made++
		if id := "fault-" + strconv.Itoa(made); s.index(id) < 0 {
			r.ID, s.made = id, made
		}
	}
	if s.index(r.ID) >= 0 {
		return "", invalid("id", "is taken by another rule: %s", r.ID)
	}
	s.rules = append(s.rules, &entry{rule: r, kind: kindOf(r.Kind), op: operationOf(s.contract, r.Operation)})
	s.settle()
	return r.ID, nil
}

// index finds a rule. The lock is held.
func (s *Set) index(id string) int {
	return slices.IndexFunc(s.rules, func(e *entry) bool { return e.rule.ID == id })
}

// settle notes whether there is anything to do. The lock is held.
func (s *Set) settle() { s.active.Store(len(s.rules) > 0 || s.limiter != nil) }

// Remove takes a rule away and reports whether it was there.
func (s *Set) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.index(id)
	if i < 0 {
		return false
	}
	s.rules = slices.Delete(s.rules, i, i+1)
	s.settle()
	return true
}

// List returns the rules in the order they are asked.
func (s *Set) List() []State {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]State, len(s.rules))
	for i, e := range s.rules {
		out[i] = State{e.rule, e.calls, e.hits}
	}
	return out
}

// Reset takes all rules away and forgets what was counted for rate limits. The
// switches stay as they are.
func (s *Set) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules, s.made, s.stale = nil, 0, memory{}
	if s.limiter != nil {
		s.limiter = newLimiter(s.limiter.Limits)
	}
	s.settle()
}

// now is the time by the set's clock.
func (s *Set) now() time.Time {
	s.mu.Lock()
	clock := s.clock
	s.mu.Unlock()
	return clock()
}

// call is what a rule is matched with. A request is nil for a call in process and
// for a webhook.
type call struct {
	op                *contract.Operation
	account, resource string
	request           *http.Request
	event             bool // a webhook
}

// hit is a rule that fired.
type hit struct {
	set  *Set
	rule Rule
	kind *kind
	call call
	n    int // of the call
	fast bool
	now  time.Time
}

// fire returns the rule that affects a call, nil when none does.
func (s *Set) fire(c call) *hit {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.rules {
		r := &e.rule
		if !e.matches(c) || !r.open(now) {
			continue
		}
		e.calls++
		if r.Times > 0 && e.hits >= r.Times || !r.chosen(e.calls) {
			continue
		}
		e.hits++
		return &hit{set: s, rule: *r, kind: e.kind, call: c, n: e.calls, fast: s.fast, now: now}
	}
	return nil
}

// matches reports whether the rule is about a call.
func (e *entry) matches(c call) bool {
	r := &e.rule
	switch {
	case r.Account != "" && r.Account != c.account, r.Resource != "" && r.Resource != c.resource, e.op != nil && e.op != c.op:
		return false
	case c.event || e.kind.Level == Lifecycle && e.kind.fate != nil:
		return c.event && e.kind.fate != nil
	case !e.kind.about(c):
		return false
	case c.request == nil:
		return e.kind.noticed() && (r.Method == "" || r.Method == c.op.Method) && r.Path == ""
	}
	return (r.Method == "" || r.Method == c.request.Method) && (r.Path == "" || like(r.Path, c.request.URL.EscapedPath()))
}

// like reports whether a text is as a pattern says, in which '*' is any text.
func like(pattern, text string) bool {
	first, rest, stars := strings.Cut(pattern, "*")
	text, ok := strings.CutPrefix(text, first)
	if !ok || !stars {
		return ok && text == ""
	}
	for {
		part, more, stars := strings.Cut(rest, "*")
		if !stars {
			return strings.HasSuffix(text, part)
		}
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(part):], more
	}
}

// Handler returns next with the faults of the set.
func (s *Set) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.active.Load() {
			next.ServeHTTP(w, r)
			return
		}
		s.serve(w, r, next)
	})
}

func (s *Set) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	r = r.WithContext(context.WithValue(r.Context(), seen{}, s))
	if !s.admit(w, r) {
		return
	}
	h := s.fire(s.describe(r))
	if h == nil {
		next.ServeHTTP(w, r)
		return
	}
	w.Header().Set(Header, h.rule.ID)
	if h.wait(r.Context()) != nil {
		panic(http.ErrAbortHandler) // the client has left
	}
	h.kind.act(h, w, r, next)
}

// describe returns what rules are matched with.
func (s *Set) describe(r *http.Request) call {
	op, binds, path := s.locator().Find(r)
	c := call{op: op, request: r}
	switch {
	case op == nil:
		c.resource = r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	default:
		c.account, c.resource = first(binds), first(path)
	}
	return c
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// seen marks the context of a request that a set has looked at.
type seen struct{}

// Injected is the cause of an error in place of an answer, of a call that did not
// travel by HTTP.
type Injected struct{ Rule, Kind string }

// Error names the rule and the kind.
func (e *Injected) Error() string { return "injected fault " + e.Rule + ": " + e.Kind }

// Outcome is what becomes of a call in process.
type Outcome struct {
	// Before ends the call before it has an effect, After once it has had it. Both
	// are nil where the fault is one of the wire that no caller could notice.
	Before, After error
}

// Call asks the rules about a call that does not travel by HTTP, unless it was
// asked about the request that led to it.
func (s *Set) Call(ctx context.Context, binds []string, op *contract.Operation, args []any) Outcome {
	if !s.active.Load() || ctx.Value(seen{}) == s {
		return Outcome{}
	}
	c := call{op: op, account: first(binds)}
	if len(op.PathParams) > 0 && len(args) > 0 {
		c.resource, _ = args[0].(string)
	}
	h := s.fire(c)
	if h == nil {
		return Outcome{}
	}
	if err := h.wait(ctx); err != nil {
		return Outcome{Before: err}
	}
	cause := &contract.Error{Err: &Injected{h.rule.ID, h.rule.Kind}}
	if h.kind.fail != nil {
		cause = h.kind.fail(h)
		cause.Err = &Injected{h.rule.ID, h.rule.Kind}
		return Outcome{Before: cause}
	}
	switch h.kind.direct {
	case lost:
		return Outcome{Before: cause}
	case unanswered:
		return Outcome{After: cause}
	case silent:
		<-ctx.Done()
		cause.Err = errors.Join(cause.Err, ctx.Err())
		return Outcome{Before: cause}
	default:
		return Outcome{}
	}
}
