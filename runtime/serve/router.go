package serve

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Mux is a router over the escaped path, segment by segment. Unlike
// [http.ServeMux] it takes "/{a}/blob" beside "/variants/{b}", neither cleans
// nor redirects a path (an id may hold "//" or ".." once it is unescaped), and
// unescapes each parameter exactly once. A fixed segment wins over a
// parameter. It satisfies the ServeMux interface of oapi-codegen's servers.
type Mux struct {
	root node
	// miss answers requests that match no route; allowed are the methods the
	// path has, if any.
	miss func(w http.ResponseWriter, r *http.Request, allowed []string)
	// wrap, when set, is put around every handler that is registered.
	wrap func(pattern string, handle http.HandlerFunc) http.HandlerFunc
}

type node struct {
	fixed   map[string]*node
	param   *node
	name    string // of the parameter this node is
	methods map[string]route
}

type route struct {
	pattern string
	handle  http.HandlerFunc
}

// HandleFunc registers a handler for "METHOD /path/{parameter}".
func (m *Mux) HandleFunc(pattern string, handle func(http.ResponseWriter, *http.Request)) {
	if m.wrap != nil {
		handle = m.wrap(pattern, handle)
	}
	method, path, _ := strings.Cut(pattern, " ")
	n := &m.root
	for _, segment := range split(path) {
		n = n.child(segment)
	}
	if n.methods == nil {
		n.methods = map[string]route{}
	}
	n.methods[method] = route{pattern: pattern, handle: handle}
}

func (n *node) child(segment string) *node {
	if name, ok := strings.CutPrefix(segment, "{"); ok {
		if n.param == nil {
			n.param = &node{name: strings.TrimSuffix(name, "}")}
		}
		return n.param
	}
	if n.fixed == nil {
		n.fixed = map[string]*node{}
	}
	if n.fixed[segment] == nil {
		n.fixed[segment] = &node{}
	}
	return n.fixed[segment]
}

func split(path string) []string {
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

// ServeHTTP sets the path's parameters on the request and calls its handler.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := m.root.find(split(r.URL.EscapedPath()), r)
	if n == nil {
		m.miss(w, r, nil)
		return
	}
	found, ok := n.methods[r.Method]
	if !ok {
		m.miss(w, r, n.allowed())
		return
	}
	r.Pattern = found.pattern
	found.handle(w, r)
}

func (n *node) allowed() []string {
	var methods []string
	for method := range n.methods {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	return methods
}

// find returns the node of the path, nil when there is none.
func (n *node) find(segments []string, r *http.Request) *node {
	if len(segments) == 0 {
		if n.methods == nil {
			return nil
		}
		return n
	}
	if next := n.fixed[segments[0]]; next != nil {
		if found := next.find(segments[1:], r); found != nil {
			return found
		}
	}
	if n.param == nil || segments[0] == "" {
		return nil
	}
	value, err := url.PathUnescape(segments[0])
	if err != nil {
		return nil
	}
	found := n.param.find(segments[1:], r)
	if found != nil {
		r.SetPathValue(n.param.name, value)
	}
	return found
}
