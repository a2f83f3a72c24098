package serve

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Auth decides who may use which account, given the values of the contract's
// bound parameters. Its error is answered as it is.
type Auth func(ctx context.Context, who Credentials, binds []string) error

// Credentials are what a request authenticates with.
type Credentials struct {
	// Token is the bearer token, or empty.
	Token string
	// Headers are the credentials in headers of their own, by header name.
	Headers map[string]string
}

// String hides the credentials from logs.
func (Credentials) String() string { return "[credentials]" }

// GoString hides the credentials from logs.
func (c Credentials) GoString() string { return c.String() }

// MarshalText hides the credentials from JSON, and so from logs in JSON.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// credentials returns the first complete set of credentials the request has.
// An API without requirements needs none.
func credentials(security []contract.Requirement, header http.Header) (Credentials, bool) {
	for _, requirement := range security {
		if who, ok := meet(requirement, header); ok {
			return who, true
		}
	}
	return Credentials{}, len(security) == 0
}

func meet(requirement contract.Requirement, header http.Header) (who Credentials, ok bool) {
	for _, scheme := range requirement {
		value := strings.TrimSpace(header.Get(scheme.Header))
		if scheme.Bearer {
			kind, token, _ := strings.Cut(value, " ")
			who.Token = strings.TrimSpace(token)
			if !strings.EqualFold(kind, "Bearer") || who.Token == "" {
				return who, false
			}
			continue
		}
		if value == "" {
			return who, false
		}
		if who.Headers == nil {
			who.Headers = map[string]string{}
		}
		who.Headers[scheme.Header] = value
	}
	return who, true
}

// Login is credentials and the accounts they open.
type Login struct {
	who      Credentials
	accounts []string
}

// String hides the credentials from logs.
func (Login) String() string { return "[login]" }

// GoString hides the credentials from logs.
func (l Login) GoString() string { return l.String() }

// Token is the login of a bearer token. The accounts are values of the first
// bound parameter; none means all.
func Token(token string, accounts ...string) Login {
	return Login{Credentials{Token: token}, accounts}
}

// Headers is the login of credentials in headers of their own: names and values
// in turn.
func Headers(accounts []string, pairs ...string) Login {
	headers := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		headers[http.CanonicalHeaderKey(pairs[i])] = pairs[i+1]
	}
	return Login{Credentials{Headers: headers}, accounts}
}

// Logins lets in who has one of the logins. Others are answered with the
// catalogue's error for that, and who asks for an account that the login does not
// open with the one for that. How long it takes tells nothing of the credentials:
// they are compared as hashes with a key of their own.
func Logins(c *contract.Contract, logins ...Login) Auth {
	var salt [32]byte
	_, _ = rand.Read(salt[:]) // never fails
	opens := map[[sha256.Size]byte][]Login{}
	for _, l := range logins {
		key := digest(salt, l.who)
		opens[key] = append(opens[key], l)
	}
	return func(_ context.Context, who Credentials, binds []string) error {
		known := opens[digest(salt, who)]
		if len(known) == 0 {
			return c.Faults.Unauthenticated
		}
		for _, l := range known {
			if len(l.accounts) == 0 || len(binds) > 0 && slices.Contains(l.accounts, binds[0]) {
				return nil
			}
		}
		return c.Faults.Forbidden
	}
}

// digest is a hash of credentials, the same whatever the order of headers.
func digest(salt [32]byte, who Credentials) [sha256.Size]byte {
	text := append(salt[:len(salt):len(salt)], who.Token...)
	names := make([]string, 0, len(who.Headers))
	for name := range who.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text = append(append(append(append(text, 0), name...), 0), who.Headers[name]...)
	}
	return sha256.Sum256(text)
}
