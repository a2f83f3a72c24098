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
// parameter, escaped or not. It satisfies the ServeMux interface of oapi-codegen's servers.
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
	methods map[string]route
}

type route struct {
	pattern string
	params  []string // names, in the order of the path
	handle  http.HandlerFunc
}

// HandleFunc registers a handler for "METHOD /path/{parameter}".
func (m *Mux) HandleFunc(pattern string, handle func(http.ResponseWriter, *http.Request)) {
	if m.wrap != nil {
		handle = m.wrap(pattern, handle)
	}
	method, path, _ := strings.Cut(pattern, " ")
	added := route{pattern: pattern, handle: handle}
	n := &m.root
	for _, segment := range split(path) {
		name, isParam := strings.CutPrefix(segment, "{")
		if isParam {
			added.params = append(added.params, strings.TrimSuffix(name, "}"))
			n = n.anything()
		} else {
			n = n.child(segment)
		}
	}
	if n.methods == nil {
		n.methods = map[string]route{}
	}
	n.methods[method] = added
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

func split(path string) []string {
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

// ServeHTTP sets the path's parameters on the request and calls its handler.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	segments, ok := unescaped(r.URL.EscapedPath())
	if !ok {
		m.miss(w, r, nil)
		return
	}
	n, values := m.root.find(segments, nil)
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
	for i, name := range found.params {
		r.SetPathValue(name, values[i])
	}
	found.handle(w, r)
}

// unescaped returns the segments of an escaped path.
func unescaped(path string) ([]string, bool) {
	segments := split(path)
	for i, segment := range segments {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			return nil, false
		}
		segments[i] = plain
	}
	return segments, true
}

func (n *node) allowed() []string {
	var methods []string
	for method := range n.methods {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	return methods
}

// find returns the node of the path and the values of its parameters; nil when
// there is none. A parameter is never empty.
func (n *node) find(segments, values []string) (*node, []string) {
	if len(segments) == 0 {
		if n.methods == nil {
			return nil, nil
		}
		return n, values
	}
	if next := n.fixed[segments[0]]; next != nil {
		if found, values := next.find(segments[1:], values); found != nil {
			return found, values
		}
	}
	if n.param == nil || segments[0] == "" {
		return nil, nil
	}
	return n.param.find(segments[1:], append(values, segments[0]))
}
