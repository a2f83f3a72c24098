package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/fault"
	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/images"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

// reaction is what the SDK makes of a kind of fault: over a socket and, in a bubble,
// without one. Behind the x is how often the rule fired: more than once is a
// repetition, a redirect that was followed, or a list's next page. What this
// module's client makes of them is in runtime/fault/kinds_test.go.
type reaction struct{ kind, call, socket, bubble string }

var reactions = []reaction{
	{"error", "get", "API 404 5404 x1", "API 404 5404 x1"},
	{"rate-limited", "get", "API 429 10100 x2", "API 429 10100 x2"},
	{"internal-error", "get", "API 500 5500 x2", "API 500 5500 x2"},
	{"bad-gateway", "get", "API 502 x2", "API 502 x2"},
	{"unavailable", "get", "API 503 x2", "API 503 x2"},
	{"gateway-timeout", "get", "API 504 x2", "API 504 x2"},
	{"origin-timeout", "get", "API 524 x2", "API 524 x2"},
	{"html", "get", "not JSON x1", "not JSON x1"},
	{"redirect", "get", "lost x10", "lost x10"},
	{"wrong-type", "get", "not JSON x1", "not JSON x1"},
	{"wrong-charset", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"truncated-json", "get", "garbled x1", "garbled x1"},
	{"trailing-data", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"empty-body", "get", "garbled x1", "garbled x1"},
	{"unknown-fields", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"missing-fields", "get", "ok:   x1", "ok:   x1"},
	{"null-result", "get", "ok:   x1", "ok:   x1"},     // an image without anything
	{"wrong-types", "get", "ok: 3 7 x1", "ok: 3 7 x1"}, // numbers are taken as texts
	{"duplicate-json", "get", "ok:   x1", "ok:   x1"},  // the first of each counts
	{"invalid-utf8", "get", "ok: \xff\xfecat dot.svg x1", "ok: \xff\xfecat dot.svg x1"},
	{"failed-200", "get", "ok:   x1", "ok:   x1"}, // it does not look at success
	{"success-500", "get", "API 500 x2", "API 500 x2"},
	{"length-too-long", "get", "broken off x1", "broken off x1"},
	{"length-too-short", "get", "garbled x1", "garbled x1"},
	{"not-gzip", "get", "broken off x1", "ok: cat dot.svg x1"}, // nothing decompresses without a socket
	{"huge-header", "get", "lost x1", "ok: cat dot.svg x1"},    // nor limits headers
	{"stale-token", "list", "API 400 5400 x1", "API 400 5400 x1"},
	{"repeated-token", "list", "ok: eel dog cat cat cat and so on x3", "ok: eel dog cat cat cat and so on x3"},
	{"empty-page", "list", "ok:  x2", "ok:  x2"},
	{"late-items", "list", "ok: dog  x2", "ok: dog  x2"},
	{"latency", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"reset-before", "get", "lost x1", "lost x2"},
	{"reset-unanswered", "get", "lost x1", "lost x2"},
	{"reset-during", "get", "broken off x1", "broken off x1"},
	{"reset-after", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"empty-reply", "get", "lost x1", "lost x2"},
	{"not-http", "get", "lost x1", "lost x2"},
	{"half-body", "get", "broken off x1", "broken off x1"},
	{"slow-header", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"slow-drip", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"bandwidth", "get", "ok: cat dot.svg x1", "ok: cat dot.svg x1"},
	{"black-hole", "get", "timeout x1", "timeout x1"},
	{"abandoned-answer", "get", "timeout x1", "timeout x1"},
	{"draft-stuck", "draft", "ok: gnu draft true x1", "ok: gnu draft true x1"},
	{"upload-url-expired", "draft", "ok: refused x1", "ok: refused x1"},
	{"id-collision", "create", "API 409 5409 x2", "API 409 5409 x2"},
	{"stale-read", "reread", "ok: ann ann  x2", "ok: ann ann  x2"},
}

// TestFaults lets the SDK meet every kind of fault.
func TestFaults(t *testing.T) {
	t.Parallel()
	met := map[string]bool{}
	for _, row := range reactions {
		met[row.kind] = true
		t.Run(row.kind, func(t *testing.T) {
			t.Parallel()
			if got := meet(t, row, true); got != row.socket {
				t.Errorf("over a socket: %q, want %q", got, row.socket)
			}
			synctest.Test(t, func(t *testing.T) {
				if got := meet(t, row, false); got != row.bubble {
					t.Errorf("without a socket: %q, want %q", got, row.bubble)
				}
			})
		})
	}
	for _, k := range fault.Kinds() {
		if !met[k.Name] && !strings.HasPrefix(k.Name, "webhook-") { // those are not sent to clients
			t.Errorf("no row meets %s", k.Name)
		}
	}
}

// meet makes a call of a mock with one fault, with an SDK that repeats a call
// once. Fast retries spare the waits that the SDK has after an answer. After a lost
// one it waits half a second, so that over a socket it repeats none of those.
func meet(t *testing.T, row reaction, socket bool) string {
	t.Helper()
	m := faulty(t, row.kind, socket)
	defer m.Close()
	hc, repeats := &http.Client{Transport: m.Transport()}, 1
	if socket {
		hc.Transport = &http.Transport{}
		if strings.HasPrefix(row.socket, "lost") {
			repeats = 0
		}
	}
	defer hc.CloseIdleConnections()
	sdk := cloudflare.NewClient(option.WithBaseURL(m.URL()), option.WithAPIToken("token"), option.WithMaxRetries(repeats), option.WithHTTPClient(hc))
	patience := 30 * time.Second
	if row.socket == "timeout x1" {
		patience = 50 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got, err := tries[row.call](ctx, tried{sdk.Images, hc})
	hits := 0
	for _, s := range m.Faults().List() {
		hits += s.Hits
	}
	return fmt.Sprintf("%s x%d", verdict(got, err), hits)
}

// faulty is an account of a mock with the images cat, dog and eel and a rule.
func faulty(t *testing.T, kind string, socket bool) *mock.Mock {
	t.Helper()
	m := mock.New()
	if socket {
		m = mock.Start(t)
	}
	m = m.Account(accountID)
	for _, id := range []string{"cat", "dog", "eel"} {
		if _, err := m.UploadImage(t.Context(), api.ImageUpload{ID: id, File: api.Bytes("dot.svg", []byte(dot))}); err != nil {
			t.Fatal(err)
		}
	}
	m.Faults().SetFastRetries(true)
	r := fault.Rule{Kind: kind}
	if kind == "error" {
		r.Error = "ImageNotFound"
	}
	if strings.HasPrefix(kind, "slow-") {
		r.Interval = time.Microsecond
	}
	m.Fault(r)
	return m
}

const dot = `<svg xmlns="http://www.w3.org/2000/svg"/>`

// tried is the SDK with its HTTP client.
type tried struct {
	sdk  *images.ImageService
	http *http.Client
}

// tries are what is tried with the SDK, by name.
var tries = map[string]func(context.Context, tried) (string, error){
	"get": func(ctx context.Context, c tried) (string, error) {
		img, err := c.sdk.V1.Get(ctx, "cat", images.V1GetParams{AccountID: account})
		if err != nil {
			return "", err
		}
		return img.ID + " " + img.Filename, nil
	},
	"list": func(ctx context.Context, c tried) (string, error) {
		params := images.V2ListParams{AccountID: account, PerPage: cloudflare.F(2.0)}
		seen := ""
		for range 4 {
			page, err := c.sdk.V2.List(ctx, params)
			if err != nil {
				return seen, err
			}
			for _, img := range page.Images {
				seen += img.ID + " "
			}
			if page.ContinuationToken == "" {
				return seen, nil
			}
			params.ContinuationToken = cloudflare.F(page.ContinuationToken)
		}
		return seen + "and so on", nil
	},
	"create": func(ctx context.Context, c tried) (string, error) {
		img, err := c.sdk.V1.New(ctx, images.V1NewParams{
			AccountID: account, ID: cloudflare.F("fox"), File: cloudflare.F[io.Reader](upload{strings.NewReader(dot), "dot.svg", "image/svg+xml"}),
		})
		if err != nil {
			return "", err
		}
		return img.ID, nil
	},
	"draft": func(ctx context.Context, c tried) (string, error) {
		target, err := c.sdk.V2.DirectUploads.New(ctx, images.V2DirectUploadNewParams{AccountID: account, ID: cloudflare.F("gnu")})
		if err != nil {
			return "", err
		}
		if _, err = client.UploadTo(ctx, target.UploadURL, api.Bytes("dot.svg", []byte(dot)), client.WithHTTPClient(c.http)); err != nil {
			return "refused", nil // by what the SDK has no part in
		}
		img, err := c.sdk.V1.Get(ctx, "gnu", images.V1GetParams{AccountID: account})
		if err != nil {
			return "", err
		}
		return img.ID + " draft " + img.JSON.ExtraFields["draft"].Raw(), nil
	},
	"reread": func(ctx context.Context, c tried) (string, error) {
		seen := ""
		for _, owner := range []string{"ann", "bob"} {
			if _, err := c.sdk.V1.Edit(ctx, "cat", images.V1EditParams{AccountID: account, Creator: cloudflare.F(owner)}); err != nil {
				return "", err
			}
			img, err := c.sdk.V1.Get(ctx, "cat", images.V1GetParams{AccountID: account})
			if err != nil {
				return seen, err
			}
			seen += img.Creator + " "
		}
		return seen, nil
	},
}

// verdict tells what the SDK made of a call: "API status code" where it knew an
// answer of the API, "timeout", "lost" without an answer, "broken off", "garbled" and "not
// JSON" where it could not read one, or what it returned.
func verdict(got string, err error) string {
	e, known := errors.AsType[*cloudflare.Error](err)
	switch {
	case err == nil:
		return "ok: " + got
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case known && len(e.Errors) > 0:
		return fmt.Sprintf("API %d %d", e.StatusCode, e.Errors[0].Code)
	case known:
		return fmt.Sprintf("API %d", e.StatusCode)
	}
	if _, lost := errors.AsType[*url.Error](err); lost {
		return "lost"
	}
	for text, verdict := range map[string]string{
		"error parsing response json": "garbled", "error reading response body": "broken off", "expected destination type": "not JSON",
	} {
		if strings.HasPrefix(err.Error(), text) {
			return verdict
		}
	}
	return "error: " + err.Error()
}
