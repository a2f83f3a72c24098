package tracing_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
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
	if got := attributes(s); !strings.HasSuffix(got, "http.response.status_code=404 error.type=5404 cfimages.error.codes=[5404]") || strings.Contains(got, "secret-name") ||
		s.Status().Code != codes.Error || s.Status().Description != "GetImage: HTTP 404: 5404 Image not found" {
		t.Errorf("%s, %v", got, s.Status())
	}
}

func TestSpanOfWhatIsNotSent(t *testing.T) {
	t.Parallel()
	s := span(t, func(_ *mock.Mock, c *client.Client) { _, _ = c.UploadImage(t.Context(), api.ImageUpload{}) })
	if got := attributes(s); !strings.HasSuffix(got, "error.type=5400 cfimages.error.codes=[5400]") || len(s.Events()) != 0 {
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

// everything is all that a span holds, as text.
func everything(s sdktrace.ReadOnlySpan) string {
	text := fmt.Sprintf("%s %s %+v", s.Name(), attributes(s), s.Status())
	for _, e := range s.Events() {
		text += fmt.Sprintf(" %s %+v", e.Name, e.Attributes)
	}
	return text
}

// failing is a transport that fails as it is told, and names all it was sent.
type failing func(r *http.Request) (*http.Response, error)

func (f failing) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer is one of the API's.
func answer(status int, contentType, body string) failing {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Request: r,
			Body: io.NopCloser(strings.NewReader(strings.ReplaceAll(body, "PATH", r.URL.Path))),
		}, nil
	}
}

// broken is a connection that fails.
func broken(err error) failing {
	return func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("%s: %w", r.URL, err) }
}

// TestSpanHoldsNoID has an answer, or a connection, that names the request's path.
func TestSpanHoldsNoID(t *testing.T) {
	t.Parallel()
	const id = "private-name"
	for want, over := range map[string]failing{
		"GetImage: HTTP 404: 5404 Image not found": answer(404, "application/json", `{"success":false,"errors":[{"code":5404,"message":"no PATH"}],"messages":[],"result":null}`),
		"GetImage: HTTP 400: 7001; 7003":           answer(400, "application/json", `{"success":false,"errors":[{"code":7001,"message":"no PATH"},{"code":7003,"message":"PATH"}],"messages":[],"result":null}`),
		"GetImage: HTTP 502":                       answer(502, "text/plain", "no route to PATH"),
		"GetImage: HTTP 200":                       answer(200, "application/json", `{"PATH":`),
		"GetImage: request":                        broken(io.ErrUnexpectedEOF),
		"GetImage: canceled":                       broken(context.Canceled),
		"GetImage: timeout":                        broken(os.ErrDeadlineExceeded),
	} {
		s := span(t, func(_ *mock.Mock, c *client.Client) {
			c = c.With(client.WithRetries(0), client.WithMiddleware(func(http.RoundTripper) http.RoundTripper { return over }))
			if _, err := c.GetImage(t.Context(), id); err == nil {
				t.Error("no error")
			}
		})
		if got := everything(s); s.Status().Description != want || strings.Contains(got, id) || len(s.Events()) != 1 || !strings.Contains(got, "error.type") {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

// globals makes a hook and middleware of the globals, and sets these afterwards, as is
// usual for OpenTelemetry; that can be done once in a process.
var globals = sync.OnceValues(func() ([]client.Option, *tracetest.SpanRecorder) {
	options := []client.Option{client.WithHook(tracing.Hook(nil)), client.WithMiddleware(tracing.Propagate(nil))}
	recorder := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)))
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return options, recorder
})

func TestGlobals(t *testing.T) {
	t.Parallel()
	options, recorder := globals()
	recorder.Reset()
	s := &seen{}
	c, err := client.New("account", append(options, client.WithToken("token"), client.WithHTTPClient(&http.Client{Transport: s}), client.WithRetries(0))...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetStats(t.Context()); err == nil {
		t.Error("no error")
	}
	if ended := recorder.Ended(); len(ended) != 1 || len(s.traceparent) != 1 || !strings.Contains(s.traceparent[0], ended[0].SpanContext().TraceID().String()) {
		t.Errorf("%d spans, %q", len(ended), s.traceparent)
	}
}
