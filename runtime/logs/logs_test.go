package logs_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/logs"
)

// lines calls a client of the mock and returns what is logged, without the time.
func lines(t *testing.T, level slog.Level, call func(ctx context.Context, m *mock.Mock, c *client.Client)) string {
	t.Helper()
	var b bytes.Buffer
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" || a.Key == "wait" {
			return slog.Attr{}
		}
		return a
	}}
	hook := logs.Hook(slog.New(slog.NewTextHandler(&b, options)))
	synctest.Test(t, func(t *testing.T) {
		m := mock.New()
		call(t.Context(), m, m.Client(client.WithHook(hook)))
	})
	return b.String()
}

// sending is a connection that sends a request, and gets no answer.
var sending = client.WithMiddleware(func(http.RoundTripper) http.RoundTripper { return sender{} })

type sender struct{}

func (sender) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return nil, io.ErrUnexpectedEOF
}

var ray = regexp.MustCompile(`ray=[0-9a-f]{16}-XXX`)

func TestLog(t *testing.T) {
	t.Parallel()
	limited := api.ErrRateLimited.New()
	tests := []struct {
		name, want string
		level      slog.Level
		call       func(ctx context.Context, m *mock.Mock, c *client.Client)
	}{
		{"success", "level=DEBUG msg=call operation=GetStats method=GET path=/accounts/{account_id}/images/v1/stats server=mock.invalid attempts=1\n",
			slog.LevelDebug, func(ctx context.Context, _ *mock.Mock, c *client.Client) { _, _ = c.GetStats(ctx) }},
		{"success, and nobody asks", "", slog.LevelInfo, func(ctx context.Context, _ *mock.Mock, c *client.Client) { _, _ = c.GetStats(ctx) }},
		{"the caller's fault", "level=WARN msg=\"call failed\" operation=GetImage method=GET path=/accounts/{account_id}/images/v1/{image_id} server=mock.invalid " +
			"attempts=1 error=\"GetImage: HTTP 404: 5404 Image not found\" status=404 ray=RAY\n",
			slog.LevelInfo, func(ctx context.Context, _ *mock.Mock, c *client.Client) { _, _ = c.GetImage(ctx, "a") }},
		{"not sent", "level=WARN msg=\"call failed\" operation=UploadImage method=POST path=/accounts/{account_id}/images/v1 server=mock.invalid " +
			"attempts=0 error=\"UploadImage: 5400 one of file or url is required\"\n",
			slog.LevelInfo, func(ctx context.Context, _ *mock.Mock, c *client.Client) {
				_, _ = c.UploadImage(ctx, api.ImageUpload{})
			}},
		{"canceled", "level=WARN msg=\"call failed\" operation=GetStats method=GET path=/accounts/{account_id}/images/v1/stats server=mock.invalid " +
			"attempts=1 error=\"GetStats: context canceled\"\n",
			slog.LevelInfo, func(ctx context.Context, _ *mock.Mock, c *client.Client) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				_, _ = c.GetStats(ctx)
			}},
		{"no such file", "level=WARN msg=\"call failed\" operation=UploadImage method=POST path=/accounts/{account_id}/images/v1 server=mock.invalid " +
			"attempts=0 error=\"UploadImage: stat /nowhere/a.png: no such file or directory\"\n",
			slog.LevelInfo, func(ctx context.Context, _ *mock.Mock, c *client.Client) {
				_, _ = c.UploadImage(ctx, api.ImageUpload{File: api.OpenFile("/nowhere/a.png")})
			}},
		{"empty credential", "level=WARN msg=\"call failed\" operation=GetStats method=GET path=/accounts/{account_id}/images/v1/stats server=mock.invalid " +
			"attempts=0 error=\"GetStats: a credential is empty\"\n",
			slog.LevelInfo, func(ctx context.Context, _ *mock.Mock, c *client.Client) {
				_, _ = c.With(client.WithToken("")).GetStats(ctx)
			}},
		{"a file that is shorter than it was", "level=WARN msg=\"call failed\" operation=UploadImage method=POST path=/accounts/{account_id}/images/v1 server=mock.invalid " +
			"attempts=1 error=\"UploadImage: the file does not have the declared size: \\\"a.png\\\" ended after 1 of 9 bytes\"\n",
			slog.LevelInfo, func(ctx context.Context, _ *mock.Mock, c *client.Client) {
				_, _ = c.With(sending).UploadImage(ctx, api.ImageUpload{File: api.Reader("a.png", io.MultiReader(strings.NewReader("x"))).WithSize(9)})
			}},
		{"the caller has no time", "level=ERROR msg=\"call failed\" operation=GetStats method=GET path=/accounts/{account_id}/images/v1/stats server=mock.invalid " +
			"attempts=1 error=\"GetStats: context deadline exceeded\"\n",
			slog.LevelInfo, func(ctx context.Context, m *mock.Mock, c *client.Client) {
				m.GetStatsFunc = func(ctx context.Context) (*api.Stats, error) { <-ctx.Done(); return nil, ctx.Err() }
				ctx, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				_, _ = c.GetStats(ctx)
			}},
		{"the service's fault", "level=ERROR msg=\"call failed\" operation=GetStats method=GET path=/accounts/{account_id}/images/v1/stats server=mock.invalid " +
			"attempts=1 error=\"GetStats: HTTP 500: 5500 Internal Server Error\" status=500 ray=RAY\n",
			slog.LevelInfo, func(ctx context.Context, m *mock.Mock, c *client.Client) {
				m.FailNext(api.OpGetStats, api.ErrInternal)
				_, _ = c.GetStats(ctx)
			}},
		{"tried again", "level=INFO msg=\"attempt failed, trying again\" operation=GetStats method=GET path=/accounts/{account_id}/images/v1/stats server=mock.invalid " +
			"attempt=1 error=\"GetStats: HTTP 429: 10100 " + limited.Messages[0].Message + "\" status=429 ray=RAY\n",
			slog.LevelInfo, func(ctx context.Context, m *mock.Mock, c *client.Client) {
				m.FailNext(api.OpGetStats, limited)
				_, _ = c.GetStats(ctx)
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := ray.ReplaceAllString(lines(t, tt.level, tt.call), "ray=RAY"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestNoSecretIsLogged logs everything about a call whose answer echoes its header.
func TestNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	const token, address = "s3cret-t0ken-value", "https://upload.example/hash/s3cret-name"
	var b bytes.Buffer
	hook := client.WithHook(logs.Hook(slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	hc := client.WithHTTPClient(&http.Client{Transport: echo{}})
	c, err := client.New("account", client.WithToken(token), hook, hc, client.WithRetries(1), client.WithMaxWait(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetImage(t.Context(), "a"); err == nil {
		t.Error("no error")
	}
	if _, err := client.UploadTo(t.Context(), address, api.Bytes("a", []byte("x")), client.WithToken(token), hook, hc); err == nil {
		t.Error("no error")
	}
	if got := b.String(); strings.Contains(got, "s3cret") || strings.Count(got, "\n") != 3 || !strings.Contains(got, "UploadTo") {
		t.Error(got)
	}
}

// echo fails with all it knows of a request.
type echo struct{}

func (echo) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return nil, fmt.Errorf("%s %v", r.URL, r.Header)
}

func TestNoLoggerIsTheDefaultOne(t *testing.T) {
	t.Parallel()
	before := slog.Default()
	defer slog.SetDefault(before)
	var b bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	if _, err := mock.New().Client(client.WithHook(logs.Hook(nil))).GetImage(t.Context(), "a"); err == nil || !strings.Contains(b.String(), "operation=GetImage") {
		t.Errorf("%v, %s", err, &b)
	}
}
