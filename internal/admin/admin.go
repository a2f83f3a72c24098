// Package admin is how a mock is steered from outside, below /_mock/: its state,
// its clock, its faults, and what it was asked and answered. openapi.yaml
// describes it. It has no credentials; a browser's requests from other sites are
// refused, and so are those that reach a loopback address by a name of another.
package admin

import (
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fault"
)

// Path is what the admin API is below.
const Path = "/_mock"

//go:embed openapi.yaml
var description []byte

// Config is what there is to steer.
type Config struct {
	World   *fake.World
	Faults  *fault.Set
	Journal *Journal
	// Forget drops what is kept of calls beside the journal.
	Forget func()
}

// control is the admin API of one mock.
type control struct {
	Config
	snapshots shelf
}

// New returns the handler.
func New(c Config) http.Handler {
	a := &control{Config: c}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, wrong(http.StatusNotFound, "there is nothing at this address; see "+Path+"/openapi.yaml"))
	})
	byPath := map[string]methods{}
	for _, r := range a.routes() {
		if byPath[r.path] == nil {
			byPath[r.path] = methods{}
		}
		if r.path != "/calls" && r.path != "/calls/stream" || r.method != http.MethodGet {
			r.serve = withoutQuery(r.serve)
		}
		byPath[r.path][r.method] = r.serve
	}
	for path, m := range byPath {
		mux.Handle(Path+path, m)
	}
	return mux
}

// methods are the orders at one address.
type methods map[string]http.HandlerFunc

func (m methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if serve, ok := m[r.Method]; ok {
		serve(w, r)
		return
	}
	allowed := slices.Sorted(maps.Keys(m))
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	fail(w, wrong(http.StatusMethodNotAllowed, "the method must be "+strings.Join(allowed, " or ")))
}

// withoutQuery refuses parameters, of which the order knows none.
func withoutQuery(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			fail(w, bad("there are no parameters"))
			return
		}
		serve(w, r)
	}
}

// route is one order.
type route struct {
	method, path string
	serve        http.HandlerFunc
}

func (a *control) routes() []route {
	return []route{
		{"GET", "/health", answer(a.health)},
		{"GET", "/openapi.yaml", a.describe},
		{"GET", "/metrics", a.metrics},
		{"GET", "/coverage", a.coverage},
		{"POST", "/reset", answer(a.reset)},
		{"POST", "/seed", answer(a.seed)},
		{"GET", "/snapshot", answer(a.listSnapshots)},
		{"POST", "/snapshot", answer(a.takeSnapshot)},
		{"DELETE", "/snapshot/{name}", answer(a.dropSnapshot)},
		{"POST", "/restore", answer(a.restore)},
		{"GET", "/export", a.export},
		{"POST", "/import", answer(a.load)},
		{"GET", "/clock", answer(a.readClock)},
		{"POST", "/clock", answer(a.moveClock)},
		{"GET", "/faults", answer(a.listFaults)},
		{"POST", "/faults", answer(a.addFault)},
		{"DELETE", "/faults", answer(a.clearFaults)},
		{"GET", "/faults/kinds", answer(a.faultKinds)},
		{"DELETE", "/faults/{id}", answer(a.removeFault)},
		{"GET", "/calls", answer(a.listCalls)},
		{"DELETE", "/calls", answer(a.clearCalls)},
		{"GET", "/calls/stream", a.streamCalls},
	}
}

// Owns reports whether a request is for the admin API.
func Owns(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, Path+"/") }

// Guard refuses what browsers should not be led to: requests that change
// something from a page of another site, and, where local is set, requests by a
// name that is not this machine's.
func Guard(local bool, next http.Handler) http.Handler {
	guarded := http.NewCrossOriginProtection()
	guarded.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, wrong(http.StatusForbidden, "requests from pages of other sites are refused"))
	}))
	inner := guarded.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if local && !ownName(r.Host) {
			fail(w, wrong(http.StatusForbidden, "this address is for this machine only, and the name in Host is not its"))
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// ownName reports whether a Host is a name of the loopback interface, which no
// name server of others can give.
func ownName(host string) bool {
	u, err := url.Parse("http://" + host)
	if err != nil {
		return false
	}
	name := strings.ToLower(u.Hostname())
	ip := net.ParseIP(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || ip != nil && ip.IsLoopback()
}

// problem is a failure with its status.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return p.text }

func wrong(status int, text string) error { return &problem{status, text} }

func bad(text string) error { return wrong(http.StatusBadRequest, text) }

func fail(w http.ResponseWriter, err error) {
	p, ok := errors.AsType[*problem](err)
	if !ok { // of the store, which may name files
		p = &problem{http.StatusInternalServerError, "the state could not be read or written; the log tells why"}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": p.text})
}

// answer serves what f returns as JSON.
func answer(f func(w http.ResponseWriter, r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := f(w, r)
		if err != nil {
			fail(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(out)
	}
}

// done is the answer of an order that has nothing to tell.
type done struct{}

const (
	// maxOrder limits an order, in bytes.
	maxOrder = 64 << 10
	// maxImport limits a state that is imported, in bytes.
	maxImport = 64 << 30
)

// readOrder reads one JSON object of up to maxOrder bytes. A member nobody knows is
// an error. Where empty is set, no body means an empty object.
func readOrder(w http.ResponseWriter, r *http.Request, order any, empty bool) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
	dec.DisallowUnknownFields()
	err := dec.Decode(order)
	if empty && errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("there should be one object, and nothing behind it")
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return wrong(http.StatusRequestEntityTooLarge, "the body is too large")
	}
	return bad(err.Error())
}

func (a *control) describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(description)
}

// health tells that the mock answers.
func (a *control) health(http.ResponseWriter, *http.Request) (any, error) {
	return map[string]string{"status": "ok"}, nil
}
