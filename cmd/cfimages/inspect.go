package main

import (
	"net/http"
	"time"

	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/internal/inspector"
)

// inspected serves the page that shows the mock, and all else by h.
func inspected(m *mock.Mock, list accounts, h http.Handler) http.Handler {
	page := inspector.New(inspector.Config{
		API: apiPath, Admin: adminPath, Open: len(list) == 0, Now: m.World().Now,
		Accounts: func() []inspector.Account { return shown(m, list) },
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if inspector.Owns(r) {
			page.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// shown are the accounts that the page may choose from.
func shown(m *mock.Mock, list accounts) []inspector.Account {
	if len(list) == 0 {
		list = accounts{openAccount}
	}
	out := make([]inspector.Account, len(list))
	for i, a := range list {
		out[i] = inspector.Account{ID: a.id, Token: a.token, Hash: m.World().Account(a.id).Hash()}
		if o, ok := m.World().AccountByHash(out[i].Hash); ok {
			s := o.Settings()
			out[i].FlexibleVariants, out[i].BrowserTTL = s.FlexibleVariants, int64(s.BrowserTTL/time.Second)
		}
	}
	return out
}
