package fault_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fault"
)

// reaction is what this module's client makes of a kind of fault: over a socket, where
// it repeats a call once and waits for nothing, and in a bubble without a socket,
// where it has its defaults. Behind the x is how often the rule fired: more than
// once is a repetition, or a list's next page.
type reaction struct{ kind, call, socket, bubble string }

var reactions = []reaction{
	{"error", "get", "HTTP 404 5404 x1", "HTTP 404 5404 x1"},
	{"rate-limited", "get", "HTTP 429 10100 x1", "HTTP 429 10100 x3"},
	{"internal-error", "get", "HTTP 500 5500 x1", "HTTP 500 5500 x1"},
	{"bad-gateway", "get", "HTTP 502 x2", "HTTP 502 x3"},
	{"unavailable", "get", "HTTP 503 x1", "HTTP 503 x3"},
	{"gateway-timeout", "get", "HTTP 504 x2", "HTTP 504 x3"},
	{"origin-timeout", "get", "HTTP 524 x1", "HTTP 524 x1"},
	{"html", "get", "garbled 200 x1", "garbled 200 x1"},
	{"redirect", "get", "HTTP 307 x1", "HTTP 307 x1"},
	{"wrong-type", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"wrong-charset", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"truncated-json", "get", "garbled 200 x1", "garbled 200 x1"},
	{"trailing-data", "get", "garbled 200 x1", "garbled 200 x1"},
	{"empty-body", "get", "garbled 200 x1", "garbled 200 x1"},
	{"unknown-fields", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"missing-fields", "get", "garbled 200 x1", "garbled 200 x1"}, // an image without anything
	{"null-result", "get", "garbled 200 x1", "garbled 200 x1"},
	{"wrong-types", "get", "garbled 200 x1", "garbled 200 x1"},
	{"duplicate-json", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"}, // the last of each counts
	{"invalid-utf8", "get", "ok: \ufffd\ufffdcat dot.svg x1", "ok: \ufffd\ufffdcat dot.svg x1"},
	{"failed-200", "get", "garbled 200 x1", "garbled 200 x1"},
	{"success-500", "get", "HTTP 500 x1", "HTTP 500 x1"},
	{"length-too-long", "get", "garbled 200 x2", "garbled 200 x3"},
	{"length-too-short", "get", "garbled 200 x1", "garbled 200 x1"},
	{"not-gzip", "get", "garbled 200 x2", "garbled 200 x1"}, // nothing decompresses without a socket
	{"huge-header", "get", "lost x2", "ok: cat dot.svg x1"}, // nor limits headers
	{"stale-token", "list", "HTTP 400 5400 x1", "HTTP 400 5400 x1"},
	{"repeated-token", "list", "endless list x1", "endless list x1"},
	{"empty-page", "list", "ok:  x2", "ok:  x2"},
	{"late-items", "list", "ok: dog  x2", "ok: dog  x2"}, // eel and cat are the first of their pages
	{"latency", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"reset-before", "get", "lost x2", "lost x3"},
	{"reset-unanswered", "get", "lost x2", "lost x3"},
	{"reset-during", "get", "garbled 200 x2", "garbled 200 x3"},
	{"reset-after", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"empty-reply", "get", "lost x2", "lost x3"},
	{"not-http", "get", "lost x2", "lost x3"},
	{"half-body", "get", "garbled 200 x2", "garbled 200 x3"},
	{"slow-header", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"slow-drip", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"bandwidth", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"black-hole", "get", "timeout x2", "timeout x3"},
	{"abandoned-answer", "get", "timeout x2", "timeout x3"},
	{"draft-stuck", "draft", "ok: gnu still a draft x1", "ok: gnu still a draft x1"},
	{"upload-url-expired", "draft", "HTTP 404 5404 x1", "HTTP 404 5404 x1"},
	{"id-collision", "create", "HTTP 409 5409 x1", "HTTP 409 5409 x1"},
	{"stale-read", "reread", "ok: ann ann  x2", "ok: ann ann  x2"},
}

// TestKinds lets the client meet every kind, over a socket and without one.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, row := range reactions {
		t.Run(row.kind, func(t *testing.T) {
			t.Parallel()
			m := mock.Start(t)
			patience := 30 * time.Second
			if strings.HasPrefix(row.socket, "timeout") {
				patience = 50 * time.Millisecond
			}
			opts := []client.Option{client.WithRetries(1), client.WithMaxWait(time.Millisecond), client.WithAttemptTimeout(patience)}
			if got := meet(t, m, row, &http.Client{Transport: &http.Transport{DisableKeepAlives: row.kind == "length-too-short"}}, opts...); got != row.socket {
				t.Errorf("over a socket: %q, want %q", got, row.socket)
			}
			synctest.Test(t, func(t *testing.T) {
				m := mock.New()
				if got := meet(t, m, row, &http.Client{Transport: m.Transport()}, client.WithAttemptTimeout(time.Minute)); got != row.bubble {
					t.Errorf("without a socket: %q, want %q", got, row.bubble)
				}
				m.Close()
			})
		})
	}
}

// meet makes the row's call under a rule of its kind.
func meet(t *testing.T, m *mock.Mock, row reaction, hc *http.Client, opts ...client.Option) string {
	t.Helper()
	fill(t, m)
	r := fault.Rule{Kind: row.kind}
	if row.kind == "error" {
		r.Error = "ImageNotFound"
	}
	addRule(t, m, r)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	defer hc.CloseIdleConnections()
	got, err := calls[row.call](ctx, user{m.Client(append(opts, client.WithHTTPClient(hc))...), hc})
	return fmt.Sprintf("%s x%d", verdict(got, err), attempts(m))
}

// TestEveryKindIsMet also keeps the number of kinds from shrinking.
func TestEveryKindIsMet(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, row := range reactions {
		rows[row.kind] = true
	}
	kinds := fault.Kinds()
	for _, k := range kinds {
		// No client meets webhooks: TestWebhooks has those kinds.
		if !rows[k.Name] && !strings.HasPrefix(k.Name, "webhook-") {
			t.Errorf("no row meets %s", k.Name)
		}
		if k.Description == "" || strings.Contains(k.Description, "\n") || k.Level == "" {
			t.Errorf("%+v has no line of description or no level", k)
		}
	}
	if len(kinds) < 50 {
		t.Errorf("there are %d kinds, want 50", len(kinds))
	}
}
