package rest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/runtime/contract"
)

const (
	account = "acc0"
	token   = "s3cr3t-t0ken-value"
)

// seen is a request as a transport got it.
type seen struct {
	req  *http.Request
	body string
}

// script is a transport that answers with its steps, one after the other; the
// last one repeats.
type script struct {
	steps []step
	// lazy leaves the bodies of requests unread.
	lazy bool

	mu     sync.Mutex
	sent   []seen
	opened int // answers whose bodies are not closed
}

type step func(*http.Request) (*http.Response, error)

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		if !s.lazy {
			var err error
			if body, err = io.ReadAll(req.Body); err != nil {
				return nil, errors.Join(err, req.Body.Close())
			}
		}
		_ = req.Body.Close()
	}
	s.mu.Lock()
	n := min(len(s.sent), len(s.steps)-1)
	s.sent = append(s.sent, seen{req, string(body)})
	s.mu.Unlock()
	resp, err := s.steps[n](req)
	if resp != nil {
		s.mu.Lock()
		s.opened++
		s.mu.Unlock()
		resp.Request = req
		resp.Body = &closeOnce{ReadCloser: resp.Body, closed: func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.opened--
		}}
	}
	return resp, err
}

func (s *script) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// leaks is the number of answers that were never closed.
func (s *script) leaks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

type closeOnce struct {
	io.ReadCloser
	once   sync.Once
	closed func()
}

func (c *closeOnce) Close() error {
	c.once.Do(c.closed)
	return c.ReadCloser.Close()
}

// answer is a step that answers text; header are names and values in turn.
func answer(status int, text string, header ...string) step {
	return func(*http.Request) (*http.Response, error) {
		resp := &http.Response{
			StatusCode:    status,
			Header:        http.Header{},
			Body:          io.NopCloser(strings.NewReader(text)),
			ContentLength: int64(len(text)),
		}
		if strings.HasPrefix(text, "{") {
			resp.Header.Set("Content-Type", "application/json")
		}
		for i := 0; i < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

// lost is a step that loses the connection.
func lost(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

const (
	oneImage = `{"result":{"id":"a","uploaded":"2026-05-11T08:31:45Z","variants":[]},"success":true,"errors":[],"messages":[]}`
	noImage  = `{"result":null,"success":false,"errors":[{"code":5404,"message":"Image not found"}],"messages":[]}`
)

// dial returns a client over a script of the steps.
func dial(t *testing.T, s *script, opts ...client.Option) *client.Client {
	t.Helper()
	opts = append([]client.Option{
		client.WithToken(token),
		client.WithBaseURL("https://api.example/v4"),
		client.WithHTTPClient(&http.Client{Transport: s}),
		client.WithRetries(0),
	}, opts...)
	c, err := client.New(account, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := s.leaks(); n != 0 {
			t.Errorf("%d answers are not closed", n)
		}
	})
	return c
}

// get gets an image and returns the error as what it must be.
func get(ctx context.Context, t *testing.T, c *client.Client) *api.Error {
	t.Helper()
	_, err := c.GetImage(ctx, "a")
	if err == nil {
		return nil
	}
	return asError(t, err, "GetImage")
}

func asError(t *testing.T, err error, operation string) *api.Error {
	t.Helper()
	e, ok := err.(*contract.Error) //nolint:errorlint // not wrapped is what is tested
	if !ok {
		t.Fatalf("%T is not an Error: %v", err, err)
	}
	if e.Operation != operation {
		t.Errorf("operation %q, want %q", e.Operation, operation)
	}
	return e
}
