package serve

import (
	"net/http"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Locator finds the operation that a request calls, as a handler of the API
// does, without serving it.
type Locator struct {
	base   string
	routes router
}

// NewLocator returns a locator for the API c below a path such as "/client/v4".
func NewLocator(c *contract.Contract, base string) *Locator {
	l := &Locator{base: strings.TrimRight(base, "/")}
	for _, op := range c.Operations {
		l.routes.add(&endpoint{op: op})
	}
	return l
}

// Covers reports whether a request goes to the API at all.
func (l *Locator) Covers(r *http.Request) bool {
	return strings.HasPrefix(r.URL.EscapedPath(), l.base+"/")
}

// Find returns the operation of a request with the values of its bound and its
// other path parameters, nil when it is none.
func (l *Locator) Find(r *http.Request) (op *contract.Operation, binds, path []string) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), l.base+"/")
	if !ok {
		return nil, nil, nil
	}
	var values [maxParams]string
	n := l.routes.find(rest, values[:])
	if n == nil {
		return nil, nil, nil
	}
	e := n.endpoint(r.Method, false)
	if e == nil {
		return nil, nil, nil
	}
	pick := func(at []int) []string {
		out := make([]string, len(at))
		for i, p := range at {
			out[i] = values[p]
		}
		return out
	}
	return e.op, pick(e.binds), pick(e.path)
}
