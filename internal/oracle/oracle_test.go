// Package oracle compares what the server accepts and refuses with what
// kin-openapi's validator says of the same requests, and holds the answers of the
// fake against the specification.
package oracle

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/fake"
)

// requests is how many are compared.
const requests = 20_000

// differences are the kinds of samples of which the two judge differently, each
// with its reason.
var differences = map[string]string{
	"form: unknown part":    "the oracle refuses parts that a form's schema does not name; the service ignores them",
	"form: neither":         "that exactly one of two parts is given is said by an extension",
	"form: object too long": "the length of an object's text is said by an extension",
	"json: object too long": "the length of an object's text is said by an extension",
	"query: filter":         "the language of filters is an extension",
	"query: twice":          "the oracle takes the first value",
}

func oracle(tb testing.TB) routers.Router {
	tb.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../spec/images.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: "/client/v4"}}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		tb.Fatal(err)
	}
	return router
}

// judge returns why the oracle refuses a request, nil when it does not.
func judge(router routers.Router, r *http.Request) error {
	route, params, err := router.FindRoute(r)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
}

func TestOracle(t *testing.T) {
	t.Parallel()
	router := oracle(t)
	// What reaches this service is accepted; it answers that it has none of it.
	h := server.New(server.For(api.Unimplemented{}), server.WithBasePath("/client/v4"))
	m := &maker{Rand: rand.New(rand.NewPCG(1, 2))}
	disagreed, broken := map[string]int{}, 0
	for i := range requests {
		op := api.Contract.Operations[i%len(api.Contract.Operations)]
		s := m.make(op, i/len(api.Contract.Operations)%2 == 0)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, s.request())
		why := judge(router, s.request())
		ours, theirs := w.Code == http.StatusNotImplemented, why == nil
		if s.broken != "" {
			broken++
		}
		if ours == theirs {
			continue
		}
		if disagreed[s.broken]++; differences[s.broken] == "" && disagreed[s.broken] < 3 {
			t.Errorf("%s %s?%s %.500q, broken %q: we answer %d %s, the oracle says %v", op.Method, s.path, s.query, s.body, s.broken, w.Code, w.Body, why)
		}
	}
	if broken < requests/4 {
		t.Errorf("only %d of %d requests are broken", broken, requests)
	}
	for kind, why := range differences {
		if disagreed[kind] == 0 {
			t.Errorf("the two agree on %q by now, though %s", kind, why)
		}
	}
}

// TestAnswers holds what the fake answers against the specification.
func TestAnswers(t *testing.T) {
	t.Parallel()
	openapi3filter.RegisterBodyDecoder("image/svg+xml", openapi3filter.FileBodyDecoder)
	router := oracle(t)
	h := mock.New(fake.WithSeed(1), fake.WithFetcher(drawing)).Handler()
	m := &maker{Rand: rand.New(rand.NewPCG(3, 4))}
	statuses := map[int]int{}
	for i := range requests / 10 {
		s := m.make(api.Contract.Operations[m.IntN(len(api.Contract.Operations))], i%4 == 0)
		if i%3 == 0 {
			s.path = strings.ReplaceAll(s.path, "/v1/"+lastOf(s.path), "/v1/known")
		}
		s.body = bytes.ReplaceAll(s.body, []byte("PNG"), []byte(picture))
		r := s.request()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, s.request())
		statuses[w.Code]++
		route, params, err := router.FindRoute(r)
		if err != nil {
			continue // a path of another shape is no operation's
		}
		in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
		out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: w.Code, Header: w.Header()}
		out.SetBodyBytes(w.Body.Bytes())
		if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
			t.Fatalf("%s %s: %d %.500s: %v", s.op.Method, s.path, w.Code, w.Body, err)
		}
	}
	if statuses[200] < 300 || statuses[400] < 100 || statuses[404] < 100 {
		t.Errorf("too little is answered: %v", statuses)
	}
}

const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`

func drawing(context.Context, string) (string, string, io.ReadCloser, error) {
	return "drawing.svg", "image/svg+xml", io.NopCloser(strings.NewReader(picture)), nil
}

func lastOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }
