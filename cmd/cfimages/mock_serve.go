package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/cfimages/cfimages/internal/httpd"
	"github.com/cfimages/cfimages/internal/standalone"
)

// mockServe serves a mock.
type mockServe struct {
	mockPlace `embed:""`
	mockFlags `embed:""`
}

// grace is how long requests may go on once the server is asked to stop.
const grace = 5 * time.Second

// slack is how much memory is allocated and never touched, so that it takes no
// room, in bytes. The collector waits until the heap has doubled: without it, the
// few megabytes of a new mock would be collected again and again under load.
const slack = 32 << 20

// Run serves until ctx is done.
func (c *mockServe) Run(ctx context.Context, out io.Writer, errs stderr) error {
	accounts, err := parseAccounts(c.Account)
	if err != nil {
		return &exitError{usageError, err}
	}
	l, err := c.listen(ctx)
	if err != nil {
		return err
	}
	tcp, ok := l.Addr().(*net.TCPAddr)
	service, release, err := c.service(ctx, accounts, ok && tcp.IP.IsLoopback(), errs)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer release()
	s, err := c.server(service)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	c.greet(out, cmp.Or(strings.TrimRight(c.ExternalURL, "/"), c.scheme()+reachable(l.Addr())), accounts)
	defer runtime.KeepAlive(make([]byte, slack))
	if err := serve(ctx, s, l); err != nil {
		return err
	}
	fmt.Fprintln(out, "stopped")
	return nil
}

// serve serves until ctx is done and requests have ended.
func serve(ctx context.Context, s *http.Server, l net.Listener) error {
	stopped := make(chan error, 1)
	go func() {
		if s.TLSConfig != nil {
			stopped <- s.ServeTLS(l, "", "")
			return
		}
		stopped <- s.Serve(l)
	}()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if s.Shutdown(end) != nil {
		return s.Close()
	}
	return nil
}

// plainServer is a server of a mock.
func plainServer(service *standalone.Service) *http.Server {
	s := httpd.New(service)
	s.RegisterOnShutdown(service.Close)
	return s
}

// reachable is an address a client on this machine can use for a listener. On a
// unix socket any host will do.
func reachable(a net.Addr) string {
	if a.Network() == "unix" {
		return "localhost"
	}
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}

// greet prints where the mock is and how to use it. The token is the mock's
// own, given for it to be used.
func (p *mockPlace) greet(out io.Writer, root string, list standalone.Accounts) {
	a := standalone.Example
	if len(list) > 0 {
		a = list[0]
	}
	more := p.curlFlags()
	fmt.Fprintf(out, `Cloudflare Images mock on %[1]s
Look at it in a browser: %[4]s

  echo '<svg xmlns="http://www.w3.org/2000/svg"/>' | curl%[5]s -H 'Authorization: Bearer %[3]s' \
    -F 'file=@-;filename=dot.svg' -F 'metadata={"album":"dots"}' %[1]s/accounts/%[2]s/images/v1

  c, err := client.New(%[2]q, client.WithToken(%[3]q), client.WithBaseURL(%[1]q))

`, root+standalone.BasePath(), a.ID, a.Token, root, more)
}
