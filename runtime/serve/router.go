package serve

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// maxParams is how many parameters a path may have.
const maxParams = 8

// router finds operations by the escaped path, segment by segment. Unlike
// [http.ServeMux] it takes "/{a}/blob" beside "/variants/{b}", neither cleans
// nor redirects a path (an id may hold "//" or ".." once it is unescaped), and
// unescapes each parameter exactly once. A fixed segment wins over a parameter,
// escaped or not.
type router struct{ root node }

type node struct {
	fixed     map[string]*node
	param     *node
	endpoints []*endpoint // one for each method
}

// endpoint is an operation that is served.
type endpoint struct {
	op      *contract.Operation
	run     func(*Request) error
	pattern string
	// binds and path tell where the operation's parameters stand among those of
	// the path.
	binds, path []int
}

// add registers an operation.
func (t *router) add(e *endpoint) {
	e.pattern = e.op.Method + " " + e.op.Path
	var names []string
	n := &t.root
	for segment := range strings.SplitSeq(strings.TrimPrefix(e.op.Path, "/"), "/") {
		if name, isParam := strings.CutPrefix(segment, "{"); isParam {
			names = append(names, strings.TrimSuffix(name, "}"))
			n = n.anything()
		} else {
			n = n.child(segment)
		}
	}
	if len(names) > maxParams {
		panic("serve: " + e.op.Path + " has more parameters than a path may have")
	}
	e.binds, e.path = positions(names, e.op.Binds), positions(names, e.op.PathParams)
	n.endpoints = append(n.endpoints, e)
}

func positions(names []string, params []contract.Param) []int {
	at := make([]int, len(params))
	for i, p := range params {
		at[i] = slices.Index(names, p.Name)
	}
	return at
}

// anything returns the node of a parameter below n.
func (n *node) anything() *node {
	if n.param == nil {
		n.param = &node{}
	}
	return n.param
}

// child returns the node of a fixed segment below n.
func (n *node) child(segment string) *node {
	if n.fixed == nil {
		n.fixed = map[string]*node{}
	}
	if n.fixed[segment] == nil {
		n.fixed[segment] = &node{}
	}
	return n.fixed[segment]
}

// find returns the node of an escaped path without its leading slash, and puts
// the path's parameters into values. It returns nil when there is no such path.
func (t *router) find(path string, values []string) *node {
	return t.root.find(path, true, values)
}

// find looks for the rest of a path; more says that there is one, though it may
// be empty. A parameter is never empty.
func (n *node) find(path string, more bool, values []string) *node {
	if !more {
		if n.endpoints == nil {
			return nil
		}
		return n
	}
	segment, rest, more := strings.Cut(path, "/")
	if strings.IndexByte(segment, '%') >= 0 {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			return nil
		}
		segment = plain
	}
	if next := n.fixed[segment]; next != nil {
		if found := next.find(rest, more, values); found != nil {
			return found
		}
	}
	if n.param == nil || segment == "" {
		return nil
	}
	values[0] = segment
	return n.param.find(rest, more, values[1:])
}

// endpoint returns what serves a method, nil when nothing does. head serves HEAD
// by what serves GET.
func (n *node) endpoint(method string, head bool) *endpoint {
	if head && method == http.MethodHead {
		method = http.MethodGet
	}
	for _, e := range n.endpoints {
		if e.op.Method == method {
			return e
		}
	}
	return nil
}

// allowed returns the methods of a path in order.
func (n *node) allowed(head, options bool) []string {
	var methods []string
	for _, e := range n.endpoints {
		methods = append(methods, e.op.Method)
	}
	if head && slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	if options {
		methods = append(methods, http.MethodOptions)
	}
	slices.Sort(methods)
	return methods
}
