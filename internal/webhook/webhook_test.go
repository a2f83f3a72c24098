package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fault"
)

// receiver is an http.RoundTripper that takes webhooks.
type receiver struct {
	mu     sync.Mutex
	got    []*http.Request
	bodies []string
	answer func(n int) (int, error)
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got, r.bodies = append(r.got, req), append(r.bodies, string(body))
	status, err := http.StatusOK, error(nil)
	if r.answer != nil {
		status, err = r.answer(len(r.got))
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}

// list is what has arrived.
func (r *receiver) list() ([]*http.Request, []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got, r.bodies
}

func (r *receiver) count() int {
	got, _ := r.list()
	return len(got)
}

// world is a sender with what it needs.
type world struct {
	*Sender
	*receiver
	ahead atomic.Int64
	fate  fault.Fate
	log   bytes.Buffer
}

const address = "https://user:hidden-password@hooks.example/hidden-path?k=hidden-query"

func start(t *testing.T) *world {
	t.Helper()
	w := &world{receiver: &receiver{}, fate: fault.Fate{Copies: 1}}
	s, err := New(Config{
		URL: address, Secret: "hidden-secret", Client: &http.Client{Transport: w.receiver},
		Now:  func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) },
		Fate: func(string, string) fault.Fate { return w.fate },
		Log:  slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Sender = s
	t.Cleanup(func() {
		s.Close()
		if strings.Contains(w.log.String(), "hidden") {
			t.Errorf("the log has a secret:\n%s", w.log.String())
		}
	})
	return w
}

func image(id string) api.Image {
	return api.Image{ID: id, Uploaded: time.Unix(5, 0).UTC(), Variants: []string{}}
}

func TestSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t)
		w.Finished("acc", image("x"))
		synctest.Wait()
		got, bodies := w.list()
		if len(got) != 1 || w.Waiting() != 0 {
			t.Fatalf("%d arrived, %d wait", len(got), w.Waiting())
		}
		h := got[0].Header
		if h.Get(AuthHeader) != "hidden-secret" || h.Get(SignatureHeader) != signature("hidden-secret", []byte(bodies[0])) ||
			h.Get(IDHeader) != "webhook-1" || h.Get(AttemptHeader) != "1" || h.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", h)
		}
		var m struct {
			AlertType string `json:"alert_type"`
			AccountID string `json:"account_id"`
			TS        int64
			Data      struct {
				Account, Uploaded string
				Image             api.Image
			}
		}
		if err := json.Unmarshal([]byte(bodies[0]), &m); err != nil {
			t.Fatal(err)
		}
		if m.AlertType != "image_notification" || m.AccountID != "acc" || m.TS != time.Now().Unix() ||
			m.Data.Account != "acc" || m.Data.Uploaded != "1970-01-01T00:00:05Z" || m.Data.Image.ID != "x" {
			t.Errorf("%s", bodies[0])
		}
	})
}

// TestSignature holds the signature against a value computed by another program
// (openssl dgst -sha256 -hmac key).
func TestSignature(t *testing.T) {
	t.Parallel()
	const want = "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
	if got := signature("key", []byte("The quick brown fox jumps over the lazy dog")); got != want {
		t.Error(got)
	}
}

// TestAgain counts the attempts and the time between them, and moves the clock.
func TestAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t)
		w.answer = func(n int) (int, error) {
			if n == 1 {
				return 0, errors.New("reset")
			}
			return http.StatusInternalServerError, nil
		}
		w.Finished("acc", image("x"))
		synctest.Wait()
		for i, pause := range pauses {
			seen := w.Now()
			if pause > time.Minute { // the mock's clock is moved, the time of day is not
				w.ahead.Add(int64(pause - time.Second))
			}
			for w.count() == i+1 {
				time.Sleep(time.Millisecond)
			}
			if took := w.Now().Sub(seen); took < pause-2*time.Millisecond || took > pause+2*glance {
				t.Errorf("attempt %d follows after %s, want %s", i+2, took, pause)
			}
		}
		time.Sleep(time.Hour)
		if w.count() != len(pauses)+1 || w.Waiting() != 0 {
			t.Errorf("%d attempts, %d wait", w.count(), w.Waiting())
		}
		if text := w.log.String(); !strings.Contains(text, "given up") || !strings.Contains(text, "host=hooks.example") {
			t.Error(text)
		}
	})
}

// TestFates loses, doubles and delays webhooks.
func TestFates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t)
		for _, fate := range []fault.Fate{{Rule: "lost"}, {Rule: "twice", Copies: 2}, {Rule: "late", Copies: 1, Delay: time.Minute}} {
			w.fate = fate
			w.Finished("acc", image(fate.Rule))
		}
		w.fate = fault.Fate{Copies: 1}
		w.Finished("acc", image("plain"))
		time.Sleep(time.Second)
		ids := func() string {
			var out []string
			got, _ := w.list()
			for _, r := range got {
				out = append(out, r.Header.Get(IDHeader))
			}
			return strings.Join(out, " ")
		}
		if got := ids(); got != "webhook-2 webhook-2 webhook-4" {
			t.Error(got)
		}
		time.Sleep(time.Minute)
		if got := ids(); got != "webhook-2 webhook-2 webhook-4 webhook-3" {
			t.Error(got)
		}
	})
}

// TestBound fills the queue, and closes it with all that is in it.
func TestBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := start(t)
		w.fate.Delay = time.Hour
		for range MaxWaiting + 1 {
			w.Finished("acc", image("x"))
		}
		if w.Waiting() != MaxWaiting || strings.Count(w.log.String(), "was dropped") != 1 {
			t.Errorf("%d wait", w.Waiting())
		}
		w.Close()
		w.Close()
		w.Finished("acc", image("x"))
		time.Sleep(2 * time.Hour)
		if w.count() != 0 || !strings.Contains(w.log.String(), "webhooks=1000") {
			t.Errorf("%d arrived", w.count())
		}
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "/hidden", "ftp://hidden", "http://", "http://hidden:x/", "\x00hidden"} {
		if _, err := New(Config{URL: url}); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
