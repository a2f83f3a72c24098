// Package standalone is a mock as a server of its own has it: the API, upload URLs
// and delivered images, the admin API below /_mock/ and the inspector's page.
package standalone

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/internal/admin"
	"github.com/cfimages/cfimages/internal/inspector"
	"github.com/cfimages/cfimages/runtime/deliver"
)

// Config is what to serve.
type Config struct {
	// Accounts are those that are served, each to its token. None means that any
	// token may use any account.
	Accounts Accounts
	// Options are those of the fake: clock, seed, store, limits, contradictions.
	Options []mock.Option
	// ExternalURL is the address that URLs in answers begin with. Empty is that
	// which a request was sent to.
	ExternalURL string
	// Local says that the server listens on the loopback interface only. Then the
	// admin API and the page answer to its names alone.
	Local bool
	// Spoil replaces the handler of the API by one with a defect.
	Spoil func(http.Handler) (http.Handler, error)
	// Log reports what goes wrong, and what the real service would have refused.
	Log *slog.Logger
}

// Service is a mock that is ready to be served.
type Service struct {
	http.Handler
	Mock    *mock.Mock
	Journal *admin.Journal
}

// New makes a mock ready.
func New(c Config) (*Service, error) {
	m := mock.New(append([]mock.Option{deliver.Beside()}, c.Options...)...)
	if c.ExternalURL != "" {
		if u, err := url.Parse(c.ExternalURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("the external URL %q is none of http or https", c.ExternalURL)
		}
		m.SetAddress(strings.TrimRight(c.ExternalURL, "/"))
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	handler := m.Handler(server.WithAuth(c.Accounts.Admit), server.WithLogger(c.Log))
	if c.Spoil != nil {
		var err error
		if handler, err = c.Spoil(handler); err != nil {
			return nil, err
		}
	}
	n := &notes{world: m.World(), accounts: c.Accounts, log: c.Log}
	s := &Service{Mock: m, Journal: admin.NewJournal(api.Contract, BasePath(), m.World().Now, n.about,
		api.OpListSigningKeys, api.OpPutSigningKey, api.OpDeleteSigningKey)}
	control := admin.Guard(c.Local, admin.New(admin.Config{
		World: m.World(), Faults: m.Faults(), Journal: s.Journal, Forget: m.Forget,
	}))
	page := admin.Guard(c.Local, inspector.New(c.inspector(m)))
	rest := s.Journal.Handler(handler)
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case admin.Owns(r):
			control.ServeHTTP(w, r)
		case inspector.Owns(r):
			page.ServeHTTP(w, r)
		default:
			rest.ServeHTTP(w, r)
		}
	})
	return s, nil
}

// Close ends what waits for news. Whoever serves calls it when the server shuts
// down.
func (s *Service) Close() { s.Journal.Close() }

// BasePath is the path of the API, such as "/client/v4".
func BasePath() string {
	u, err := url.Parse(api.Contract.BaseURL)
	if err != nil {
		return "" // never: the address is a constant of the specification
	}
	return strings.TrimRight(u.Path, "/")
}

// inspector tells the page what it may show.
func (c *Config) inspector(m *mock.Mock) inspector.Config {
	return inspector.Config{
		API: BasePath(), Admin: admin.Path, Open: len(c.Accounts) == 0, Now: m.World().Now,
		Journal: true, Faults: true,
		Accounts: func() []inspector.Account { return shown(m, c.Accounts) },
	}
}

// shown are the accounts that the page may choose from.
func shown(m *mock.Mock, list Accounts) []inspector.Account {
	if len(list) == 0 {
		list = Accounts{Example}
	}
	out := make([]inspector.Account, len(list))
	for i, a := range list {
		out[i] = inspector.Account{ID: a.ID, Token: a.Token, Hash: m.World().Account(a.ID).Hash()}
		if o, ok := m.World().AccountByHash(out[i].Hash); ok {
			s := o.Settings()
			out[i].FlexibleVariants, out[i].BrowserTTL = s.FlexibleVariants, int64(s.BrowserTTL/time.Second)
		}
	}
	return out
}
