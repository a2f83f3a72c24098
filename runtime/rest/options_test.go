package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
)

func TestWithDerivesAClient(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{lost, answer(200, oneImage)}}
	c := dial(t, s, client.WithRetries(0), client.WithHeader("X-Shared", "1"))
	derived := c.With(client.WithHeader("x-own", "2"), client.WithRetries(1), client.WithToken("another-token"), client.WithUserAgent("gallery/2"))
	if e := get(t.Context(), t, derived); e != nil {
		t.Fatal(e)
	}
	if e := get(t.Context(), t, c); e != nil {
		t.Fatal(e)
	}
	sent := s.requests()
	if len(sent) != 3 {
		t.Fatalf("%d requests; the retry should be the derived client's alone", len(sent))
	}
	own, old := sent[1].req.Header, sent[2].req.Header
	if own.Get("X-Own") != "2" || own.Get("X-Shared") != "1" || own.Get("Authorization") != "Bearer another-token" || own.Get("User-Agent") != "gallery/2" {
		t.Errorf("derived: %v", own)
	}
	if old.Get("X-Own") != "" || old.Get("X-Shared") != "1" || old.Get("Authorization") != "Bearer "+token || old.Get("User-Agent") != "cfimages-go" {
		t.Errorf("the first client is changed: %v", old)
	}
}

func TestWithWhatNewWouldRefuse(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]client.Option{
		"token":   client.WithToken(""),
		"address": client.WithBaseURL("ftp://a.example"),
		"header":  client.WithHeader("Authorization", "Bearer s3cret-value"),
	} {
		s := &script{steps: []step{answer(200, oneImage)}}
		c := dial(t, s).With(opt)
		e := get(t.Context(), t, c)
		if e == nil || len(s.requests()) != 0 || strings.Contains(e.Error(), "s3cret") {
			t.Errorf("%s: %d requests, %v", name, len(s.requests()), e)
		}
		if e := get(t.Context(), t, c.With(client.WithRetries(1))); e == nil || len(s.requests()) != 0 {
			t.Errorf("%s: a client derived from it works", name)
		}
	}
}

func TestDerivedClientsShareTheMiddleware(t *testing.T) {
	t.Parallel()
	made := 0
	s := &script{steps: []step{answer(200, oneImage)}}
	c := dial(t, s, client.WithMiddleware(func(next http.RoundTripper) http.RoundTripper { made++; return next }))
	for range 3 {
		if e := get(t.Context(), t, c.With(client.WithRetries(1))); e != nil {
			t.Fatal(e)
		}
	}
	if made != 1 {
		t.Errorf("the middleware is made %d times", made)
	}
}

func TestHeadersThatAreNotTheCallers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "a b", "a:b", "é", "authorization", "X-AUTH-KEY", "x-auth-email", "Content-Type", "content-length", "Host", "Cookie",
		"Transfer-Encoding", "Connection",
	} {
		if _, err := client.New(account, client.WithToken(token), client.WithHeader(name, "x")); err == nil {
			t.Errorf("%q is accepted", name)
		}
	}
	if _, err := client.New(account, client.WithHeader("X-A", "b\nX-Evil: c")); err == nil {
		t.Error("a header can be injected")
	}
}

func TestAcceptMayBeChosen(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{answer(200, "x", "Content-Type", "image/avif")}}
	stream, err := dial(t, s, client.WithHeader("Accept", "image/avif")).GetImageBlob(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.requests()[0].req.Header.Get("Accept"); got != "image/avif" || stream.Close() != nil {
		t.Errorf("Accept %q", got)
	}
}

// wrapper notes its name around the round trips of next.
type wrapper struct {
	name string
	log  *[]string
	next http.RoundTripper
}

func (w wrapper) RoundTrip(r *http.Request) (*http.Response, error) {
	*w.log = append(*w.log, w.name+" "+r.Header.Get("Authorization"))
	return w.next.RoundTrip(r)
}

func TestMiddlewareSeesEveryAttempt(t *testing.T) {
	t.Parallel()
	var log []string
	around := func(name string) client.Option {
		return client.WithMiddleware(func(next http.RoundTripper) http.RoundTripper { return wrapper{name, &log, next} })
	}
	s := &script{steps: []step{lost, answer(200, oneImage)}}
	if e := get(t.Context(), t, dial(t, s, around("outer"), around("inner"), client.WithRetries(1), client.WithMaxWait(0))); e != nil {
		t.Fatal(e)
	}
	want := []string{"outer Bearer " + token, "inner Bearer " + token, "outer Bearer " + token, "inner Bearer " + token}
	if !slices.Equal(log, want) {
		t.Errorf("%q", log)
	}
}

func TestFromEnv(t *testing.T) {
	const base = "https://env.example/v4"
	tests := []struct {
		name string
		env  map[string]string
		opts []client.Option
		want string // of the request
		err  string
	}{
		{"token", map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc1", "CLOUDFLARE_API_TOKEN": "env-token"}, nil,
			"https://api.cloudflare.com/client/v4/accounts/acc1/images/v1/a Bearer env-token ", ""},
		{"address", map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc1", "CLOUDFLARE_API_TOKEN": "env-token", "CLOUDFLARE_BASE_URL": base}, nil,
			base + "/accounts/acc1/images/v1/a Bearer env-token ", ""},
		{"address of an option", map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc1", "CLOUDFLARE_API_TOKEN": "env-token", "CLOUDFLARE_BASE_URL": base},
			[]client.Option{client.WithBaseURL("https://opt.example")}, "https://opt.example/accounts/acc1/images/v1/a Bearer env-token ", ""},
		{"key", map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc1", "CLOUDFLARE_EMAIL": "me@example.com", "CLOUDFLARE_API_KEY": "env-key"}, nil,
			"https://api.cloudflare.com/client/v4/accounts/acc1/images/v1/a  env-key", ""},
		{"token before key", map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc1", "CLOUDFLARE_API_TOKEN": "env-token", "CLOUDFLARE_EMAIL": "me@example.com", "CLOUDFLARE_API_KEY": "env-key"}, nil,
			"https://api.cloudflare.com/client/v4/accounts/acc1/images/v1/a Bearer env-token ", ""},
		{"option instead of both", map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc1", "CLOUDFLARE_API_TOKEN": "env-token"},
			[]client.Option{client.WithKey("me@example.com", "opt-key")}, "https://api.cloudflare.com/client/v4/accounts/acc1/images/v1/a  opt-key", ""},
		{"no account", map[string]string{"CLOUDFLARE_API_TOKEN": "env-token"}, nil, "", "CLOUDFLARE_ACCOUNT_ID is not set"},
		{"no credentials", map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc1"}, nil, "", "CLOUDFLARE_API_TOKEN, CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY"},
		{"half a credential", map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc1", "CLOUDFLARE_API_KEY": "env-key"}, nil, "", "CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY"},
		{"bad address", map[string]string{"CLOUDFLARE_ACCOUNT_ID": "acc1", "CLOUDFLARE_API_TOKEN": "env-token", "CLOUDFLARE_BASE_URL": "https://u:env-pw@x"}, nil, "", "must not contain a user"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"ACCOUNT_ID", "API_TOKEN", "BASE_URL", "EMAIL", "API_KEY"} {
				t.Setenv("CLOUDFLARE_"+name, tt.env["CLOUDFLARE_"+name])
			}
			s := &script{steps: []step{answer(200, oneImage)}}
			c, err := client.FromEnv(append(tt.opts, client.WithHTTPClient(&http.Client{Transport: s}))...)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "env-") {
					t.Errorf("got %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if e := get(t.Context(), t, c); e != nil {
				t.Fatal(e)
			}
			r := s.requests()[0].req
			if got := r.URL.String() + " " + r.Header.Get("Authorization") + " " + r.Header.Get("X-Auth-Key"); got != tt.want {
				t.Errorf("sent %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestOneWayToAuthenticate: a client that is derived with other credentials sends
// no more those it had, and still keeps them out of its errors.
func TestOneWayToAuthenticate(t *testing.T) {
	t.Parallel()
	const key, other = "k3y-0f-m1ne", "an-other-token"
	s := &script{steps: []step{answer(400, token+" "+key+" "+other)}}
	byToken := dial(t, s)
	byKey := byToken.With(client.WithKey("me@example.com", key))
	for i, tt := range []struct {
		c    *client.Client
		want string
	}{
		{byToken, "Bearer " + token + "  "},
		{byKey, " me@example.com " + key},
		{byKey.With(client.WithToken(other)), "Bearer " + other + "  "},
		{byToken, "Bearer " + token + "  "},
	} {
		e := get(t.Context(), t, tt.c)
		h := s.requests()[i].req.Header
		if got := h.Get("Authorization") + " " + h.Get("X-Auth-Email") + " " + h.Get("X-Auth-Key"); got != tt.want {
			t.Errorf("%d: sent %q, want %q", i, got, tt.want)
		}
		if i == 2 && e.Text != "[redacted] [redacted] [redacted]" {
			t.Errorf("shown: %s", e.Text)
		}
	}
}

func TestOptionsOfNothing(t *testing.T) {
	t.Parallel()
	c := dial(t, &script{steps: []step{answer(200, oneImage)}}, client.WithHook(nil), client.WithMiddleware(nil), client.WithLimiter(nil))
	if e := get(t.Context(), t, c); e != nil {
		t.Error(e)
	}
}

// turns is a limiter that lets so many requests go.
type turns struct {
	mu   sync.Mutex
	left int
}

var errNoTurn = errors.New("no turn is left")

func (l *turns) Wait(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left == 0 {
		return errNoTurn
	}
	l.left--
	return nil
}

func TestLimiterIsAskedBeforeEveryAttempt(t *testing.T) {
	t.Parallel()
	limiter := &turns{left: 2}
	s := &script{steps: []step{lost}}
	e := get(t.Context(), t, dial(t, s, client.WithRetries(5), client.WithMaxWait(0), client.WithLimiter(limiter)))
	if len(s.requests()) != 2 || !errors.Is(e, errNoTurn) {
		t.Errorf("%d requests, %v", len(s.requests()), e)
	}
}

// TestWithoutChecksSends: whoever asks for it gets the service's own word.
func TestWithoutChecksSends(t *testing.T) {
	t.Parallel()
	in := api.ImageUpload{File: api.Bytes("a", []byte("x")), ID: "/a"}
	s := &script{steps: []step{answer(400, `{"success":false,"errors":[{"code":5411,"message":"no"}]}`)}}
	c := dial(t, s)
	_, err := c.UploadImage(t.Context(), in)
	if e := asError(t, err, "UploadImage"); !errors.Is(e, api.ErrInvalidCustomID) || e.Status != 0 || len(s.requests()) != 0 {
		t.Errorf("%d requests, %v", len(s.requests()), e)
	}
	_, err = c.With(client.WithoutChecks()).UploadImage(t.Context(), in)
	if e := asError(t, err, "UploadImage"); !errors.Is(e, api.ErrInvalidCustomID) || e.Status != 400 || len(s.requests()) != 1 {
		t.Errorf("%d requests, %v", len(s.requests()), e)
	}
}

// TestUploadToRefusesALargeFile: a direct upload has the same limit.
func TestUploadToRefusesALargeFile(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{answer(200, oneImage)}}
	file := api.Reader("a", io.MultiReader()).WithSize(10<<20 + 1)
	_, err := client.UploadTo(t.Context(), "https://upload.example/a", file, client.WithHTTPClient(&http.Client{Transport: s}))
	if e := asError(t, err, "UploadTo"); !errors.Is(e, api.ErrImageTooLarge) || len(s.requests()) != 0 {
		t.Errorf("%d requests, %v", len(s.requests()), e)
	}
}

// TestDerivingIsSafe derives from one client in many goroutines, for the race
// detector.
func TestDerivingIsSafe(t *testing.T) {
	t.Parallel()
	h := &recorder{}
	s := &script{steps: []step{answer(200, oneImage, "Ratelimit", `"default";r=1;t=1`)}}
	c := dial(t, s, client.WithHook(h), client.WithHeader("X-A", "1"))
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			own := c.With(client.WithHeader("X-A", fmt.Sprint(i)), client.WithHook(h), client.WithToken(fmt.Sprint("token-", i)))
			if _, err := own.GetImage(t.Context(), "a"); err != nil {
				t.Error(err)
			}
			if _, ok := c.RateLimit(); !ok {
				t.Error("the limit is not shared")
			}
		})
	}
	wg.Wait()
	for _, r := range s.requests() {
		if h := r.req.Header; h.Get("Authorization") != "Bearer token-"+h.Get("X-A") {
			t.Errorf("headers are mixed up: %v", h)
		}
	}
	if len(s.requests()) != 100 || len(h.log) != 600 {
		t.Errorf("%d requests, %d notes", len(s.requests()), len(h.log))
	}
}
