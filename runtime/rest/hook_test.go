package rest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/runtime/rest"
)

// recorder is a hook that writes down what it is told.
type recorder struct {
	name string
	mu   sync.Mutex
	log  []string
}

type recorderKey struct{ r *recorder }

func (h *recorder) note(ctx context.Context, format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := h.name + fmt.Sprintf(format, args...)
	if ctx.Value(recorderKey{h}) == nil {
		text += " (without its context)"
	}
	h.log = append(h.log, text)
}

func (h *recorder) Begin(ctx context.Context, call rest.Call) context.Context {
	ctx = context.WithValue(ctx, recorderKey{h}, true)
	h.note(ctx, "begin %s at %s", call.Op, call.Server)
	return ctx
}

func (h *recorder) Attempted(ctx context.Context, _ rest.Call, a rest.Attempt) {
	limit := ""
	if a.RateLimit != nil {
		limit = fmt.Sprintf(" %+v", *a.RateLimit)
	}
	h.note(ctx, "attempt %d: %d %s after %s, again %t after %s: %v%s", a.Number, a.Status, a.RayID, a.Took, a.Again, a.Wait, a.Err, limit)
}

func (h *recorder) End(ctx context.Context, _ rest.Call, o rest.Outcome) {
	h.note(ctx, "end of %d after %s: %v", o.Attempts, o.Took, o.Err)
}

func TestHooksSeeACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &recorder{}
		second := func(next step) step {
			return func(r *http.Request) (*http.Response, error) {
				if r.Context().Value(recorderKey{h}) == nil {
					t.Error("the request does not have the hook's context")
				}
				time.Sleep(time.Second)
				return next(r)
			}
		}
		s := &script{steps: []step{
			second(answer(429, "slow down", "Retry-After", "5", "Cf-Ray", "ray-1", "Ratelimit", `"default";r=0;t=5`, "Ratelimit-Policy", `"default";q=1200;w=300`)),
			second(answer(200, oneImage, "Cf-Ray", "ray-2", "Ratelimit", `"default";r=50;t=30`)),
		}}
		c := dial(t, s, client.WithHook(h), client.WithRetries(2))
		if e := get(t.Context(), t, c); e != nil {
			t.Fatal(e)
		}
		want := `begin GetImage at api.example
attempt 1: 429 ray-1 after 1s, again true after 5s: GetImage: HTTP 429: slow down {Policy:default Remaining:0 Reset:5s Quota:1200 Window:5m0s}
attempt 2: 200 ray-2 after 1s, again false after 0s: <nil> {Policy:default Remaining:50 Reset:30s Quota:0 Window:0s}
end of 2 after 7s: <nil>`
		if got := strings.Join(h.log, "\n"); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if limit, ok := c.RateLimit(); !ok || limit.Remaining != 50 {
			t.Errorf("limit %+v, %t", limit, ok)
		}
	})
}

func TestHooksSeeWhatIsNotSent(t *testing.T) {
	t.Parallel()
	h := &recorder{}
	s := &script{steps: []step{lost}}
	c := dial(t, s, client.WithHook(h))
	_, err := c.UploadImage(t.Context(), api.ImageUpload{})
	if err == nil || len(h.log) != 2 || !strings.HasPrefix(h.log[1], "end of 0 ") || !strings.Contains(h.log[1], "one of file or url is required") {
		t.Errorf("%q", h.log)
	}
	if _, ok := c.RateLimit(); ok {
		t.Error("a rate limit without an answer")
	}
}

func TestHooksAreToldInOrder(t *testing.T) {
	t.Parallel()
	first := &recorder{name: "1 "}
	second := &recorder{name: "2 "}
	s := &script{steps: []step{answer(200, oneImage)}}
	c := dial(t, s, client.WithHook(first)).With(client.WithHook(second))
	if e := get(t.Context(), t, c); e != nil {
		t.Fatal(e)
	}
	if len(first.log) != 3 || len(second.log) != 3 {
		t.Errorf("%q %q", first.log, second.log)
	}
}

// TestHooksAreToldNoSecrets covers what an answer may echo, and upload URLs.
func TestHooksAreToldNoSecrets(t *testing.T) {
	t.Parallel()
	h := &recorder{}
	const address = "https://upload.example/hash/s3cret-image-name"
	echo := answer(503, "no "+token+" at "+address+" nor /hash/s3cret-image-name", "Cf-Ray", token)
	s := &script{steps: []step{echo}}
	if e := get(t.Context(), t, dial(t, s, client.WithHook(h))); e == nil {
		t.Error("no error")
	}
	_, err := client.UploadTo(t.Context(), address, api.Bytes("a", []byte("x")), client.WithToken(token), client.WithHook(h),
		client.WithHTTPClient(&http.Client{Transport: s}))
	all := strings.Join(h.log[3:], "\n") + err.Error()
	if strings.Contains(all, "s3cret") || strings.Contains(strings.Join(h.log, "\n"), token) || !strings.Contains(all, "begin UploadTo at \n") {
		t.Errorf("%s", all)
	}
}

func TestRateLimitOfAnError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limit, policy []string
		want          string
	}{
		"none":          {nil, nil, "<nil>"},
		"empty":         {[]string{""}, nil, "<nil>"},
		"not a number":  {[]string{`"default";r=x;t=5`}, nil, "<nil>"},
		"negative":      {[]string{`"default";r=-1`}, nil, "<nil>"},
		"one":           {[]string{`"default";r=50;t=30`}, []string{`"burst";q=100;w=60`}, "&{default 50 30s 100 1m0s}"},
		"spaces":        {[]string{` "default" ; r=50 ; t=30 `}, nil, "&{default 50 30s 0 0s}"},
		"several":       {[]string{`"a";r=50;t=30, "b";r=2;t=7`}, []string{`"a";q=100;w=60`, `"b";q=10;w=10`}, "&{b 2 7s 10 10s}"},
		"no policy":     {[]string{`"a";r=1`}, []string{`"b";q=1`, `"c";q=2`}, "&{a 1 0s 0 0s}"},
		"endless reset": {[]string{`"a";r=1;t=9223372036854775807`}, nil, "&{a 1 2562047h47m16s 0 0s}"},
	}
	for name, tt := range tests {
		e := get(t.Context(), t, dial(t, &script{steps: []step{func(*http.Request) (*http.Response, error) {
			resp, err := answer(429, "x")(nil)
			resp.Header["Ratelimit"], resp.Header["Ratelimit-Policy"] = tt.limit, tt.policy
			return resp, err
		}}}))
		if got := fmt.Sprint(e.RateLimit); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func FuzzRateLimit(f *testing.F) {
	f.Add(`"default";r=50;t=30`, `"default";q=100;w=60`)
	f.Add(`a;r=1,b;r=0;t=x;;`, `,;=`)
	f.Fuzz(func(t *testing.T, limit, policy string) {
		header := []string{"Ratelimit", limit, "Ratelimit-Policy", policy}
		e := get(t.Context(), t, dial(t, &script{steps: []step{answer(429, "x", header...)}}))
		if l := e.RateLimit; l != nil && (l.Remaining < 0 || l.Reset < 0 || l.Quota < 0 || l.Window < 0) {
			t.Errorf("%+v", *l)
		}
	})
}
