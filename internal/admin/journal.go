package admin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fault"
	"github.com/cfimages/cfimages/runtime/serve"
)

const (
	// Kept is how many exchanges a journal holds; the oldest go first.
	Kept = 1000
	// maxBody is how much of a text body is kept, in bytes.
	maxBody = 4 << 10
	// NoteHeader tells what the real service would have done otherwise.
	NoteHeader = "X-Mock-Note"
)

// Exchange is a request and its answer. Credentials and files are not kept,
// signatures are taken out of the query, and answers with signing keys are left
// out.
type Exchange struct {
	// ID counts from 1, in the order in which exchanges ended.
	ID int64 `json:"id"`
	// Time is when it began, by the mock's clock.
	Time      time.Time `json:"time"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Query     string    `json:"query,omitempty"`
	Operation string    `json:"operation,omitempty"`
	Account   string    `json:"account,omitempty"`
	// Status is 0 where the connection was cut before an answer.
	Status   int     `json:"status"`
	Duration float64 `json:"duration_ms"`
	// Codes are those of the errors that were answered.
	Codes []int `json:"codes,omitempty"`
	// Fault is the rule that affected it.
	Fault        string   `json:"fault,omitempty"`
	Notes        []string `json:"notes,omitempty"`
	RequestBody  string   `json:"request_body,omitempty"`
	ResponseBody string   `json:"response_body,omitempty"`
}

// Journal keeps the last exchanges of a mock and counts all of them. It is safe
// for concurrent use.
type Journal struct {
	locator *serve.Locator
	secret  map[*contract.Operation]bool
	names   map[string]bool // of operations
	now     func() time.Time
	note    func(r *http.Request, op *contract.Operation, binds, path []string) []string

	mu      sync.Mutex
	ring    [Kept]*Exchange // the one with an id is at id % Kept
	last    int64
	cleared int64         // the last id that was cleared
	changed chan struct{} // closed at the next exchange, nil when nobody waits
	closed  chan struct{}
	once    sync.Once
	count   counts
}

// NewJournal returns an empty journal of an API that is served below base. The
// operations in secret answer what nobody else should see. Note says what the real
// service would have done otherwise with a request, before it is served.
func NewJournal(c *contract.Contract, base string, now func() time.Time,
	note func(r *http.Request, op *contract.Operation, binds, path []string) []string, secret ...*contract.Operation) *Journal {
	j := &Journal{
		locator: serve.NewLocator(c, base), secret: map[*contract.Operation]bool{}, names: map[string]bool{}, now: now, note: note,
		closed: make(chan struct{}), count: counts{},
	}
	for _, op := range c.Operations {
		j.names[op.Name] = true
	}
	for _, op := range secret {
		j.secret[op] = true
	}
	return j
}

// Close ends the streams of the journal.
func (j *Journal) Close() { j.once.Do(func() { close(j.closed) }) }

// Clear forgets all exchanges. Ids go on, and so do counters.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cleared = j.last
	clear(j.ring[:])
}

// newest returns the last id.
func (j *Journal) newest() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

// After returns the exchanges behind an id, the oldest first.
func (j *Journal) After(id int64) []*Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.after(id)
}

func (j *Journal) after(id int64) []*Exchange {
	out := []*Exchange{}
	for id = max(id, j.cleared, j.last-Kept) + 1; id <= j.last; id++ {
		out = append(out, j.ring[id%Kept])
	}
	return out
}

// next returns what [Journal.After] does, and what is closed once there is more.
func (j *Journal) next(id int64) ([]*Exchange, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.after(id), j.changed
}

func (j *Journal) add(e *Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	e.ID = j.last
	j.ring[e.ID%Kept] = e
	j.count.add(e)
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// Handler serves by next and keeps what was said.
func (j *Journal) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op, binds, path := j.locator.Find(r)
		e := &Exchange{Time: j.now().UTC(), Method: r.Method, Path: r.URL.EscapedPath(), Query: withoutSignature(r.URL.RawQuery)}
		if op != nil {
			e.Operation = op.Name
			e.Account = binds[0]
			e.Notes = j.note(r, op, binds, path)
			for _, note := range e.Notes {
				w.Header().Add(NoteHeader, note)
			}
		}
		sent := overhear(r)
		rec := recorders.Get().(*recorder)
		rec.ResponseWriter = w
		begin := time.Now()
		defer func() {
			e.Duration = float64(time.Since(begin).Microseconds()) / 1000
			e.Status, e.RequestBody, e.Fault = rec.status, sent.text(), w.Header().Get(fault.Header)
			if rec.status >= http.StatusBadRequest {
				e.Codes = codes(rec.heard.Bytes())
			}
			e.ResponseBody = rec.heard.String()
			if j.secret[op] { // even a failure, as a fault may have made it of an answer with keys
				e.ResponseBody = ""
			}
			rec.release()
			j.add(e)
		}()
		next.ServeHTTP(rec, r)
		if rec.status == 0 {
			rec.status = http.StatusOK
		}
	})
}

// withoutSignature takes the signature of a delivery URL out of its query.
// It is a secret however the name is written, and where the URL is refused, too.
func withoutSignature(query string) string {
	if query == "" {
		return ""
	}
	return parameter.ReplaceAllStringFunc(query, func(part string) string {
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil && strings.EqualFold(plain, "sig") {
			return name + "=[hidden]"
		}
		return part
	})
}

// parameter is a part of a query, whatever it ends with.
var parameter = regexp.MustCompile(`[^&;]+`)

// codes are those of the errors in an answer.
func codes(body []byte) []int {
	var envelope struct {
		Errors []struct {
			Code int `json:"code"`
		} `json:"errors"`
	}
	// Most answers have no code, and need not be decoded to see that.
	if len(body) == 0 || body[0] != '{' || !bytes.Contains(body, []byte(`"code"`)) || json.Unmarshal(body, &envelope) != nil {
		return nil
	}
	var out []int
	for _, e := range envelope.Errors {
		out = append(out, e.Code)
	}
	return out
}
