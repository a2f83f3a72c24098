package conformance_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
)

// mount is a way to reach the mock.
type mount struct {
	name string
	// reach lets the target lead to a mock with the options given.
	reach func(t *testing.T, target *conformance.Target, opts []mock.Option)
	// covers is whether the goals of coverage are checked, which needs the calls
	// of one process and is the same for all.
	covers bool
}

var mounts = []mount{
	{name: "in process", covers: true, reach: func(_ *testing.T, target *conformance.Target, opts []mock.Option) {
		target.Handler = mock.New(opts...).Handler(guarded())
	}},
	{name: "by mock.Transport", reach: func(_ *testing.T, target *conformance.Target, opts []mock.Option) {
		m := mock.New(opts...)
		m.Serve(guarded())
		// A target that is not on this machine would be asked slowly.
		target.BaseURL, target.HTTPClient = "http://127.0.0.1/client/v4", &http.Client{Transport: m.Transport()}
	}},
	{name: "over HTTP, started", reach: func(t *testing.T, target *conformance.Target, opts []mock.Option) {
		m := mock.Start(t, opts...)
		m.Serve(guarded())
		target.BaseURL = m.URL()
	}},
	{name: "over HTTP, in a server of one's own", reach: func(t *testing.T, target *conformance.Target, opts []mock.Option) {
		target.BaseURL = served(t, mock.New(opts...).Handler(guarded()))
	}},
	{name: "behind a client and a server", reach: func(t *testing.T, target *conformance.Target, opts []mock.Option) {
		target.BaseURL = served(t, proxy(mock.Start(t, opts...).URL(), guarded()))
	}},
	{name: "behind two of each", reach: func(t *testing.T, target *conformance.Target, opts []mock.Option) {
		inner := served(t, proxy(mock.Start(t, opts...).URL()))
		target.BaseURL = served(t, proxy(inner, guarded()))
	}},
}

// TestConformance runs the whole suite on every mount. Nothing differs between
// them: no feature is switched off, and every clause is run on each.
func TestConformance(t *testing.T) {
	for _, m := range mounts {
		t.Run(m.name, func(t *testing.T) {
			c := &clock{}
			target := everything(c)
			target.Name = "the mock " + m.name
			m.reach(t, &target, options(c))
			if slow && !m.covers {
				target.Profile, target.Advance = conformance.ProfileSafe, nil
			}
			result := conformance.Run(t, target)
			if target.Profile == conformance.ProfileAll {
				full(t, result)
			}
			if m.covers {
				covered(t, result.Coverage)
			}
		})
	}
}

// served serves a handler over HTTP and returns the address of its API.
func served(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/client/v4"
}

// proxy serves what clients of the API at an address answer.
func proxy(address string, opts ...server.Option) http.Handler {
	return server.New(func(_ context.Context, accountID string) (api.Service, error) {
		return client.New(accountID, client.WithBaseURL(address), client.WithToken("inner"), client.WithoutChecks())
	}, append(opts, server.WithBasePath("/client/v4"))...)
}
