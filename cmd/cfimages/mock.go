package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/internal/standalone"
	"github.com/cfimages/cfimages/runtime/fake"
)

// mockCmd are the commands of the mock. The first is meant where none is named.
type mockCmd struct {
	Serve  mockServe  `cmd:"" default:"withargs" help:"Serve until it is told to stop. This is what 'cfimages mock' does without another command."`
	Exec   mockExec   `cmd:"" help:"Run a command with a mock of its own, and stop with it. The command finds the mock by CLOUDFLARE_BASE_URL, CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID."`
	Health mockHealth `cmd:"" help:"Ask a mock whether it is ready. Exit status: 0 it is, 1 it is not."`
}

// mockFlags say how a mock behaves.
type mockFlags struct {
	Config              string        `placeholder:"FILE" help:"YAML file whose members are called like these flags. Flags win over CFIMAGES_MOCK_FLAG in the environment, and that over the file."`
	Account             []string      `placeholder:"ID:TOKEN" help:"Serve only this account, to this token. May be repeated. Without it, any token may use any account."`
	PrivateFetch        bool          `help:"Let uploads by URL fetch from loopback and private addresses."`
	Seed                *uint64       `help:"Make ids and signing keys reproducible."`
	SeedFrom            string        `name:"seed-from" placeholder:"PATH" help:"Begin with the images in a folder, in the first account, or with what a JSON fixture names. Where --data-dir holds images already it is left alone."`
	ExternalURL         string        `name:"external-url" placeholder:"URL" help:"Address that delivery and upload URLs begin with, if clients reach the mock by another one than --addr."`
	Flexible            bool          `name:"flexible-variants" help:"Let delivery URLs name options in place of a variant, such as w=400,fit=cover."`
	MaxKeys             int           `placeholder:"N" help:"Refuse signing keys beyond N, as was observed with 2; 0 is no limit."`
	LastKeyRefused      bool          `help:"Refuse to delete the last signing key, as one client reports. By default a new one named default takes its place, as documented."`
	StableIDs           bool          `name:"stable-ids" help:"Leave an image its id when an edit changes whether it requires signed URLs. By default it gets a new one, as documented."`
	PublicDeleteRefused bool          `help:"Refuse to delete the variant named public, as documented. By default the deletion succeeds and the variant stays, as observed."`
	PlainTextErrors     bool          `help:"Answer some failures as text, as observed."`
	MetadataHidden      bool          `help:"Leave metadata out of what an upload URL answers, as documented. By default it is there, as observed."`
	NoV1List            bool          `name:"no-v1-list" help:"Refuse the deprecated list of images."`
	NoRanges            bool          `help:"Refuse filters with gt, gte, lt and lte, which an older documentation does not have."`
	NoPlan              bool          `help:"Be accounts that have not bought storage."`
	Window              time.Duration `help:"How long reads and lists are behind changes."`
	VariantLimit        int           `default:"100" placeholder:"N" help:"How many variants an account may have, the built-in one included."`
	Allowance           int64         `default:"100000" placeholder:"N" help:"How many images an account may store."`
	BrowserTTL          time.Duration `name:"browser-ttl" help:"How long browsers may keep images of variants that say nothing else, if not two days."`
	RateLimits          bool          `help:"Limit rates as the service does: 1,200 requests in 5 minutes for a token, 200 a second for an address."`
	FastRetries         bool          `help:"Let official SDKs repeat at once what a fault made fail."`
	Fault               []string      `placeholder:"FILE" sep:"none" help:"JSON file with a rule by which the mock misbehaves, or a list of rules. May be repeated."`
	Delay               time.Duration `help:"Wait so long before each answer."`
	Webhook             string        `placeholder:"URL" help:"POST to this address when a direct upload has finished. What exactly is sent is assumed."`
	WebhookSecret       string        `name:"webhook-secret" help:"Secret to send and to sign webhooks with. Better given by the environment (CFIMAGES_MOCK_WEBHOOK_SECRET)."`
	DataDir             string        `name:"data-dir" placeholder:"DIR" help:"Keep everything in a folder, for the next start. One mock at a time uses it."`
	Mutant              string        `placeholder:"ID" help:"Serve the mock with one defect, such as M017, to see what a test suite notices. 'cfimages conformance list --mutants' has all."`
}

// BeforeResolve completes the flags from the environment and a file.
func (c *mockFlags) BeforeResolve(ctx *kong.Context, env environ) error {
	return mockSettings.configure(ctx, env)
}

// service is the mock that the flags ask for, with what it begins with. It is
// closed by release, after its server has ended.
func (c *mockFlags) service(ctx context.Context, list standalone.Accounts, local bool, errs io.Writer) (_ *standalone.Service, release func(), err error) {
	kept, closeData, err := openData(c.DataDir)
	if err != nil {
		return nil, nil, err
	}
	hook := &hook{}
	service, err := c.build(ctx, hook, kept, list, local, slog.New(slog.NewTextHandler(errs, nil)))
	if err != nil {
		closeData()
		return nil, nil, err
	}
	return service, func() {
		hook.stop()
		closeData()
	}, nil
}

// build puts the mock together.
func (c *mockFlags) build(ctx context.Context, hook *hook, kept []mock.Option, list standalone.Accounts, local bool, log *slog.Logger) (*standalone.Service, error) {
	service, err := standalone.New(standalone.Config{
		Accounts: list, Options: slices.Concat(c.options(), kept, hook.options(c.Webhook)), ExternalURL: c.ExternalURL, Local: local,
		Spoil: func(h http.Handler) (http.Handler, error) { return c.spoil(h, list) },
		Log:   log,
	})
	if err != nil {
		return nil, &exitError{usageError, err}
	}
	if err := c.begin(ctx, service.Mock, list); err != nil {
		return nil, err
	}
	if err := hook.start(c, service.Mock, log); err != nil {
		return nil, &exitError{usageError, err}
	}
	return service, nil
}

// options are those of the fake.
func (c *mockFlags) options() []mock.Option {
	opts := []mock.Option{
		fake.WithMaxKeys(c.MaxKeys), fake.WithVariantLimit(c.VariantLimit), fake.WithAllowance(c.Allowance),
		fake.WithBrowserTTL(c.BrowserTTL), fake.WithConsistencyDelay(c.Window),
	}
	for _, s := range []struct {
		on     bool
		option func() fake.Option
	}{
		{c.LastKeyRefused, fake.WithLastKeyRefused},
		{c.StableIDs, fake.WithStableIDs},
		{c.PublicDeleteRefused, fake.WithPublicDeleteRefused},
		{c.PlainTextErrors, fake.WithPlainTextErrors},
		{c.MetadataHidden, fake.WithMetadataHidden},
		{c.NoV1List, fake.WithoutV1List},
		{c.NoRanges, fake.WithoutRanges},
		{c.NoPlan, fake.WithoutPlan},
		{c.PrivateFetch, fake.WithPrivateFetch},
		{c.Flexible, fake.WithFlexibleVariants},
	} {
		if s.on {
			opts = append(opts, s.option())
		}
	}
	if c.Seed != nil {
		opts = append(opts, fake.WithSeed(*c.Seed))
	}
	return opts
}

// spoil gives the mock the delay and the defect that were asked for.
func (c *mockFlags) spoil(h http.Handler, list standalone.Accounts) (http.Handler, error) {
	h = delayed(h, c.Delay)
	if c.Mutant == "" {
		return h, nil
	}
	var logins []conformance.Login
	for _, a := range append(list[:len(list):len(list)], standalone.Example) {
		logins = append(logins, conformance.Login{AccountID: a.ID, Token: a.Token})
	}
	return mutants.Wrap(h, c.Mutant, logins...)
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
