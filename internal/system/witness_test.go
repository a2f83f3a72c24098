package system

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/rest"
)

// witness remembers everything that clients and servers tell: logs, answers,
// errors and what hooks see.
type witness struct {
	mu        sync.Mutex
	told      []statement
	secrets   map[string]string // what each is, by its value
	good, bad map[string]bool   // operations that have succeeded and failed
}

// statement is a text and who told it.
type statement struct{ where, text string }

func newWitness(secrets map[string]string) *witness {
	return &witness{secrets: secrets, good: map[string]bool{}, bad: map[string]bool{}}
}

func (w *witness) hear(where, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, statement{where, text})
}

// keep makes a value a secret.
func (w *witness) keep(what, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets[value] = what
}

// log is a log at its most talkative.
func (w *witness) log(name string) *slog.Logger {
	return slog.New(slog.NewTextHandler(line{w, name}, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
}

type line struct {
	*witness
	name string
}

func (l line) Write(p []byte) (int, error) {
	l.hear(l.name, string(p))
	return len(p), nil
}

// Begin, Attempted and End make the witness a hook.
func (w *witness) Begin(ctx context.Context, call rest.Call) context.Context {
	w.hear("hook", call.Op.Name+" at "+call.Server)
	return ctx
}

func (w *witness) Attempted(_ context.Context, call rest.Call, a rest.Attempt) {
	w.hear("hook", fmt.Sprintf("%s %+v %s", call.Op, a, deep(a.Err)))
}

func (w *witness) End(_ context.Context, call rest.Call, o rest.Outcome) {
	w.hear("hook", fmt.Sprintf("%s %+v %s", call.Op, o, deep(o.Err)))
	w.outcome(call.Op.Name, o.Err == nil)
}

// outcome notes that a request of an operation has succeeded or failed.
func (w *witness) outcome(op string, good bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if good {
		w.good[op] = true
	} else {
		w.bad[op] = true
	}
}

// deep is all that can be printed of an error and of those in it.
func deep(err error) string {
	var b strings.Builder
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&b, "%v | %+v | %#v\n", err, err, err)
	}
	return b.String()
}

// over makes the witness see the answers of a transport.
func (w *witness) over(next http.RoundTripper) http.RoundTripper { return watched{w, next} }

type watched struct {
	*witness
	next http.RoundTripper
}

var keyValue = regexp.MustCompile(`"value":"([^"]+)"`)

func (t watched) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := httputil.DumpResponse(resp, true)
	if err != nil {
		return nil, err
	}
	where := "answer"
	switch path := r.URL.Path; {
	case strings.Contains(path, "/v1/keys"):
		where = "answer with keys"
		for _, value := range keyValue.FindAllSubmatch(text, -1) {
			t.keep("the value of a signing key", string(value[1]))
		}
	case strings.HasSuffix(path, "/direct_upload"):
		where = "answer with an upload URL"
	}
	t.hear(where, string(text))
	return resp, nil
}

// allowed are the secrets that the API itself answers.
var allowed = map[string]string{"answer with keys": "the value of a signing key", "answer with an upload URL": "an upload URL"}

// check fails the test for every secret that was told, and where the witness has
// not seen what it is there for.
func (w *witness) check(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	answered, heard := map[string]bool{}, map[string]int{}
	for _, s := range w.told {
		heard[s.where]++
		for secret, what := range w.secrets {
			if !strings.Contains(s.text, secret) && !strings.Contains(s.text, url.QueryEscape(secret)) {
				continue
			}
			if answered[what] = true; allowed[s.where] != what {
				t.Errorf("%s tells %s: %s", s.where, what, s.text)
			}
		}
	}
	for where, what := range allowed {
		if !answered[what] {
			t.Errorf("no %s holds %s: the witness is blind", where, what)
		}
	}
	for _, op := range api.Contract.Operations {
		if !w.good[op.Name] || !w.bad[op.Name] {
			t.Errorf("%s has succeeded: %t, has failed: %t", op, w.good[op.Name], w.bad[op.Name])
		}
	}
	for _, where := range []string{"answer", "hook", "error", "log of the proxy", "log of the service", "log of a client"} {
		if heard[where] == 0 {
			t.Errorf("nothing is heard of: %s", where)
		}
	}
	t.Logf("heard %v, of %d secrets", heard, len(w.secrets))
}
