package rest

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/cfimages/cfimages/runtime/contract"
)

// FromEnv is [New] with the bound parameters, the address and the credentials of
// the contract's environment variables. The options come after them: credentials
// among the options are used instead of those of the environment. The error names
// the variables that are missing.
func FromEnv(c *contract.Contract, opts ...Option) (*Core, error) {
	binds := make([]string, len(c.Env.Binds))
	for i, name := range c.Env.Binds {
		if binds[i] = os.Getenv(name); binds[i] == "" {
			return nil, fmt.Errorf("the environment variable %s is not set", name)
		}
	}
	core := newCore(c, binds)
	if base := os.Getenv(c.Env.BaseURL); base != "" {
		core.base = base
	}
	core.apply(opts)
	if len(core.credentials()) == 0 && !core.authenticateByEnv() {
		return nil, errors.New("none of these environment variables is set: " + alternatives(c.Security))
	}
	core.configure(nil)
	if core.err != nil {
		return nil, core.err
	}
	return core, nil
}

// authenticateByEnv takes the first way to authenticate of which every variable
// is set. It is false when there is none.
func (c *Core) authenticateByEnv() bool {
	for _, requirement := range c.contract.Security {
		var found []credential
		for _, scheme := range requirement {
			if secret := os.Getenv(scheme.Env); scheme.Env != "" && secret != "" {
				found = append(found, credentialOf(scheme, secret))
			}
		}
		if len(found) == len(requirement) && len(found) > 0 {
			for _, known := range found {
				c.authenticate(known)
			}
			return true
		}
	}
	return false
}

func credentialOf(scheme contract.Scheme, secret string) credential {
	if scheme.Bearer {
		return credential{scheme.Header, "Bearer " + secret, secret}
	}
	return credential{scheme.Header, secret, secret}
}

// alternatives lists the variables of all ways to authenticate.
func alternatives(security []contract.Requirement) string {
	var ways []string
	for _, requirement := range security {
		var names []string
		for _, scheme := range requirement {
			if scheme.Env != "" {
				names = append(names, scheme.Env)
			}
		}
		if len(names) > 0 {
			ways = append(ways, strings.Join(names, " with "))
		}
	}
	return strings.Join(ways, ", ")
}
