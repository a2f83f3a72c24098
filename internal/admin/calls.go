package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// filter selects exchanges.
type filter struct {
	operation, account, method, path string
	status                           int
	since                            int64
}

// readFilter reads a filter of a journal. A parameter or an operation nobody knows
// is an error.
func readFilter(query url.Values, j *Journal) (f filter, err error) {
	for name, values := range query {
		if len(values) != 1 {
			return f, bad(fmt.Sprintf("%q must be given once", name))
		}
		value := values[0]
		switch name {
		case "operation":
			if !j.names[value] {
				return f, bad(fmt.Sprintf("there is no operation %q", value))
			}
			f.operation = value
		case "account":
			f.account = value
		case "method":
			f.method = value
		case "path":
			f.path = value
		case "status":
			f.status, err = strconv.Atoi(value)
		case "since":
			f.since, err = strconv.ParseInt(value, 10, 64)
		default:
			return f, bad(fmt.Sprintf("there is no parameter %q", name))
		}
		if err != nil {
			return f, bad(fmt.Sprintf("%q must be a number", name))
		}
	}
	return f, nil
}

func (f *filter) wants(e *Exchange) bool {
	return (f.operation == "" || f.operation == e.Operation) && (f.account == "" || f.account == e.Account) &&
		(f.method == "" || f.method == e.Method) && (f.path == "" || f.path == e.Path) &&
		(f.status == 0 || f.status == e.Status)
}

func (f *filter) of(list []*Exchange) []*Exchange {
	return slices.DeleteFunc(list, func(e *Exchange) bool { return !f.wants(e) })
}

// listCalls returns what the journal holds.
func (a *control) listCalls(_ http.ResponseWriter, r *http.Request) (any, error) {
	f, err := readFilter(r.URL.Query(), a.Journal)
	if err != nil {
		return nil, err
	}
	return map[string]any{"calls": f.of(a.Journal.After(f.since))}, nil
}

func (a *control) clearCalls(http.ResponseWriter, *http.Request) (any, error) {
	a.Journal.Clear()
	return done{}, nil
}

const (
	// pulse is how often a stream shows that it lives.
	pulse = 15 * time.Second
	// patience is how long who reads a stream may take for a piece of it.
	patience = 30 * time.Second
)

// streamCalls sends what the journal holds, and then each exchange as it ends, as
// server-sent events. It goes on behind Last-Event-ID. An id that has not been given
// yet is that of an earlier journal, so all is sent then.
func (a *control) streamCalls(w http.ResponseWriter, r *http.Request) {
	f, err := readFilter(r.URL.Query(), a.Journal)
	if text := r.Header.Get("Last-Event-ID"); err == nil && text != "" {
		if f.since, err = strconv.ParseInt(text, 10, 64); err != nil {
			err = bad("Last-Event-ID must be the id of an exchange")
		}
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if f.since > a.Journal.newest() {
		f.since = 0
	}
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	for sent := f.since; ; {
		list, more := a.Journal.next(sent)
		if len(list) > 0 {
			sent = list[len(list)-1].ID
		}
		if send(w, f.of(list)) != nil {
			return
		}
		select {
		case <-more:
		case <-beat.C:
		case <-r.Context().Done():
			return
		case <-a.Journal.closed:
			return
		}
	}
}

// send writes events, or a comment where there is none.
func send(w http.ResponseWriter, list []*Exchange) error {
	c := http.NewResponseController(w)
	// A writer without deadlines has none to extend.
	_ = c.SetWriteDeadline(time.Now().Add(patience))
	if len(list) == 0 {
		if _, err := w.Write([]byte(":\n\n")); err != nil {
			return err
		}
	}
	for _, e := range list {
		text, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "id: %d\nevent: call\ndata: %s\n\n", e.ID, text); err != nil {
			return err
		}
	}
	return c.Flush()
}
