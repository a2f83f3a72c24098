package system

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/gen/server/strict"
)

// TestStrictInterface holds the server behind oapi-codegen's interface against
// the clauses.
func TestStrictInterface(t *testing.T) {
	t.Parallel()
	m := mock.New()
	resolve := func(_ context.Context, accountID string) (api.Service, error) { return m.Account(accountID), nil }
	var seen atomic.Int64
	count := func(next strict.StrictHandlerFunc, _ string) strict.StrictHandlerFunc {
		return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
			seen.Add(1)
			return next(ctx, w, r, request)
		}
	}
	h := strict.New(resolve, nil, []strict.StrictMiddlewareFunc{count}, server.WithBasePath("/client/v4"),
		server.WithLogins(server.Token("secret", "acc")), server.WithSpool(1<<20))
	both := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/upload/") {
			m.Handler().ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
	result := conformance.Run(t, conformance.Target{Handler: both, AccountID: "acc", Token: "secret", Profile: conformance.ProfileAccount})
	if result == nil || result.Count(conformance.Passed) < 200 || seen.Load() == 0 {
		t.Errorf("too little was checked; the middleware saw %d requests", seen.Load())
	}
}

// overriding answers one operation itself.
type overriding struct{ strict.StrictServerInterface }

func (overriding) GetStats(context.Context, strict.GetStatsRequestObject) (strict.GetStatsResponseObject, error) {
	return nil, api.ErrLimitReached.With("my own")
}

func TestStrictInterfaceAround(t *testing.T) {
	t.Parallel()
	around := func(inner strict.StrictServerInterface) strict.StrictServerInterface { return overriding{inner} }
	srv := httptest.NewServer(strict.New(server.For(mock.New()), around, nil))
	defer srv.Close()
	c, err := client.New("acc", client.WithToken("t"), client.WithBaseURL(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetStats(t.Context()); !errors.Is(err, api.ErrLimitReached) {
		t.Errorf("the statistics answer %v", err)
	}
	if keys, err := c.ListSigningKeys(t.Context()); err != nil || len(keys) != 1 {
		t.Errorf("the keys answer %v, %v", keys, err)
	}
}
