package limit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/serve"
	"github.com/cfimages/cfimages/runtime/serve/limit"
)

type stats struct{ api.Unimplemented }

func (stats) GetStats(context.Context) (*api.Stats, error) { return &api.Stats{}, nil }

func get(h http.Handler, account string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/accounts/"+account+"/images/v1/stats", nil)
	r.Header.Set("Authorization", "Bearer t")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPerAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := server.New(server.For(stats{}), server.WithLimiter(limit.PerAccount(3, 30*time.Second)))
		for i, want := range []string{`"default";r=2;t=10`, `"default";r=1;t=20`, `"default";r=0;t=30`} {
			w := get(h, "a")
			if w.Code != 200 || w.Header().Get("Ratelimit") != want || w.Header().Get("Ratelimit-Policy") != `"default";q=3;w=30` {
				t.Errorf("request %d: %d %v", i, w.Code, w.Header())
			}
		}
		w := get(h, "a")
		if w.Code != 429 || w.Header().Get("Retry-After") != "10" || w.Header().Get("Ratelimit") != `"default";r=0;t=10` {
			t.Errorf("a fourth request: %d %v", w.Code, w.Header())
		}
		if w := get(h, "b"); w.Code != 200 {
			t.Errorf("another account: %d", w.Code)
		}
		time.Sleep(10 * time.Second)
		if w := get(h, "a"); w.Code != 200 {
			t.Errorf("after ten seconds: %d", w.Code)
		}
		if w := get(h, "a"); w.Code != 429 {
			t.Errorf("one more: %d", w.Code)
		}
	})
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	q := limit.PerAccount(0, 0)(t.Context(), serve.Credentials{}, []string{"a"})
	if q.Limit != 1200 || q.Window != 5*time.Minute || q.Remaining != 1199 || q.Refused {
		t.Errorf("%+v", q)
	}
}

// Many accounts at once, and more than are kept.
func TestManyAccounts(t *testing.T) {
	t.Parallel()
	l := limit.PerAccount(2, time.Hour)
	var refused atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for i := range 3000 {
				if l(t.Context(), serve.Credentials{}, []string{fmt.Sprint(i)}).Refused {
					refused.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if refused.Load() != 3000 {
		t.Errorf("%d of 9000 requests are refused, want one of each account", refused.Load())
	}
}
