// Package webhook tells an address of the uploads that a mock has finished.
//
// The service notifies of direct uploads by a POST of JSON with the members name,
// text, data, ts, account_id and alert_type, and sends a secret in the header
// cf-webhook-auth. [documented] What data holds for an image, the texts, the
// signature in X-Mock-Signature and when a webhook is sent again are [assumed]:
//
//	{"name": "...", "text": "...", "alert_type": "image_notification", "account_id": "ACCOUNT_ID", "ts": 1767225600,
//	 "data": {"account": "ACCOUNT_ID", "uploaded": "2026-01-01T00:00:00Z", "image": {"id": "...", ...}}}
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fault"
)

// Headers of a webhook.
const (
	// AuthHeader has the secret itself, as the service sends it.
	AuthHeader = "Cf-Webhook-Auth"
	// SignatureHeader has "sha256=" and the body's HMAC-SHA256 with the secret, in hex.
	SignatureHeader = "X-Mock-Signature"
	// IDHeader is the same for each copy and each attempt of one webhook.
	IDHeader = "X-Mock-Webhook-Id"
	// AttemptHeader counts the attempts from 1.
	AttemptHeader = "X-Mock-Webhook-Attempt"
)

const (
	// MaxWaiting is how many webhooks may wait to be sent. More are dropped.
	MaxWaiting = 1000
	// answerTime is how long the receiver may take.
	answerTime = 10 * time.Second
	// glance is how often the mock's clock is looked at while something waits: it
	// may be moved.
	glance = 20 * time.Millisecond
)

// pauses are those between attempts, by the mock's clock. After the last of them
// a webhook is given up.
var pauses = [...]time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}

// Config is where webhooks go.
type Config struct {
	URL    string // http or https
	Secret string // empty is none
	// Now is the mock's clock.
	Now func() time.Time
	// Fate says what becomes of a webhook, as [fault.Set.Webhook] does.
	Fate func(account, image string) fault.Fate
	// Client is [http.DefaultClient] where it is nil.
	Client *http.Client
	// Log tells what was sent and what was not, without the secret and of the URL
	// only the host.
	Log *slog.Logger
}

// Sender sends webhooks in the background, until it is closed.
type Sender struct {
	Config
	host string
	more chan struct{} // something new waits
	end  chan struct{}
	done chan struct{}

	mu      sync.Mutex
	waiting []*event // in no order
	made    int
	closed  bool
}

// event is one copy of a webhook.
type event struct {
	id      string
	image   string
	body    []byte
	due     time.Time
	attempt int
}

// New returns a sender that runs. No error has the URL in it.
func New(c Config) (*Sender, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the address of webhooks is not an absolute http or https URL")
	}
	if c.Client == nil {
		c.Client = http.DefaultClient
	}
	s := &Sender{Config: c, host: u.Host, more: make(chan struct{}, 1), end: make(chan struct{}), done: make(chan struct{})}
	go s.run()
	return s, nil
}

// Finished takes note of an upload. It does not wait.
func (s *Sender) Finished(account string, image api.Image) {
	fate := s.Fate(account, image.ID)
	now := s.Now()
	body, err := contract.EncodeJSON(message(account, image, now))
	if err != nil {
		s.Log.Error("a webhook cannot be written", "image", image.ID, "error", err)
		return
	}
	s.mu.Lock()
	s.made++
	id := "webhook-" + strconv.Itoa(s.made)
	dropped := 0
	for range fate.Copies {
		if s.closed || len(s.waiting) >= MaxWaiting {
			dropped++
			continue
		}
		s.waiting = append(s.waiting, &event{id: id, image: image.ID, body: body, due: now.Add(fate.Delay)})
	}
	s.mu.Unlock()
	switch {
	case dropped > 0:
		s.Log.Warn("a webhook was dropped, too many are waiting", "webhook", id, "image", image.ID, "copies", dropped)
	case fate.Rule != "":
		s.Log.Info("a webhook meets a fault", "webhook", id, "image", image.ID, "fault", fate.Rule, "copies", fate.Copies, "delay", fate.Delay)
	}
	select {
	case s.more <- struct{}{}:
	default: // it knows already
	}
}

// message is what a webhook says.
func message(account string, image api.Image, now time.Time) any {
	type data struct {
		Account  string    `json:"account"`
		Uploaded time.Time `json:"uploaded"`
		Image    api.Image `json:"image"`
	}
	return struct {
		Name      string `json:"name"`
		Text      string `json:"text"`
		AlertType string `json:"alert_type"`
		AccountID string `json:"account_id"`
		TS        int64  `json:"ts"`
		Data      data   `json:"data"`
	}{"cfimages mock", "A direct upload has finished.", "image_notification", account, now.Unix(), data{account, image.Uploaded, image}}
}

// Waiting is the number of webhooks that are not sent yet.
func (s *Sender) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}

// Close stops sending, cuts off what is under way and returns when it has ended.
// What waits is lost.
func (s *Sender) Close() {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	lost := len(s.waiting)
	s.mu.Unlock()
	if !again {
		close(s.end)
	}
	<-s.done
	if lost > 0 && !again {
		s.Log.Warn("webhooks were not sent before the end", "webhooks", lost)
	}
}

// signature is the value of [SignatureHeader].
func signature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body) // never fails
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
