package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// request is a request as it is to be on the wire.
type request struct {
	method string
	// path lies below the account and is percent-encoded.
	path string
	// url replaces the target's address, the account and the path.
	url string
	// query is percent-encoded.
	query       string
	contentType string
	body        []byte
	// chunked sends the body without a length.
	chunked bool
	// anonymous leaves the credentials out.
	anonymous bool
	// authorization replaces the header of that name.
	authorization string
	// login replaces the target's account and token.
	login *Login
}

// reply is an answer.
type reply struct {
	request request
	status  int
	header  http.Header
	// length is what the answer announced, -1 if it did not.
	length int64
	body   []byte
}

func get(path string, query ...string) request {
	return request{method: "GET", path: path, query: params(query...)}
}

func del(path string) request { return request{method: "DELETE", path: path} }

// withJSON makes a request with a JSON body as it is written.
func withJSON(method, path, body string) request {
	return request{method: method, path: path, contentType: "application/json", body: []byte(body)}
}

func patch(path string, body any) request { return withJSON("PATCH", path, marshal(body)) }

func marshal(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimRight(b.String(), "\n")
}

// params writes a query of names and values in the order given.
func params(namesAndValues ...string) string {
	var b strings.Builder
	for i := 0; i < len(namesAndValues); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(namesAndValues[i]) + "=" + url.QueryEscape(namesAndValues[i+1]))
	}
	return b.String()
}

const (
	imagesPath   = "/images/v1"
	keysPath     = "/images/v1/keys"
	statsPath    = "/images/v1/stats"
	variantsPath = "/images/v1/variants"
	listPath     = "/images/v2"
	directPath   = "/images/v2/direct_upload"
)

func imagePath(id string) string   { return imagesPath + "/" + url.PathEscape(id) }
func blobPath(id string) string    { return imagePath(id) + "/blob" }
func keyPath(name string) string   { return keysPath + "/" + url.PathEscape(name) }
func variantPath(id string) string { return variantsPath + "/" + url.PathEscape(id) }

// address returns the request's address.
func (r *run) address(q request) string {
	target := q.url
	if target == "" {
		account := r.target.AccountID
		if q.login != nil {
			account = q.login.AccountID
		}
		target = r.target.BaseURL + "/accounts/" + url.PathEscape(account) + q.path
	}
	if q.query != "" {
		target += "?" + q.query
	}
	return target
}

// send makes one request. The error says that there was no answer.
func (r *run) send(ctx context.Context, client *http.Client, q request) (*reply, error) {
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, r.address(q), body)
	if err != nil {
		return nil, err
	}
	if q.chunked {
		req.ContentLength = -1
	}
	if q.contentType != "" {
		req.Header.Set("Content-Type", q.contentType)
	}
	req.Header.Set("Accept", "application/json, image/*")
	if !q.anonymous {
		token := r.target.Token
		if q.login != nil {
			token = q.login.Token
		}
		req.Header.Set("Authorization", "Bearer "+token)
		if q.authorization != "" {
			req.Header.Set("Authorization", q.authorization)
		}
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return &reply{q, resp.StatusCode, resp.Header, resp.ContentLength, text}, err
}

// pause waits, unless the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
