package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	getImage := func(ctx context.Context, c *client.Client) error { _, err := c.GetImage(ctx, "a"); return err }
	upload := func(file *api.File) func(context.Context, *client.Client) error {
		return func(ctx context.Context, c *client.Client) error {
			_, err := c.UploadImage(ctx, api.ImageUpload{File: file})
			return err
		}
	}
	busy := answer(503, "busy")
	tests := []struct {
		name  string
		steps []step
		call  func(context.Context, *client.Client) error
		sent  int
		err   string // empty is success
	}{
		{"success", []step{answer(200, oneImage)}, getImage, 1, ""},
		{"busy twice", []step{busy, busy, answer(200, oneImage)}, getImage, 3, ""},
		{"busy for good", []step{busy}, getImage, 3, "HTTP 503: busy"},
		{"lost, then busy", []step{lost, busy, answer(200, oneImage)}, getImage, 3, ""},
		{"408", []step{answer(408, "x"), answer(200, oneImage)}, getImage, 2, ""},
		{"429", []step{answer(429, "x"), answer(200, oneImage)}, getImage, 2, ""},
		{"502", []step{answer(502, "x"), answer(200, oneImage)}, getImage, 2, ""},
		{"504", []step{answer(504, "x"), answer(200, oneImage)}, getImage, 2, ""},
		{"404", []step{answer(404, noImage)}, getImage, 1, "HTTP 404: 5404 Image not found"},
		{"409", []step{answer(409, "x")}, getImage, 1, "HTTP 409: x"},
		{"500", []step{answer(500, "x")}, getImage, 1, "HTTP 500: x"},
		{"501", []step{answer(501, "x")}, getImage, 1, "HTTP 501: x"},
		{"302", []step{answer(302, "x")}, getImage, 1, "HTTP 302: x"},
		{"200 without success", []step{answer(200, noImage)}, getImage, 1, "HTTP 200: 5404 Image not found"},
		{"Retry-After above the cap", []step{answer(429, "x", "Retry-After", "61")}, getImage, 1, "HTTP 429: x"},
		{"Retry-After of an age", []step{answer(429, "x", "Retry-After", "99999999999999999999999")}, getImage, 1, "HTTP 429: x"},
		{"delete", []step{lost, answer(200, `{"success":true}`)}, func(ctx context.Context, c *client.Client) error {
			return c.DeleteImage(ctx, "a")
		}, 2, ""},
		{"put", []step{busy, answer(200, `{"success":true,"result":{"keys":[]}}`)}, func(ctx context.Context, c *client.Client) error {
			_, err := c.PutSigningKey(ctx, "a")
			return err
		}, 2, ""},
		{"patch", []step{busy}, func(ctx context.Context, c *client.Client) error {
			_, err := c.EditImage(ctx, "a", api.ImageEdit{})
			return err
		}, 1, "HTTP 503: busy"},
		{"upload of bytes", []step{busy}, upload(api.Bytes("a", []byte("x"))), 1, "HTTP 503: busy"},
		{"upload of a reader", []step{lost}, upload(api.Reader("a", io.MultiReader(strings.NewReader("x")))), 1, "unexpected EOF"},
		{"blob", []step{busy, answer(200, "x", "Content-Type", "image/png")}, func(ctx context.Context, c *client.Client) error {
			s, err := c.GetImageBlob(ctx, "a")
			if err != nil {
				return err
			}
			return s.Close()
		}, 2, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: tt.steps}
				err := tt.call(t.Context(), dial(t, s, client.WithRetries(2)))
				if n := len(s.requests()); n != tt.sent {
					t.Errorf("%d requests, want %d", n, tt.sent)
				}
				if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.HasSuffix(err.Error(), ": "+tt.err)) {
					t.Errorf("got %v, want %s", err, tt.err)
				}
			})
		})
	}
}

// timed calls until the steps are over and returns the waits between the
// requests, by the clock of the bubble it runs in.
func timed(t *testing.T, steps []step, opts ...client.Option) []time.Duration {
	t.Helper()
	var waits []time.Duration
	last := time.Now()
	s := &script{}
	for _, next := range steps {
		s.steps = append(s.steps, func(r *http.Request) (*http.Response, error) {
			waits = append(waits, time.Since(last))
			last = time.Now()
			return next(r)
		})
	}
	if e := get(t.Context(), t, dial(t, s, opts...)); e != nil {
		t.Log(e)
	}
	return waits[1:]
}

func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		date := func(r *http.Request) (*http.Response, error) {
			return answer(503, "x", "Retry-After", time.Now().Add(20*time.Second).UTC().Format(http.TimeFormat))(r)
		}
		past := answer(503, "x", "Retry-After", "Mon, 01 Jan 1990 15:04:05 GMT")
		steps := []step{answer(429, "x", "Retry-After", "60"), date, past, answer(503, "x", "Retry-After", "soon"), answer(200, oneImage)}
		waits := timed(t, steps, client.WithRetries(5))
		if len(waits) != 4 || waits[0] != time.Minute || waits[1] != 20*time.Second {
			t.Fatalf("waited %v", waits)
		}
		if waits[2] > 2*time.Second || waits[3] > 4*time.Second {
			t.Errorf("waited %v without being asked", waits)
		}
	})
}

func TestBackoffIsBounded(t *testing.T) {
	t.Parallel()
	for name, maxWait := range map[string]time.Duration{"2s": 2 * time.Second, "none": 0, "negative": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				steps := make([]step, 101) // enough to overflow a half second that doubles
				for i := range steps {
					steps[i] = lost
				}
				waits := timed(t, steps, client.WithRetries(100), client.WithMaxWait(maxWait))
				var total time.Duration
				for i, d := range waits {
					total += d
					if limit := min(max(maxWait, 0), time.Second/2<<min(i, 10)); d < 0 || d > limit {
						t.Errorf("wait %d is %v, more than %v", i, d, limit)
					}
				}
				if len(waits) != 100 || (total > 0) != (maxWait > 0) {
					t.Errorf("%d waits, together %v", len(waits), total)
				}
			})
		})
	}
}

func TestContextEndsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &script{steps: []step{answer(429, "x", "Retry-After", "30")}}
		c := dial(t, s, client.WithRetries(2))
		go func() {
			<-time.After(10 * time.Second)
			cancel()
		}()
		start := time.Now()
		e := get(ctx, t, c)
		if waited := time.Since(start); waited != 10*time.Second || len(s.requests()) != 1 {
			t.Errorf("waited %v, %d requests", waited, len(s.requests()))
		}
		if !errors.Is(e, context.Canceled) || e.Status != 429 {
			t.Errorf("got %v", e)
		}
	})
}

func TestDeadlineBeforeTheNextAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		e := get(ctx, t, dial(t, &script{steps: []step{answer(429, "x", "Retry-After", "30")}}, client.WithRetries(2)))
		if waited := time.Since(start); waited != 0 || e.Status != 429 || e.RetryAfter != 30*time.Second {
			t.Errorf("waited %v for %v", waited, e)
		}
	})
}

func TestRetriesAreOffForNegativeNumbers(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, -1} {
		s := &script{steps: []step{lost}}
		if e := get(t.Context(), t, dial(t, s, client.WithRetries(n))); e == nil || len(s.requests()) != 1 {
			t.Errorf("%d: %d requests, %v", n, len(s.requests()), e)
		}
	}
}

func TestRetryAfterIsReported(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value string
		want  time.Duration
	}{
		{"0", 0},
		{"86400", 24 * time.Hour},
		{"4294967296", 4294967296 * time.Second},
		{"9223372037", 1<<63 - 1},
		{"18446744073709551616", 1<<63 - 1},
		{"-5", 0},
		{"1.5", 0},
		{"", 0},
		{"Mon, 02 Jan 2006 15:04:05 GMT", 0},
	}
	for _, tt := range tests {
		e := get(t.Context(), t, dial(t, &script{steps: []step{answer(503, "x", "Retry-After", tt.value)}}))
		if e.RetryAfter != tt.want {
			t.Errorf("%q: %v, want %v", tt.value, e.RetryAfter, tt.want)
		}
	}
	far := fmt.Sprintf("Fri, 01 Jan %d 00:00:00 GMT", 9999)
	if e := get(t.Context(), t, dial(t, &script{steps: []step{answer(503, "x", "Retry-After", far)}})); e.RetryAfter < 1<<62 {
		t.Errorf("%q: %v", far, e.RetryAfter)
	}
}
