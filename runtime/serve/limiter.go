package serve

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Limiter decides whether a request may be served now. It must be safe for
// concurrent use.
type Limiter func(ctx context.Context, who Credentials, binds []string) Quota

// Quota is what a limiter says of one request.
type Quota struct {
	// Refused answers the request with 429.
	Refused bool
	// Policy names the limit, such as "default".
	Policy string
	// Limit is how many requests the policy allows in a Window.
	Limit  int
	Window time.Duration
	// Remaining is how many more are allowed now.
	Remaining int
	// Reset is the time until all are, or, for a request that is refused, until it
	// may be sent again.
	Reset time.Duration
}

// limit asks the limiter and tells the client what it said.
func (r *Request) limit() error {
	if r.h.limiter == nil {
		return nil
	}
	q := r.h.limiter(r.http.Context(), r.who, r.binds)
	header := r.writer.Header()
	header.Set("Ratelimit", fmt.Sprintf("%q;r=%d;t=%s", q.Policy, max(q.Remaining, 0), seconds(q.Reset)))
	header.Set("Ratelimit-Policy", fmt.Sprintf("%q;q=%d;w=%s", q.Policy, q.Limit, seconds(q.Window)))
	if !q.Refused {
		return nil
	}
	e := r.h.kind(http.StatusTooManyRequests).New()
	e.Status = http.StatusTooManyRequests
	e.RetryAfter = max(q.Reset, time.Second)
	return e
}

// kind returns the catalogue's entry for a status, or that for a bad request.
func (h *handler) kind(status int) *contract.ErrorKind {
	for _, k := range h.contract.Errors {
		if k.Status == status {
			return k
		}
	}
	return h.contract.Faults.BadRequest
}

// seconds writes a time in whole seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((max(d, 0)+time.Second-1)/time.Second), 10)
}
