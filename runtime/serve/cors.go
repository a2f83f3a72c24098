package serve

import (
	"net/http"
	"slices"
	"strings"
)

// cors says which origins may use the API from a browser.
type cors struct{ origins []string }

// exposed are the headers of answers that scripts may read.
const exposed = "Etag, Ratelimit, Ratelimit-Policy, Retry-After, Warning"

// mark allows an origin to read the answer.
func (c *cors) mark(header http.Header, r *http.Request) {
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		return
	case slices.Contains(c.origins, "*"):
		header.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(c.origins, origin):
		header.Set("Access-Control-Allow-Origin", origin)
	default:
		return
	}
	header.Set("Access-Control-Expose-Headers", exposed)
}

// preflight allows an origin to send a request, if it may read the answer.
func (c *cors) preflight(header http.Header, r *http.Request, methods []string) {
	if header.Get("Access-Control-Allow-Origin") == "" {
		return
	}
	header.Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		header.Set("Access-Control-Allow-Headers", asked)
		header.Add("Vary", "Access-Control-Request-Headers")
	}
	header.Set("Access-Control-Max-Age", "7200") // what browsers cap it to
}
