package tracing_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/tracing"
)

// span calls a client of a mock and returns its only span.
func span(t *testing.T, call func(m *mock.Mock, c *client.Client)) sdktrace.ReadOnlySpan {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	m := mock.New()
	call(m, m.Client(client.WithHook(tracing.Hook(provider)), client.WithMaxWait(0)))
	ended := recorder.Ended()
	if len(ended) != 1 {
		t.Fatalf("%d spans", len(ended))
	}
	return ended[0]
}

func attributes(s sdktrace.ReadOnlySpan) string {
	var all []string
	for _, a := range s.Attributes() {
		all = append(all, fmt.Sprintf("%s=%v", a.Key, a.Value.AsInterface()))
	}
	return strings.Join(all, " ")
}

func TestSpanOfASuccess(t *testing.T) {
	t.Parallel()
	s := span(t, func(m *mock.Mock, c *client.Client) {
		m.FailNext(api.OpGetStats, api.ErrUnavailable)
		if _, err := c.GetStats(t.Context()); err != nil {
			t.Error(err)
		}
	})
	want := "cfimages.operation=GetStats http.request.method=GET url.template=/accounts/{account_id}/images/v1/stats server.address=mock.invalid " +
		"http.response.status_code=200 http.request.resend_count=1"
	if got := attributes(s); got != want || s.Name() != "GetStats" || s.Status().Code != codes.Unset || len(s.Events()) != 2 {
		t.Errorf("%s: %s, %v, %d events\nwant %s", s.Name(), got, s.Status(), len(s.Events()), want)
	}
}

func TestSpanOfAFailure(t *testing.T) {
	t.Parallel()
	s := span(t, func(_ *mock.Mock, c *client.Client) {
		if _, err := c.GetImage(t.Context(), "secret-name"); !errors.Is(err, api.ErrImageNotFound) {
			t.Error(err)
		}
	})
	if got := attributes(s); !strings.HasSuffix(got, "http.response.status_code=404 error.type=5404") || strings.Contains(got, "secret-name") ||
		s.Status().Code != codes.Error || s.Status().Description != "GetImage: HTTP 404: 5404 Image not found" {
		t.Errorf("%s, %v", got, s.Status())
	}
}

func TestSpanOfWhatIsNotSent(t *testing.T) {
	t.Parallel()
	s := span(t, func(_ *mock.Mock, c *client.Client) { _, _ = c.UploadImage(t.Context(), api.ImageUpload{}) })
	if got := attributes(s); !strings.HasSuffix(got, "error.type=5400") || len(s.Events()) != 0 {
		t.Errorf("%s, %d events", got, len(s.Events()))
	}
}

// seen is a transport that notes a header.
type seen struct{ traceparent []string }

func (s *seen) RoundTrip(r *http.Request) (*http.Response, error) {
	s.traceparent = append(s.traceparent, r.Header.Get("Traceparent"))
	return nil, errors.New("unplugged")
}

func TestPropagate(t *testing.T) {
	t.Parallel()
	s := &seen{}
	provider := sdktrace.NewTracerProvider()
	c, err := client.New("account", client.WithToken("token"), client.WithBaseURL("https://a.example:8443"), client.WithHTTPClient(&http.Client{Transport: s}),
		client.WithHook(tracing.Hook(provider)), client.WithMiddleware(tracing.Propagate(propagation.TraceContext{})), client.WithRetries(1), client.WithMaxWait(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetStats(t.Context()); err == nil {
		t.Error("no error")
	}
	if len(s.traceparent) != 2 || s.traceparent[0] == "" || s.traceparent[0] != s.traceparent[1] {
		t.Errorf("%q", s.traceparent)
	}
}

func TestNoProviderIsTheGlobalOne(t *testing.T) {
	t.Parallel()
	if _, err := mock.New().Client(client.WithHook(tracing.Hook(nil))).GetStats(t.Context()); err != nil {
		t.Error(err)
	}
}
