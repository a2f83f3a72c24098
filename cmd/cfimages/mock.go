package main

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/gen/server"
	"github.com/cfimages/cfimages/internal/httpd"
	"github.com/cfimages/cfimages/runtime/deliver"
	"github.com/cfimages/cfimages/runtime/fake"
)

type mockCmd struct {
	Addr         string   `default:"127.0.0.1:8787" help:"Address to listen on; port 0 picks a free one."`
	Account      []string `placeholder:"ID:TOKEN" help:"Serve only this account, to this token. May be repeated. Without it, any token may use any account."`
	PrivateFetch bool     `help:"Let uploads by URL fetch from loopback and private addresses."`
	Seed         *uint64  `help:"Make ids and signing keys reproducible."`
	ExternalURL  string   `name:"external-url" placeholder:"URL" help:"Address that delivery and upload URLs begin with, if clients reach the mock by another one than --addr."`
	Flexible     bool     `name:"flexible-variants" help:"Let delivery URLs name options in place of a variant, such as w=400,fit=cover."`
	DataDir      string   `name:"data-dir" placeholder:"DIR" help:"Keep everything in a folder, for the next start. One mock at a time uses it."`
	Mutant       string   `placeholder:"ID" help:"Serve the mock with one defect, such as M017, to see what a test suite notices. 'cfimages conformance list --mutants' has all."`
}

// apiPath is where the API is on the mock, as on the real service.
const apiPath = "/client/v4"

// grace is how long requests may go on once the server is asked to stop.
const grace = 5 * time.Second

// Run serves until ctx is done.
func (c *mockCmd) Run(ctx context.Context, out io.Writer) error {
	accounts, err := parseAccounts(c.Account)
	if err != nil {
		return &exitError{usageError, err}
	}
	kept, release, err := openData(c.DataDir)
	if err != nil {
		return err
	}
	defer release()
	a := &admin{}
	m := mock.New(append(append(c.options(), kept...), fake.WithClock(a.now))...)
	handler, err := c.spoil(m.Handler(server.WithAuth(accounts.admit)), accounts)
	if err != nil {
		return &exitError{usageError, err}
	}
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	external := strings.TrimRight(c.ExternalURL, "/")
	if external != "" {
		m.SetAddress(external)
	}
	s := httpd.New(a.over(inspected(m, accounts, deliver.Over(m.World(), handler))))
	greet(out, cmp.Or(external, "http://"+reachable(l.Addr())), accounts)
	stopped := make(chan error, 1)
	go func() { stopped <- s.Serve(l) }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if s.Shutdown(end) != nil {
		if err := s.Close(); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "stopped")
	return nil
}

func (c *mockCmd) options() []mock.Option {
	var opts []mock.Option
	if c.PrivateFetch {
		opts = append(opts, fake.WithPrivateFetch())
	}
	if c.Flexible {
		opts = append(opts, fake.WithFlexibleVariants())
	}
	if c.Seed != nil {
		opts = append(opts, fake.WithSeed(*c.Seed))
	}
	return opts
}

// spoil gives the mock the defect that was asked for.
func (c *mockCmd) spoil(h http.Handler, list accounts) (http.Handler, error) {
	if c.Mutant == "" {
		return h, nil
	}
	var logins []conformance.Login
	for _, a := range append(list, openAccount) {
		logins = append(logins, conformance.Login{AccountID: a.id, Token: a.token})
	}
	return mutants.Wrap(h, c.Mutant, logins...)
}

// reachable is an address a client on this machine can use for a listener.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}

// account is an account id and the token that may use it.
type account struct{ id, token string }

// openAccount is an example of what may be used when any account may.
var openAccount = account{"my-account", "any-token"}

// accounts are those the mock serves; none means all.
type accounts []account

func parseAccounts(flags []string) (accounts, error) {
	var list accounts
	for _, f := range flags {
		id, token, ok := strings.Cut(f, ":")
		if !ok || id == "" || token == "" || len(id) > 32 {
			return nil, errors.New("--account wants ID:TOKEN, with an ID of 1 to 32 characters")
		}
		list = append(list, account{id, token})
	}
	return list, nil
}

// admit lets a token use its own account. A key in a header of its own counts
// as a token, whatever the e-mail address.
func (list accounts) admit(_ context.Context, who server.Credentials, binds []string) error {
	known, own := len(list) == 0, len(list) == 0
	for _, a := range list {
		if !matches(who, a.token) {
			continue
		}
		known = true
		own = own || a.id == binds[0]
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

// greet prints where the mock is and how to use it. The token is the mock's
// own, given for it to be used.
func greet(out io.Writer, root string, list accounts) {
	a := openAccount
	if len(list) > 0 {
		a = list[0]
	}
	fmt.Fprintf(out, `Cloudflare Images mock on %[1]s
Look at it in a browser: %[4]s

  echo '<svg xmlns="http://www.w3.org/2000/svg"/>' | curl -H 'Authorization: Bearer %[3]s' \
    -F 'file=@-;filename=dot.svg' -F 'metadata={"album":"dots"}' %[1]s/accounts/%[2]s/images/v1

  c, err := client.New(%[2]q, client.WithToken(%[3]q), client.WithBaseURL(%[1]q))

`, root+apiPath, a.id, a.token, root)
}
