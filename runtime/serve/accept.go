package serve

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/cfimages/cfimages/runtime/contract"
)

// quality returns how much a header such as Accept wants a value: 1 at most, 0
// when it excludes it. Of several patterns the most specific counts. A header
// that is absent wants everything.
func quality(header []string, specific ...string) float64 {
	best, found := 0.0, len(specific)
	if len(header) == 0 {
		return 1
	}
	for item := range strings.SplitSeq(strings.Join(header, ","), ",") {
		name, params, _ := strings.Cut(item, ";")
		name = strings.TrimSpace(name)
		for i, pattern := range specific[:found] {
			if strings.EqualFold(name, pattern) {
				best, found = weight(params), i
				break
			}
		}
	}
	return best
}

// weight reads the parameter q; it is 1 where there is none.
func weight(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		key, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(key), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || q < 0 {
				return 0
			}
			return q
		}
	}
	return 1
}

// prefersText reports whether a client asks for failures as text.
func prefersText(header http.Header) bool {
	accept := header["Accept"]
	return len(accept) > 0 && quality(accept, "text/plain", "text/*") > quality(accept, "application/json", "application/*", "*/*")
}

// acceptable reports whether a client takes what the operation answers.
func (r *Request) acceptable() bool {
	accept := r.http.Header["Accept"]
	result := r.endpoint.op.Result
	if result.Kind != contract.ResultStream {
		return quality(accept, "application/json", "application/*", "*/*") > 0
	}
	kind, subtype, _ := strings.Cut(result.MediaType, "/")
	if subtype != "*" {
		return quality(accept, result.MediaType, kind+"/*", "*/*") > 0
	}
	for _, item := range accept { // any of its types will do
		if strings.Contains(item, kind+"/") {
			return true
		}
	}
	return quality(accept, "*/*") > 0
}

func acceptsGzip(header http.Header) bool {
	accept := header["Accept-Encoding"]
	return len(accept) > 0 && quality(accept, "gzip", "*") > 0
}

var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// compressed answers a body in gzip.
func (r *Request) compressed(body []byte) error {
	r.writer.Header().Set("Content-Encoding", "gzip")
	r.writer.WriteHeader(http.StatusOK)
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(&r.writer)
	_, _ = z.Write(body)
	_ = z.Close() // a client that has gone is not told
	return nil
}
