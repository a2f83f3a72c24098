package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// control steers a mock by its admin API.
type control struct {
	ctx context.Context
	url string
	mu  sync.Mutex
	err error
	// ahead is how far the mock's clock was moved by anybody.
	ahead time.Duration
}

// newControl finds out whether somebody listens, and what time it is there.
func newControl(ctx context.Context, url string) (*control, error) {
	c := &control{ctx: ctx, url: strings.TrimRight(url, "/")}
	c.advance(0)
	return c, c.failure()
}

// advance moves the mock's clock forward.
func (c *control) advance(d time.Duration) {
	var answer struct{ Ahead string }
	err := c.post("/clock", map[string]string{"advance": d.String()}, &answer)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.ahead, err = time.ParseDuration(answer.Ahead)
	}
	if err != nil {
		c.err = fmt.Errorf("the clock could not be moved: %w", err)
	}
}

// failure is the last order that was not carried out.
func (c *control) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *control) post(path string, order, answer any) error {
	ctx, cancel := context.WithTimeout(c.ctx, 10*time.Second)
	defer cancel()
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 200))
		return fmt.Errorf("POST %s%s answers %d %s", c.url, path, resp.StatusCode, strings.TrimSpace(string(text)))
	}
	return json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(answer)
}
