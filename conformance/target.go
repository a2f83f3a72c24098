package conformance

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

// Target is the server to check and what a run may do to it. BaseURL or
// Handler, AccountID and Token are required.
type Target struct {
	// Name is what reports call the target. The default is its address.
	Name string
	// BaseURL is the address below which the API lies, such as
	// "https://api.cloudflare.com/client/v4".
	BaseURL string
	// Handler serves the target in this process: requests, those to upload
	// URLs included, go to it without a socket. BaseURL then only gives the
	// path and defaults to "http://target.invalid/client/v4".
	Handler http.Handler
	// AccountID and Token are the account to use.
	AccountID, Token string
	// HTTPClient sends the requests. The default follows no redirects.
	HTTPClient *http.Client
	// Operations is the API that is checked. The default is the one this
	// module's specification describes. Clauses about every operation run
	// over this table.
	Operations []*contract.Operation

	// Profile is what the run may do. The default is [ProfileSafe].
	Profile Profile
	// Confirm is the account id once more, to say that the account may be
	// changed although it holds images, variants or signing keys of others. Only
	// the profiles account and all ask for it, and not of targets in this
	// process or on this machine.
	Confirm string
	// Allowance is how many images the account may hold. It is given only when
	// the run may use up all of it.
	Allowance int64
	// Second is another account on the same server, for clauses about the
	// separation of accounts.
	Second *Login
	// Advance moves the target's clock forward, for clauses about expiry.
	Advance func(d time.Duration)
	// Ahead is how far the target's clock is ahead of this machine's when the
	// run begins.
	Ahead time.Duration

	// Features says what the target has and what it rightly does without.
	// What is not mentioned is probed, or taken to be there, see [Feature].
	Features map[Feature]Switch
	// Window is how long the target may take to show the effect of a write.
	Window time.Duration
	// Timeout is the most a clause may take; Window is added to it. The
	// default is 30 seconds.
	Timeout time.Duration
}

// Login is an account with a token for it.
type Login struct {
	AccountID, Token string
}

const defaultBase = "http://target.invalid/client/v4"

// complete fills in the defaults and reports what is missing.
func (t *Target) complete() error {
	if t.BaseURL == "" && t.Handler != nil {
		t.BaseURL = defaultBase
	}
	t.BaseURL = strings.TrimRight(t.BaseURL, "/")
	u, err := url.Parse(t.BaseURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("the base URL%s is not an absolute http or https URL", quotable(t.BaseURL))
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("the base URL must be a scheme, a host and a path, and nothing else")
	case t.AccountID == "":
		return errors.New("the account id is missing")
	case t.Token == "":
		return errors.New("the token is missing")
	case t.Second != nil && (t.Second.AccountID == "" || t.Second.Token == ""):
		return errors.New("the second account needs an id and a token")
	case t.Second != nil && t.Second.AccountID == t.AccountID:
		return errors.New("the second account must not be the first")
	case t.Confirm != "" && t.Confirm != t.AccountID:
		return errors.New("the account id that was given to confirm is not that of the account")
	}
	if err := checkFeatures(t.Features); err != nil {
		return err
	}
	t.fillDefaults()
	return t.Profile.check()
}

// quotable quotes an address for an error, unless there may be a password in it.
func quotable(address string) string {
	if strings.Contains(address, "@") {
		return ""
	}
	return fmt.Sprintf(" %q", address)
}

func (t *Target) fillDefaults() {
	if t.Name == "" {
		t.Name = t.BaseURL
	}
	if t.Operations == nil {
		t.Operations = defaultOperations()
	}
	if t.Timeout == 0 {
		t.Timeout = 30 * time.Second
	}
	if t.Profile == "" {
		t.Profile = ProfileSafe
	}
}

// need is something a clause demands of a target beside its safety class.
type need struct {
	what string
	met  func(*Target) bool
	// hook reports whether the need is of something the caller could give, and
	// has not.
	hook func(*Target) bool
	// class is the safety class that is demanded, if any.
	class Safety
	// alone reports whether a check that has the need disturbs all others.
	alone bool
}

func feature(f Feature) need {
	return need{what: "the feature " + string(f), met: func(t *Target) bool { return t.Has(f) }}
}

func hook(what string, met func(*Target) bool) need {
	return need{what: what, met: met, hook: func(*Target) bool { return true }}
}

func alone(n need) need {
	n.alone = true
	return n
}

var (
	needSecond    = hook("a second account (Target.Second)", func(t *Target) bool { return t.Second != nil })
	needClock     = alone(hook("a clock that can be moved (Target.Advance)", func(t *Target) bool { return t.Advance != nil }))
	needAllowance = hook("an allowance that may be used up (Target.Allowance)", func(t *Target) bool { return t.Allowance > 0 })
	needFetches   = need{
		what: "the feature " + string(FeatureFetch),
		met:  func(t *Target) bool { return t.Has(FeatureFetch) },
		hook: func(t *Target) bool { return !t.refuses(FeatureFetch) },
	}
	needWrites    = demands(Writes)
	needExclusive = demands(Account)
	needHeavy     = demands(Heavy)
	needThrowaway = demands(Special)
)

// unmet returns the first need that is not met.
func (t *Target) unmet(needs []need) (need, bool) {
	i := slices.IndexFunc(needs, func(n need) bool { return !n.met(t) })
	if i < 0 {
		return need{}, false
	}
	return needs[i], true
}
