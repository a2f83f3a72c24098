package rest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/client"
)

// stalled is a body that delivers nothing until its request ends.
type stalled struct{ ctx context.Context }

func (b stalled) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (stalled) Close() error { return nil }

func TestTimeouts(t *testing.T) {
	t.Parallel()
	stall := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	}
	stalledBody := func(r *http.Request) (*http.Response, error) {
		resp, err := answer(200, "")(r)
		resp.Body = stalled{r.Context()}
		return resp, err
	}
	tests := []struct {
		name  string
		steps []step
		opts  []client.Option
		sent  int
		took  time.Duration
		err   string
	}{
		{"attempt, then success", []step{stall, answer(200, oneImage)}, []client.Option{client.WithAttemptTimeout(time.Second)}, 2, time.Second, ""},
		{"attempts", []step{stall}, []client.Option{client.WithAttemptTimeout(time.Second)}, 3, 3 * time.Second, "GetImage: the attempt took longer than 1s"},
		{"body of an attempt", []step{stalledBody, answer(200, oneImage)}, []client.Option{client.WithAttemptTimeout(time.Second)}, 2, time.Second, ""},
		{"call", []step{stall}, []client.Option{client.WithTimeout(time.Minute)}, 1, time.Minute, "GetImage: the call took longer than 1m0s"},
		{"call with attempts", []step{stall}, []client.Option{client.WithTimeout(2500 * time.Millisecond), client.WithAttemptTimeout(time.Second)},
			3, 2500 * time.Millisecond, "GetImage: the call took longer than 2.5s"},
		{"wait beyond the call", []step{answer(429, "x", "Retry-After", "30")}, []client.Option{client.WithTimeout(10 * time.Second), client.WithMaxWait(time.Minute)}, 1, 0, "GetImage: HTTP 429: x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: tt.steps}
				c := dial(t, s, append([]client.Option{client.WithRetries(2), client.WithMaxWait(0)}, tt.opts...)...)
				start := time.Now()
				e := get(t.Context(), t, c)
				if took := time.Since(start); took != tt.took || len(s.requests()) != tt.sent {
					t.Errorf("%s and %d requests, want %s and %d", took, len(s.requests()), tt.took, tt.sent)
				}
				switch {
				case tt.err == "" && e != nil, tt.err != "" && (e == nil || e.Error() != tt.err):
					t.Errorf("got %v, want %s", e, tt.err)
				case e != nil && e.Status == 0 && !errors.Is(e, context.DeadlineExceeded):
					t.Errorf("%v is no timeout", e)
				}
			})
		})
	}
}

// TestTimeoutOfADownloadEndsWithItsFirstByte: how long the rest takes depends on
// the image, and on who reads it.
func TestTimeoutOfADownloadEndsWithItsFirstByte(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ctx context.Context
		s := &script{steps: []step{func(r *http.Request) (*http.Response, error) {
			ctx = r.Context()
			return answer(200, "PNG", "Content-Type", "image/png")(r)
		}}}
		c := dial(t, s, client.WithTimeout(time.Second), client.WithAttemptTimeout(time.Second))
		stream, err := c.GetImageBlob(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if b, err := io.ReadAll(stream); string(b) != "PNG" || err != nil || ctx.Err() != nil {
			t.Errorf("%q, %v, %v", b, err, ctx.Err())
		}
		if err := stream.Close(); err != nil || ctx.Err() == nil {
			t.Errorf("%v; the context should end with the stream: %v", err, ctx.Err())
		}
	})
}

// TestTimeoutOfADownloadLetsItBeRepeated: closing a failed answer must not end the
// call that goes on.
func TestTimeoutOfADownloadLetsItBeRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{answer(503, "busy"), answer(429, "x", "Retry-After", "1"), answer(200, "PNG", "Content-Type", "image/png")}}
		c := dial(t, s, client.WithRetries(2), client.WithTimeout(time.Minute), client.WithAttemptTimeout(time.Minute))
		stream, err := c.GetImageBlob(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(stream); string(b) != "PNG" || err != nil || stream.Close() != nil {
			t.Errorf("%q, %v", b, err)
		}
	})
}

// TestNoTimeoutOutlivesItsCall: a limit holds a timer and a context, which end with
// the attempt.
func TestNoTimeoutOutlivesItsCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []context.Context
		note := func(next step) step {
			return func(r *http.Request) (*http.Response, error) {
				seen = append(seen, r.Context())
				return next(r)
			}
		}
		s := &script{steps: []step{note(lost), note(answer(503, "x")), note(answer(200, oneImage))}}
		c := dial(t, s, client.WithRetries(2), client.WithMaxWait(0), client.WithTimeout(time.Hour), client.WithAttemptTimeout(time.Hour))
		if e := get(t.Context(), t, c); e != nil {
			t.Fatal(e)
		}
		for i, ctx := range seen {
			if !errors.Is(ctx.Err(), context.Canceled) {
				t.Errorf("attempt %d: its context lives on", i)
			}
			if _, ok := ctx.Deadline(); !ok {
				t.Errorf("attempt %d: its context tells no deadline", i)
			}
		}
	})
}

// TestTimeoutBeforeTheFirstBytes: a download whose type says nothing is looked at,
// and that is limited, too.
func TestTimeoutBeforeTheFirstBytes(t *testing.T) {
	t.Parallel()
	stalledBody := func(r *http.Request) (*http.Response, error) {
		resp, err := answer(200, "")(r)
		resp.Header.Del("Content-Type")
		resp.Body, resp.ContentLength = stalled{r.Context()}, -1
		return resp, err
	}
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{stalledBody, answer(200, "PNG", "Content-Type", "image/png")}}
		stream, err := dial(t, s, client.WithAttemptTimeout(time.Second), client.WithMaxWait(0), client.WithRetries(1)).GetImageBlob(t.Context(), "a")
		if err != nil || len(s.requests()) != 2 {
			t.Fatalf("%d requests, %v", len(s.requests()), err)
		}
		_ = stream.Close()
		s = &script{steps: []step{stalledBody}}
		if _, err := dial(t, s, client.WithTimeout(time.Second)).GetImageBlob(t.Context(), "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}
