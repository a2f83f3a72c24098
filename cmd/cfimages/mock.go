package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/internal/httpd"
	"github.com/cfimages/cfimages/internal/standalone"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fault"
)

type mockCmd struct {
	Addr           string   `default:"127.0.0.1:8787" help:"Address to listen on; port 0 picks a free one."`
	Account        []string `placeholder:"ID:TOKEN" help:"Serve only this account, to this token. May be repeated. Without it, any token may use any account."`
	PrivateFetch   bool     `help:"Let uploads by URL fetch from loopback and private addresses."`
	Seed           *uint64  `help:"Make ids and signing keys reproducible."`
	ExternalURL    string   `name:"external-url" placeholder:"URL" help:"Address that delivery and upload URLs begin with, if clients reach the mock by another one than --addr."`
	Flexible       bool     `name:"flexible-variants" help:"Let delivery URLs name options in place of a variant, such as w=400,fit=cover."`
	MaxKeys        int      `placeholder:"N" help:"Refuse signing keys beyond N, as was observed with 2; 0 is no limit."`
	LastKeyRefused bool     `help:"Refuse to delete the last signing key, as one client reports. By default a new one named default takes its place, as documented."`
	StableIDs      bool     `name:"stable-ids" help:"Leave an image its id when an edit changes whether it requires signed URLs. By default it gets a new one, as documented."`
	RateLimits     bool     `help:"Limit rates as the service does: 1,200 requests in 5 minutes for a token, 200 a second for an address."`
	FastRetries    bool     `help:"Let official SDKs repeat at once what a fault made fail."`
	DataDir        string   `name:"data-dir" placeholder:"DIR" help:"Keep everything in a folder, for the next start. One mock at a time uses it."`
	Mutant         string   `placeholder:"ID" help:"Serve the mock with one defect, such as M017, to see what a test suite notices. 'cfimages conformance list --mutants' has all."`
}

// grace is how long requests may go on once the server is asked to stop.
const grace = 5 * time.Second

// Run serves until ctx is done.
func (c *mockCmd) Run(ctx context.Context, out io.Writer, errs stderr) error {
	accounts, err := parseAccounts(c.Account)
	if err != nil {
		return &exitError{usageError, err}
	}
	kept, release, err := openData(c.DataDir)
	if err != nil {
		return err
	}
	defer release()
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	service, err := c.service(accounts, kept, l.Addr(), errs)
	if err != nil {
		return &exitError{usageError, errors.Join(err, l.Close())}
	}
	s := httpd.New(service)
	s.RegisterOnShutdown(service.Close)
	greet(out, cmp.Or(strings.TrimRight(c.ExternalURL, "/"), "http://"+reachable(l.Addr())), accounts)
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

// service is the mock that the flags ask for.
func (c *mockCmd) service(list standalone.Accounts, kept []mock.Option, at net.Addr, errs io.Writer) (*standalone.Service, error) {
	tcp, ok := at.(*net.TCPAddr)
	service, err := standalone.New(standalone.Config{
		Accounts: list, Options: append(c.options(), kept...), ExternalURL: c.ExternalURL, Local: ok && tcp.IP.IsLoopback(),
		Spoil: func(h http.Handler) (http.Handler, error) { return c.spoil(h, list) },
		Log:   slog.New(slog.NewTextHandler(errs, nil)),
	})
	if err != nil {
		return nil, err
	}
	service.Mock.Faults().SetFastRetries(c.FastRetries)
	if c.RateLimits {
		service.Mock.Faults().LimitRates(&fault.Limits{})
	}
	return service, nil
}

// options are those of the fake.
func (c *mockCmd) options() []mock.Option {
	opts := []mock.Option{fake.WithMaxKeys(c.MaxKeys)}
	if c.LastKeyRefused {
		opts = append(opts, fake.WithLastKeyRefused())
	}
	if c.StableIDs {
		opts = append(opts, fake.WithStableIDs())
	}
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
func (c *mockCmd) spoil(h http.Handler, list standalone.Accounts) (http.Handler, error) {
	if c.Mutant == "" {
		return h, nil
	}
	var logins []conformance.Login
	for _, a := range append(list[:len(list):len(list)], standalone.Example) {
		logins = append(logins, conformance.Login{AccountID: a.ID, Token: a.Token})
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

// parseAccounts reads the accounts that are served.
func parseAccounts(flags []string) (standalone.Accounts, error) {
	var list standalone.Accounts
	for _, f := range flags {
		id, token, ok := strings.Cut(f, ":")
		if !ok || id == "" || token == "" || len(id) > 32 {
			return nil, errors.New("--account wants ID:TOKEN, with an ID of 1 to 32 characters")
		}
		list = append(list, standalone.Account{ID: id, Token: token})
	}
	return list, nil
}

// greet prints where the mock is and how to use it. The token is the mock's
// own, given for it to be used.
func greet(out io.Writer, root string, list standalone.Accounts) {
	a := standalone.Example
	if len(list) > 0 {
		a = list[0]
	}
	fmt.Fprintf(out, `Cloudflare Images mock on %[1]s
Look at it in a browser: %[4]s

  echo '<svg xmlns="http://www.w3.org/2000/svg"/>' | curl -H 'Authorization: Bearer %[3]s' \
    -F 'file=@-;filename=dot.svg' -F 'metadata={"album":"dots"}' %[1]s/accounts/%[2]s/images/v1

  c, err := client.New(%[2]q, client.WithToken(%[3]q), client.WithBaseURL(%[1]q))

`, root+standalone.BasePath(), a.ID, a.Token, root)
}
