package admin

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/cfimages/cfimages/runtime/fake"
)

// reset makes the mock what it was at its start, or one account.
func (a *control) reset(w http.ResponseWriter, r *http.Request) (any, error) {
	var order struct {
		Account string `json:"account"`
	}
	if err := readOrder(w, r, &order, true); err != nil {
		return nil, err
	}
	if len(order.Account) > 32 {
		return nil, bad(`"account" must have 1 to 32 bytes`)
	}
	if order.Account != "" {
		return done{}, a.World.Account(order.Account).Reset()
	}
	if err := a.World.Reset(); err != nil {
		return nil, err
	}
	a.Faults.Reset()
	a.Forget()
	a.Journal.Clear()
	return done{}, nil
}

// maxSnapshots is how many are kept.
const maxSnapshots = 100

// shelf keeps snapshots by name.
type shelf struct {
	mu    sync.Mutex
	names []string
	taken map[string]*fake.Snapshot
}

func (s *shelf) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.names...)
}

func (s *shelf) get(name string) (*fake.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if snapshot, ok := s.taken[name]; ok {
		return snapshot, nil
	}
	return nil, wrong(http.StatusNotFound, "there is no snapshot of this name")
}

// put keeps a snapshot, in the place of one of the same name perhaps.
func (s *shelf) put(name string, snapshot *fake.Snapshot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, again := s.taken[name]; !again {
		if len(s.names) >= maxSnapshots {
			return wrong(http.StatusConflict, fmt.Sprintf("there are %d snapshots already", maxSnapshots))
		}
		s.names = append(s.names, name)
	}
	if s.taken == nil {
		s.taken = map[string]*fake.Snapshot{}
	}
	s.taken[name] = snapshot
	return nil
}

func (s *shelf) drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.taken, name)
	s.names = slices.DeleteFunc(s.names, func(n string) bool { return n == name })
}

func (a *control) listSnapshots(http.ResponseWriter, *http.Request) (any, error) {
	return map[string]any{"snapshots": a.snapshots.list()}, nil
}

// readName reads an order that is a name of 1 to 64 bytes.
func readName(w http.ResponseWriter, r *http.Request) (string, error) {
	var order struct {
		Name string `json:"name"`
	}
	if err := readOrder(w, r, &order, false); err != nil {
		return "", err
	}
	if order.Name == "" || len(order.Name) > 64 {
		return "", bad(`"name" must have 1 to 64 bytes`)
	}
	return order.Name, nil
}

func (a *control) takeSnapshot(w http.ResponseWriter, r *http.Request) (any, error) {
	name, err := readName(w, r)
	if err != nil {
		return nil, err
	}
	snapshot, err := a.World.Snapshot()
	if err != nil {
		return nil, err
	}
	return done{}, a.snapshots.put(name, snapshot)
}

func (a *control) dropSnapshot(_ http.ResponseWriter, r *http.Request) (any, error) {
	name := r.PathValue("name")
	if _, err := a.snapshots.get(name); err != nil {
		return nil, err
	}
	a.snapshots.drop(name)
	return done{}, nil
}

// restore goes back to a snapshot: images, variants, keys, settings and the clock.
func (a *control) restore(w http.ResponseWriter, r *http.Request) (any, error) {
	name, err := readName(w, r)
	if err != nil {
		return nil, err
	}
	snapshot, err := a.snapshots.get(name)
	if err != nil {
		return nil, err
	}
	return done{}, a.World.Restore(snapshot)
}

// export writes the whole state. Where it breaks off, so does the connection.
func (a *control) export(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="cfimages-mock.export"`)
	if err := a.World.Export(w); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// load replaces the state by one that was exported. The body is received first,
// because calls wait while it is read.
func (a *control) load(w http.ResponseWriter, r *http.Request) (any, error) {
	spool, err := os.CreateTemp("", "cfimages-import-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		_ = spool.Close()
		_ = os.Remove(spool.Name())
	}()
	if _, err := io.Copy(spool, http.MaxBytesReader(w, r.Body, maxImport)); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, wrong(http.StatusRequestEntityTooLarge, "the body is too large")
		}
		return nil, bad("the body broke off")
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if err := a.World.Import(spool); err != nil {
		return nil, bad(err.Error())
	}
	return done{}, nil
}

// readClock tells the mock's time.
func (a *control) readClock(http.ResponseWriter, *http.Request) (any, error) {
	return a.advance(0)
}

// moveClock moves the clock forward: {"advance":"31m"}.
func (a *control) moveClock(w http.ResponseWriter, r *http.Request) (any, error) {
	var order struct {
		Advance *string `json:"advance"`
	}
	if err := readOrder(w, r, &order, false); err != nil {
		return nil, err
	}
	if order.Advance == nil {
		return nil, bad(`"advance" is missing, a duration such as "31m"`)
	}
	d, err := time.ParseDuration(*order.Advance)
	if err != nil || d < 0 || d > maxAdvance {
		return nil, bad(`"advance" must be a duration such as "31m" that is not negative, and not lead more than 100 years ahead`)
	}
	return a.advance(d)
}

// maxAdvance is the furthest that the clock may lead.
const maxAdvance = 100 * 365 * 24 * time.Hour

func (a *control) advance(d time.Duration) (any, error) {
	ahead, err := a.World.Advance(d)
	if err != nil && ahead > maxAdvance-d {
		return nil, bad(`"advance" must not lead more than 100 years ahead in all`)
	}
	if err != nil {
		return nil, err
	}
	return struct {
		Ahead string    `json:"ahead"`
		Now   time.Time `json:"now"`
	}{ahead.String(), a.World.Now().UTC()}, nil
}
