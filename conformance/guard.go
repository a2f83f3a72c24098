package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// guard refuses to change an account that is in use. A server on this machine
// holds nothing that would be missed.
func (r *run) guard() error {
	t := &r.target
	if !t.Profile.allows(Account) || t.Confirm == t.AccountID || t.local() {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.ctx, t.Timeout)
	defer cancel()
	for _, look := range []struct {
		what, path string
		foreign    func(body []byte) (found bool, err error)
	}{
		{"images", listPath, imagesThere},
		{"variants", variantsPath, variantsThere},
		{"signing keys", keysPath, keysThere},
	} {
		found, err := r.look(ctx, look.path, look.foreign)
		var why string
		switch {
		case err != nil:
			why = fmt.Sprintf("it cannot be told whether the account holds %s (%s)", look.what, redact(err.Error(), r.secrets()))
		case found:
			why = fmt.Sprintf("the account holds %s, and the profile %s changes what an account shares", look.what, t.Profile)
		default:
			continue
		}
		return fmt.Errorf("%w: %s; if it may, repeat the account id (--account-is-mine, Target.Confirm)", ErrUsage, why)
	}
	return nil
}

// local reports whether the target is in this process or on this machine.
func (t *Target) local() bool {
	if t.Handler != nil {
		return true
	}
	u, err := url.Parse(t.BaseURL)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
}

// look reads something and finds out whether the account is in use. An account
// without an entitlement holds none of what it is not entitled to.
func (r *run) look(ctx context.Context, path string, foreign func([]byte) (bool, error)) (bool, error) {
	got, err := r.send(ctx, r.client(r.newTrace("guard")), get(path))
	if err != nil {
		return false, err
	}
	if got.status == http.StatusForbidden && path == keysPath {
		return false, nil
	}
	if got.status != http.StatusOK {
		return false, fmt.Errorf("GET %s answers %d", path, got.status)
	}
	return foreign(got.body)
}

func imagesThere(body []byte) (bool, error) {
	var e struct {
		Result struct{ Images *[]json.RawMessage }
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Result.Images == nil {
		return false, fmt.Errorf("the answer has no list of images")
	}
	return len(*e.Result.Images) > 0, nil
}

func variantsThere(body []byte) (bool, error) {
	var e struct {
		Result struct{ Variants *map[string]json.RawMessage }
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Result.Variants == nil {
		return false, fmt.Errorf("the answer has no map of variants")
	}
	for id := range *e.Result.Variants {
		if id != "public" {
			return true, nil
		}
	}
	return false, nil
}

func keysThere(body []byte) (bool, error) {
	var e struct {
		Result struct{ Keys *[]struct{ Name string } }
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Result.Keys == nil {
		return false, fmt.Errorf("the answer has no list of keys")
	}
	for _, k := range *e.Result.Keys {
		if k.Name != "default" {
			return true, nil
		}
	}
	return false, nil
}
