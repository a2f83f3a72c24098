package fault

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

func apiKinds() []*kind {
	failing := func(name, description string, fail func(*hit) *contract.Error, fields ...string) *kind {
		return &kind{Kind: Kind{name, API, description, fields, false}, about: anything, act: refuse, fail: fail}
	}
	return []*kind{
		failing("error", "An error of the catalogue, by name or code.", named, "error", "status", "retryAfter", "retryAfterDate"),
		failing("rate-limited", "429 with Ratelimit, Ratelimit-Policy and Retry-After.", limited, "retryAfter", "retryAfterDate"),
		failing("internal-error", "500 in an envelope.", func(h *hit) *contract.Error {
			e := h.set.contract.Faults.Internal.New()
			e.Status = http.StatusInternalServerError
			return e
		}),
		failing("bad-gateway", "502 with the HTML page of a gateway.", page(http.StatusBadGateway)),
		failing("unavailable", "503 with an HTML page and Retry-After.", func(h *hit) *contract.Error {
			e := page(http.StatusServiceUnavailable)(h)
			e.RetryAfter = cmp.Or(h.rule.RetryAfter, time.Second)
			return e
		}, "retryAfter", "retryAfterDate"),
		failing("gateway-timeout", "504 with the HTML page of a gateway.", page(http.StatusGatewayTimeout)),
		failing("origin-timeout", "524, the edge's own, as a line of text.", func(*hit) *contract.Error {
			return &contract.Error{Status: 524, Text: "error code: 524"}
		}),
	}
}

// named is the error that the rule names.
func named(h *hit) *contract.Error {
	e := errorOf(h.set.contract, h.rule.Error).New()
	e.Status = cmp.Or(h.rule.Status, e.Status)
	e.RetryAfter = h.rule.RetryAfter
	if e.Status == http.StatusTooManyRequests {
		e.RetryAfter = cmp.Or(e.RetryAfter, time.Second)
	}
	return e
}

// limited is a quota that is used up.
func limited(h *hit) *contract.Error {
	return tooMany(h.set.contract, "default", apiRate, cmp.Or(h.rule.RetryAfter, time.Second))
}

// tooMany is the error for a quota that is used up for some time.
func tooMany(c *contract.Contract, policy string, q rate, wait time.Duration) *contract.Error {
	e := statusError(c, http.StatusTooManyRequests)
	e.RetryAfter = wait
	e.RateLimit = &contract.RateLimit{Policy: policy, Reset: wait, Quota: int64(q.requests), Window: q.window}
	return e
}

// statusError is the catalogue's error for a status, or a bad request with it.
func statusError(c *contract.Contract, status int) *contract.Error {
	e := c.Faults.BadRequest.New()
	for _, k := range c.Errors {
		if k.Status == status {
			e = k.New()
			break
		}
	}
	e.Status = status
	return e
}

// page is an HTML page of a gateway.
func page(status int) func(*hit) *contract.Error {
	return func(*hit) *contract.Error { return &contract.Error{Status: status, Text: htmlPage(status)} }
}

func htmlPage(status int) string {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return "<!DOCTYPE html>\n<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n"
}

// refuse answers the error of the kind.
func refuse(h *hit, w http.ResponseWriter, r *http.Request, _ http.Handler) {
	drain(r)
	h.answer(w, h.kind.fail(h))
}

// maxDrain is how much of a request is read that has no effect, in bytes: a
// client that still sends does not see an answer.
const maxDrain = 32 << 20

func drain(r *http.Request) { _, _ = io.CopyN(io.Discard, r.Body, maxDrain) }

// answer writes an error.
func (h *hit) answer(w http.ResponseWriter, e *contract.Error) {
	header := w.Header()
	if e.RetryAfter > 0 {
		header.Set("Retry-After", seconds(e.RetryAfter))
		if h.rule.RetryAfterDate {
			header.Set("Retry-After", h.now.Add(e.RetryAfter+time.Second-1).UTC().Format(http.TimeFormat))
		}
	}
	h.hasten(header, e.Status)
	writeError(w, h.set.contract, e)
}

// hasten lets official SDKs repeat the call at once, where that is wished.
func (h *hit) hasten(header http.Header, status int) {
	repeated := status == http.StatusRequestTimeout || status == http.StatusConflict ||
		status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
	if h.fast && repeated {
		header.Set("Retry-After-Ms", "1")
		header.Set("X-Should-Retry", "true")
	}
}

// writeError writes an error as an envelope, or as the text that it has instead.
func writeError(w http.ResponseWriter, c *contract.Contract, e *contract.Error) {
	header := w.Header()
	body, contentType := []byte(e.Text), "text/html; charset=utf-8"
	switch {
	case len(e.Messages) > 0:
		body, contentType = envelope(c, e), "application/json"
	case body[0] != '<':
		contentType = "text/plain; charset=utf-8"
	}
	if e.RateLimit != nil {
		quota(header, e.RateLimit)
	}
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.Status)
	_, _ = w.Write(body)
}

// quota tells what is left.
func quota(header http.Header, q *contract.RateLimit) {
	header.Set("Ratelimit", strconv.Quote(q.Policy)+";r="+strconv.FormatInt(q.Remaining, 10)+";t="+seconds(q.Reset))
	header.Set("Ratelimit-Policy", strconv.Quote(q.Policy)+";q="+strconv.FormatInt(q.Quota, 10)+";w="+seconds(q.Window))
}

// envelope is a failure as the API wraps it.
func envelope(c *contract.Contract, e *contract.Error) []byte {
	members := map[string]any{c.Envelope.Result: nil, c.Envelope.Success: false, c.Envelope.Errors: e.Messages}
	if c.Envelope.Messages != "" {
		members[c.Envelope.Messages] = []string{}
	}
	text, _ := json.Marshal(members) // texts and numbers: it cannot fail
	return text
}

// seconds writes a time in whole seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((max(d, 0)+time.Second-1)/time.Second), 10)
}
