// Package tracing makes spans of what a client does, with OpenTelemetry. It is a
// module of its own, so that only programs that trace depend on OpenTelemetry.
package tracing

import (
	"context"
	"net"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/cfimages/cfimages/runtime/rest"
)

// scope names the instrumentation.
const scope = "github.com/cfimages/cfimages/tracing"

// Hook returns a hook, for the option WithHook of clients, that makes one client
// span of every call. Its name is that of the operation, and every attempt is an
// event of it. A nil provider is the global one.
//
// No attribute holds a credential, an upload URL, or what the caller chose, such as
// an image's id. So what the API or the connection says about a failure is left out,
// because it may name them. A failure has error.type, which is the API's first code,
// or else the HTTP status, or else "canceled", "timeout" or "request", and
// cfimages.error.codes, all codes of the API. The span's status is described by the
// same and by the text that the specification has for a code.
//
// The names are those of OpenTelemetry's conventions for HTTP where they have one.
func Hook(provider trace.TracerProvider) rest.Hook {
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	return hook{provider.Tracer(scope)}
}

// Propagate returns middleware, for the option WithMiddleware of clients, that
// sends the span's context with every attempt. A nil propagator is the global one.
func Propagate(p propagation.TextMapPropagator) func(http.RoundTripper) http.RoundTripper {
	if p == nil {
		p = otel.GetTextMapPropagator()
	}
	return func(next http.RoundTripper) http.RoundTripper { return injector{p, next} }
}

type injector struct {
	propagator propagation.TextMapPropagator
	next       http.RoundTripper
}

func (i injector) RoundTrip(r *http.Request) (*http.Response, error) {
	own := r.Clone(r.Context()) // a round trip must not change its request
	i.propagator.Inject(own.Context(), propagation.HeaderCarrier(own.Header))
	return i.next.RoundTrip(own)
}

type hook struct{ tracer trace.Tracer }

func (h hook) Begin(ctx context.Context, call rest.Call) context.Context {
	attrs := []attribute.KeyValue{
		attribute.String("cfimages.operation", call.Op.Name),
		attribute.String("http.request.method", call.Op.Method),
	}
	if call.Op.Path != "" {
		attrs = append(attrs, attribute.String("url.template", call.Op.Path))
	}
	ctx, _ = h.tracer.Start(ctx, call.Op.Name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(append(attrs, server(call.Server)...)...))
	return ctx
}

// server splits a host from its port.
func server(address string) []attribute.KeyValue {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	var attrs []attribute.KeyValue
	if host != "" {
		attrs = append(attrs, attribute.String("server.address", host))
	}
	if n, err := strconv.Atoi(port); err == nil {
		attrs = append(attrs, attribute.Int("server.port", n))
	}
	return attrs
}

func (h hook) Attempted(ctx context.Context, _ rest.Call, a rest.Attempt) {
	attrs := []attribute.KeyValue{
		attribute.Int("cfimages.attempt", a.Number),
		attribute.Float64("cfimages.attempt.duration", a.Took.Seconds()),
	}
	if a.Status != 0 {
		attrs = append(attrs, attribute.Int("http.response.status_code", a.Status))
	}
	if a.RayID != "" {
		attrs = append(attrs, attribute.String("cfimages.ray", a.RayID))
	}
	if a.RateLimit != nil {
		attrs = append(attrs, attribute.Int64("cfimages.ratelimit.remaining", a.RateLimit.Remaining))
	}
	attrs = append(attrs, failure(a.Err)...)
	if a.Again {
		attrs = append(attrs, attribute.Float64("cfimages.retry.wait", a.Wait.Seconds()))
	}
	span := trace.SpanFromContext(ctx)
	span.AddEvent("attempt", trace.WithAttributes(attrs...))
	if a.Status != 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", a.Status))
	}
}

func (h hook) End(ctx context.Context, call rest.Call, o rest.Outcome) {
	span := trace.SpanFromContext(ctx)
	defer span.End()
	if o.Attempts > 1 {
		span.SetAttributes(attribute.Int("http.request.resend_count", o.Attempts-1))
	}
	if o.Err != nil {
		span.SetStatus(codes.Error, description(call.Op, o.Err))
		span.SetAttributes(failure(o.Err)...)
	}
}
