package standalone

import (
	"context"
	"crypto/subtle"
	"slices"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/server"
)

// Account is an account's id and the token that may use it.
type Account struct{ ID, Token string }

// Example is an example of what may be used when any account may.
var Example = Account{"my-account", "any-token"}

// Accounts are those a mock serves; none means all.
type Accounts []Account

// Serve reports whether an account is served; no account has an id of more than 32
// bytes.
func (list Accounts) Serve(id string) bool {
	if len(list) == 0 {
		return id != "" && len(id) <= 32
	}
	return slices.ContainsFunc(list, func(a Account) bool { return a.ID == id })
}

// Admit lets a token use its own account. A key in a header of its own counts as
// a token, whatever the e-mail address.
func (list Accounts) Admit(_ context.Context, who server.Credentials, binds []string) error {
	known, own := len(list) == 0, len(list) == 0
	for _, a := range list {
		if !matches(who, a.Token) {
			continue
		}
		known = true
		own = own || a.ID == binds[0]
	}
	switch {
	case !known:
		return api.ErrUnauthenticated
	case !own:
		return api.ErrForbidden
	default:
		return nil
	}
}

// matches compares in constant time.
func matches(who server.Credentials, token string) bool {
	same := subtle.ConstantTimeCompare([]byte(who.Token), []byte(token))
	for _, value := range who.Headers {
		same |= subtle.ConstantTimeCompare([]byte(value), []byte(token))
	}
	return same == 1
}
