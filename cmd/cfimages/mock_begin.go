package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/internal/seed"
	"github.com/cfimages/cfimages/internal/standalone"
	"github.com/cfimages/cfimages/internal/webhook"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fault"
)

// begin gives a mock the state and the faults that it begins with.
func (c *mockFlags) begin(ctx context.Context, m *mock.Mock, list standalone.Accounts) error {
	m.Faults().SetFastRetries(c.FastRetries)
	if c.RateLimits {
		m.Faults().LimitRates(&fault.Limits{})
	}
	for _, path := range c.Fault {
		if err := addFaults(m.Faults(), path); err != nil {
			return &exitError{usageError, fmt.Errorf("the faults of %s: %w", path, err)}
		}
	}
	if c.SeedFrom == "" {
		return nil
	}
	first := standalone.Example
	if len(list) > 0 {
		first = list[0]
	}
	if err := sow(ctx, m.World(), c.SeedFrom, first.ID); err != nil {
		return &exitError{usageError, fmt.Errorf("the seed: %w", err)}
	}
	return nil
}

// addFaults adds the rule or the list of rules in a file.
func addFaults(set *fault.Set, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var rules []fault.Rule
	if text := bytes.TrimSpace(text); bytes.HasPrefix(text, []byte("[")) {
		err = json.Unmarshal(text, &rules)
	} else {
		rules = make([]fault.Rule, 1)
		err = json.Unmarshal(text, &rules[0])
	}
	if err != nil {
		return err
	}
	for i, r := range rules {
		if _, err := set.Add(r); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	return nil
}

// sow seeds a world that holds no image.
func sow(ctx context.Context, w *fake.World, path, account string) error {
	f, err := seed.Open(path, account)
	if err != nil {
		return err
	}
	total, err := w.Totals()
	if err != nil || total.Images > 0 {
		return err
	}
	_, err = seed.Apply(ctx, w, f)
	return err
}

// delayed lets a request wait before it is served.
func delayed(h http.Handler, d time.Duration) http.Handler {
	if d <= 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait := time.NewTimer(d)
		defer wait.Stop()
		select {
		case <-wait.C:
			h.ServeHTTP(w, r)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler) // the client has left
		}
	})
}

// hook sends the webhooks of a mock, if there are any to send.
type hook struct{ *webhook.Sender }

func (h *hook) options(url string) []mock.Option {
	if url == "" {
		return nil
	}
	return []mock.Option{fake.WithFinished(func(account string, image api.Image) { h.Finished(account, image) })}
}

// start begins to send, before anything is served.
func (h *hook) start(c *mockFlags, m *mock.Mock, log *slog.Logger) (err error) {
	if c.Webhook == "" {
		return nil
	}
	h.Sender, err = webhook.New(webhook.Config{
		URL: c.Webhook, Secret: c.WebhookSecret, Now: m.World().Now, Fate: m.Faults().Webhook, Log: log,
	})
	return err
}

func (h *hook) stop() {
	if h.Sender != nil {
		h.Close()
	}
}
