package system

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/runtime/delivery"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/logs"
	"github.com/cfimages/cfimages/runtime/sign"
)

// Credentials that nobody may tell.
const (
	frontToken, frontEmail, frontKey = "front-t0ken-9a1c", "front@private.example", "front-k3y-77d0"
	backToken                        = "back-t0ken-52ef"
	wrongToken, wrongEmail, wrongKey = "wrong-t0ken-e80b", "wrong@private.example", "wrong-k3y-1f64"
	password                         = "pa55word-of-the-origin"
)

// chain is a proxy in front of the mock, with credentials of its own.
type chain struct {
	*witness
	m         *mock.Mock
	root, api string // addresses of the proxy and of the API in it
}

func newChain(t *testing.T) *chain {
	t.Helper()
	w := newWitness(map[string]string{
		frontToken: "a token", frontEmail: "an e-mail address", frontKey: "a key",
		backToken: "the proxy's token", password: "the password of an origin",
		wrongToken: "a wrong token", wrongEmail: "a wrong e-mail address", wrongKey: "a wrong key",
		base64.StdEncoding.EncodeToString([]byte(frontEmail + ":" + frontKey)): "basic credentials",
	})
	m := mock.New(fake.WithPrivateFetch())
	m.SetAddress(serveLogged(t, w, "log of the service", m.Handler(server.WithLogins(server.Token(backToken)), server.WithLogger(w.log("log of the service")))))
	back := (&chain{witness: w, api: m.URL()}).client(t, client.WithToken(backToken), client.WithoutChecks())
	root := serveLogged(t, w, "log of the proxy", server.New(server.For(back),
		server.WithLogins(server.Token(frontToken), server.Key(frontEmail, frontKey)),
		server.WithLogger(w.log("log of the proxy")), server.WithBasePath("/client/v4"), server.WithMiddleware(panics)))
	return &chain{w, m, root, root + "/client/v4"}
}

// serveLogged serves a handler; what net/http says of it is heard, too.
func serveLogged(t *testing.T, w *witness, name string, h http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(line{w, name}, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// panics does so where a request asks for it.
func panics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Panic") != "" {
			panic("asked for")
		}
		next.ServeHTTP(w, r)
	})
}

// options let the witness see all of a client.
func (c *chain) options() []client.Option {
	return []client.Option{
		client.WithHook(c.witness), client.WithHook(logs.Hook(c.log("log of a client"))),
		client.WithMiddleware(c.over), client.WithRetries(1), client.WithMaxWait(0),
	}
}

func (c *chain) client(t *testing.T, opts ...client.Option) *client.Client {
	t.Helper()
	made, err := client.New("acc", append(append(c.options(), client.WithBaseURL(c.api)), opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// echoing is a connection that fails with all it knows of a request.
var echoing = client.WithMiddleware(func(http.RoundTripper) http.RoundTripper { return echo{} })

type echo struct{}

func (echo) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return nil, fmt.Errorf("%s %v", r.URL, r.Header)
}

// TestSecrets makes good and bad requests of every operation, through a proxy, and
// checks that nothing that is logged, answered, returned or told to hooks holds a
// secret, except where the API answers one.
func TestSecrets(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	token, key := c.client(t, client.WithToken(frontToken)), c.client(t, client.WithKey(frontEmail, frontKey))
	for _, good := range []*client.Client{token, key} {
		c.m.Reset() // every operation begins with an empty account
		everyOperation(t, good, time.Now().Add(time.Hour))
		c.signed(t, good)
		c.oneTime(t, good)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	c.m.FailNext(api.OpGetStats, errors.New("the disk is full"), api.ErrRateLimited)
	for _, bad := range []*client.Client{
		token, key, c.client(t, client.WithToken(frontToken), client.WithoutChecks()),
		c.client(t, client.WithToken(wrongToken), client.WithoutChecks()), c.client(t, client.WithKey(wrongEmail, wrongKey)),
		c.client(t, client.WithKey(frontEmail, wrongKey)), c.client(t, client.WithToken(frontToken), client.WithHeader("X-Panic", "yes")),
		c.client(t, client.WithToken(frontToken), client.WithBaseURL("http://127.0.0.1:1")),
		c.client(t, client.WithToken(frontToken), echoing), c.client(t, client.WithKey(frontEmail, frontKey), echoing),
	} {
		for _, call := range badCalls() {
			c.hear("error", deep(call(t.Context(), bad)))
		}
		c.hear("error", deep(badCalls()[0](canceled, bad)))
	}
	c.misplaced(t)
	c.check(t)
}

// badCalls fail, or do where the credentials are wrong.
func badCalls() []func(ctx context.Context, s api.Service) error {
	type calls = []func(ctx context.Context, s api.Service) error
	upload := func(in api.ImageUpload) func(context.Context, api.Service) error {
		return func(ctx context.Context, s api.Service) error { _, err := s.UploadImage(ctx, in); return err }
	}
	wide := api.VariantOptions{Fit: "stretch", Width: -1}
	return calls{
		func(ctx context.Context, s api.Service) error { _, err := s.GetStats(ctx); return err },
		func(ctx context.Context, s api.Service) error {
			_, err := s.ListImages(ctx, api.ListImagesParams{PerPage: -1})
			return err
		},
		func(ctx context.Context, s api.Service) error {
			_, err := s.ListImagesV1(ctx, api.ListImagesV1Params{Page: -1})
			return err
		},
		func(ctx context.Context, s api.Service) error { _, err := s.GetImage(ctx, "none"); return err },
		func(ctx context.Context, s api.Service) error { _, err := s.GetImageBlob(ctx, "none"); return err },
		func(ctx context.Context, s api.Service) error {
			_, err := s.EditImage(ctx, "none", api.ImageEdit{})
			return err
		},
		func(ctx context.Context, s api.Service) error { return s.DeleteImage(ctx, "none") },
		func(ctx context.Context, s api.Service) error { _, err := s.ListSigningKeys(ctx); return err },
		func(ctx context.Context, s api.Service) error {
			_, err := s.PutSigningKey(ctx, strings.Repeat("n", 2000))
			return err
		},
		func(ctx context.Context, s api.Service) error { _, err := s.DeleteSigningKey(ctx, "none"); return err },
		func(ctx context.Context, s api.Service) error { _, err := s.ListVariants(ctx); return err },
		func(ctx context.Context, s api.Service) error { _, err := s.GetVariant(ctx, "none"); return err },
		func(ctx context.Context, s api.Service) error {
			_, err := s.CreateVariant(ctx, api.VariantCreate{Options: wide})
			return err
		},
		func(ctx context.Context, s api.Service) error {
			_, err := s.EditVariant(ctx, "none", api.VariantEdit{Options: wide})
			return err
		},
		func(ctx context.Context, s api.Service) error { return s.DeleteVariant(ctx, "none") },
		func(ctx context.Context, s api.Service) error {
			return s.EditConfig(ctx, api.ConfigEdit{BrowserTTL: new(int64(1))})
		},
		func(ctx context.Context, s api.Service) error {
			_, err := s.CreateDirectUpload(ctx, api.DirectUpload{Expiry: time.Unix(0, 0)})
			return err
		},
		upload(api.ImageUpload{}),
		upload(api.ImageUpload{File: api.Bytes("a.txt", []byte("no image"))}),
		upload(api.ImageUpload{URL: "http://me:" + password + "@127.0.0.1:1/a.png"}),
		upload(api.ImageUpload{URL: "ftp://me:" + password + "@origin.example/a.png"}),
		upload(api.ImageUpload{URL: "http://me:" + password + "@origin example/%zz"}),
		upload(api.ImageUpload{URL: "http://127.0.0.1:1/a.png?password=" + password}),
	}
}

// signed asks for an image by URLs that are signed, rightly and wrongly.
func (c *chain) signed(t *testing.T, s api.Service) {
	t.Helper()
	img, err := s.UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("a.png", pngBytes(t, 1, 1)), RequireSignedURLs: true})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := s.ListSigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key := sign.Key(keys[0].Value)
	for _, at := range []time.Time{time.Now().Add(time.Hour), time.Unix(1, 0)} {
		address, err := key.URL(img.Variants[0], at)
		if err != nil {
			t.Fatal(err)
		}
		c.keep("a signature", address[strings.Index(address, "sig=")+len("sig="):])
		for _, opts := range [][]client.Option{c.options(), append(c.options(), echoing)} {
			_, err = delivery.Fetch(t.Context(), address, opts...)
			c.hear("error", deep(err))
		}
		c.hear("error", deep(sign.Verify(address+"0", time.Now(), key))+deep(sign.Verify(address, time.Now(), key)))
	}
	_, err = key.URL("http://images.example/%zz", time.Now())
	c.hear("error", deep(err))
}

// oneTime uses an upload URL twice, and once with what is no image.
func (c *chain) oneTime(t *testing.T, s api.Service) {
	t.Helper()
	up, err := s.CreateDirectUpload(t.Context(), api.DirectUpload{})
	if err != nil {
		t.Fatal(err)
	}
	c.keep("an upload URL", strings.TrimPrefix(up.UploadURL, strings.TrimSuffix(c.m.URL(), "/client/v4")))
	_, err = client.UploadTo(t.Context(), up.UploadURL, api.Bytes("a.png", pngBytes(t, 1, 1)), append(c.options(), echoing)...)
	c.hear("error", deep(err))
	for _, content := range [][]byte{[]byte("no image"), pngBytes(t, 1, 1), pngBytes(t, 1, 1)} {
		_, err := client.UploadTo(t.Context(), up.UploadURL, api.Bytes("a.png", content), c.options()...)
		c.hear("error", deep(err))
	}
}

// misplaced sends credentials where they do not belong, to every operation.
func (c *chain) misplaced(t *testing.T) {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(frontEmail + ":" + frontKey))
	hc := &http.Client{Transport: c.over(http.DefaultTransport)}
	for _, op := range api.Contract.Operations {
		for _, header := range []http.Header{
			{}, {"Authorization": {"Basic " + basic}}, {"Authorization": {"Bearer" + frontToken}}, {"Authorization": {frontToken}},
			{"Authorization": {"Bearer " + frontToken + " " + frontToken}}, {"X-Auth-Key": {frontKey}}, {"X-Auth-Email": {frontEmail}},
			{"X-Auth-Key": {frontEmail}, "X-Auth-Email": {frontKey}}, {"Cookie": {"token=" + frontToken}},
			{"Authorization": {"Bearer " + frontToken}, "Content-Type": {frontToken}, "Accept": {frontKey}, "Origin": {frontEmail}},
		} {
			address := c.api + strings.NewReplacer("{", "", "}", "").Replace(op.Path) + "?token=" + frontToken + "&email=" + url.QueryEscape(frontEmail)
			req, err := http.NewRequestWithContext(t.Context(), op.Method, address, strings.NewReader(`{"token":"`+frontToken+`",`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = header
			resp, err := hc.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			c.outcome(op.Name, resp.StatusCode < 400)
		}
	}
}
