package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// run sends what is due, one after the other.
func (s *Sender) run() {
	defer close(s.done)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-s.end
		cancel()
	}()
	for ctx.Err() == nil {
		if e := s.next(); e != nil {
			s.deliver(ctx, e)
			continue
		}
		s.rest()
	}
}

// rest waits until something may be due.
func (s *Sender) rest() {
	var tick <-chan time.Time
	if s.Waiting() > 0 {
		tick = time.After(glance)
	}
	select {
	case <-tick:
	case <-s.more:
	case <-s.end:
	}
}

// next is the event that has been due for longest, nil if none is.
func (s *Sender) next() *event {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var first *event
	for _, e := range s.waiting {
		if !e.due.After(now) && (first == nil || e.due.Before(first.due)) {
			first = e
		}
	}
	return first
}

// deliver tries to send an event, and says when to try again.
func (s *Sender) deliver(ctx context.Context, e *event) {
	e.attempt++
	err := s.post(ctx, e)
	if ctx.Err() != nil {
		return // closed meanwhile
	}
	log := s.Log.With("webhook", e.id, "image", e.image, "host", s.host, "attempt", e.attempt)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		log.Debug("a webhook was sent")
	case e.attempt <= len(pauses):
		e.due = s.Now().Add(pauses[e.attempt-1])
		log.Warn("a webhook was not accepted and will be sent again", "error", err, "due", e.due)
		return
	default:
		log.Error("a webhook was not accepted and is given up", "error", err)
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(other *event) bool { return other == e })
}

// post sends an event once. Its errors do not have the URL in them.
func (s *Sender) post(ctx context.Context, e *event) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(e.body))
	if err != nil {
		return errors.New("the address cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "cfimages-mock")
	req.Header.Set(IDHeader, e.id)
	req.Header.Set(AttemptHeader, strconv.Itoa(e.attempt))
	if s.Secret != "" {
		req.Header.Set(AuthHeader, s.Secret)
		req.Header.Set(SignatureHeader, signature(s.Secret, e.body))
	}
	resp, err := s.Client.Do(req)
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("the receiver answered %d", resp.StatusCode)
	}
	return nil
}
