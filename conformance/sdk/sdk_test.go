// Package sdk drives the mock with the official Go SDK. What the SDK gets right
// is in calls_test.go and upload_test.go; what it gets wrong is recorded in
// defects_test.go, so that a repaired SDK is noticed.
package sdk

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/internal/realinput"
	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/images"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

const accountID = "023e105f4ecef8ad9ca31a8372d0c353"

var account = cloudflare.F(accountID)

// setup is one account of a mock, with a client of each kind.
type setup struct {
	mock *mock.Mock
	ours *client.Client
	v1   *images.V1Service
	v2   *images.V2Service
	wire *wire
}

// start serves a mock over HTTP. The SDK sends a failed request once only.
func start(t *testing.T) *setup {
	t.Helper()
	m := mock.Start(t).Account(accountID)
	s := &setup{mock: m, ours: m.Client(), wire: &wire{}}
	sdk := cloudflare.NewClient(
		option.WithBaseURL(m.URL()), option.WithAPIToken("token"),
		option.WithMaxRetries(0), option.WithMiddleware(s.wire.record),
	)
	s.v1, s.v2 = sdk.Images.V1, sdk.Images.V2
	return s
}

// request is what the SDK sent.
type request struct {
	Method, Path string // the path as it was escaped
	Query        url.Values
	Body         []byte
	Header       http.Header
}

// wire remembers the SDK's requests.
type wire struct {
	mu   sync.Mutex
	sent []request
}

func (w *wire) record(r *http.Request, next option.MiddlewareNext) (*http.Response, error) {
	sent := request{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Header: r.Header.Clone()}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		sent.Body = body
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.mu.Lock()
	w.sent = append(w.sent, sent)
	w.mu.Unlock()
	return next(r)
}

// requests returns what was sent since the last call.
func (w *wire) requests() []request {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent := w.sent
	w.sent = nil
	return sent
}

// last returns the newest request.
func (w *wire) last(t *testing.T) request {
	t.Helper()
	sent := w.requests()
	if len(sent) == 0 {
		t.Fatal("the SDK sent nothing")
	}
	return sent[len(sent)-1]
}

// upload is a reader that the SDK labels with a name and a type.
type upload struct {
	io.Reader
	name, contentType string
}

func (u upload) Filename() string { return u.name }

func (u upload) ContentType() string { return u.contentType }

// file is the sample as a part of the SDK's form.
func file(s realinput.Sample) io.Reader {
	return upload{bytes.NewReader(s.Content), s.Name, s.Type()}
}

var samples = sync.OnceValues(realinput.Samples)

func allSamples(t *testing.T) []realinput.Sample {
	t.Helper()
	all, err := samples()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sample returns a small image.
func sample(t *testing.T) realinput.Sample {
	t.Helper()
	return slices.MinFunc(allSamples(t), func(a, b realinput.Sample) int { return len(a.Content) - len(b.Content) })
}

// add uploads a small image with the SDK.
func (s *setup) add(t *testing.T, change func(*images.V1NewParams)) *images.Image {
	t.Helper()
	params := images.V1NewParams{AccountID: account, File: cloudflare.F(file(sample(t)))}
	if change != nil {
		change(&params)
	}
	img, err := s.v1.New(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// refused fails the test unless err is an answer of the API with the status and
// the code given, and returns its message.
func refused(t *testing.T, err error, status int, code int64) string {
	t.Helper()
	e, ok := errors.AsType[*cloudflare.Error](err)
	if !ok {
		t.Fatalf("got the error %v, want an answer %d with code %d", err, status, code)
	}
	if e.StatusCode != status || len(e.Errors) != 1 || e.Errors[0].Code != code {
		t.Fatalf("got %v, want an answer %d with code %d", err, status, code)
	}
	if e.Errors[0].Message == "" {
		t.Errorf("the answer has no message: %s", e.JSON.RawJSON())
	}
	return e.Errors[0].Message
}

// stored fails the test unless the account holds n images.
func (s *setup) stored(t *testing.T, n int64) {
	t.Helper()
	stats, err := s.ours.GetStats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if stats.Count.Current != n {
		t.Errorf("the account holds %d images, want %d", stats.Count.Current, n)
	}
}
