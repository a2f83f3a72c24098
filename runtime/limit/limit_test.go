package limit_test

import (
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/runtime/limit"
)

// TestNoWindowHasMore counts the requests in every window that begins with one.
func TestNoWindowHasMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limiter *rate.Limiter
		n       int
		window  time.Duration
	}{
		"documented": {limit.Documented(), limit.Requests, limit.Window},
		"small":      {limit.Within(10, time.Second, 3), 10, time.Second},
		"burst":      {limit.Within(10, time.Second, 100), 10, time.Second},
		"least":      {limit.Within(2, time.Minute, 0), 2, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sent []time.Time
				for range 3 * c.n {
					if err := c.limiter.Wait(t.Context()); err != nil {
						t.Fatal(err)
					}
					sent = append(sent, time.Now())
				}
				for i := 0; i+c.n < len(sent); i++ {
					if d := sent[i+c.n].Sub(sent[i]); d < c.window {
						t.Fatalf("%d requests within %s", c.n+1, d)
					}
				}
				if took := sent[len(sent)-1].Sub(sent[0]); took > 6*c.window {
					t.Errorf("%d requests take %s", len(sent), took)
				}
			})
		})
	}
}

func TestALimiterIsAnOption(t *testing.T) {
	t.Parallel()
	if _, err := client.New("account", client.WithToken("token"), client.WithLimiter(limit.Documented())); err != nil {
		t.Error(err)
	}
}
