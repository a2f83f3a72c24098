package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"github.com/cfimages/cfimages/internal/admin"
)

// mockHealth asks a mock whether it is ready.
type mockHealth struct {
	Config    string `placeholder:"FILE" help:"Configuration of the mock, which may say where it is."`
	mockPlace `embed:""`
}

// healthTime is how long a mock may take to say that it is ready.
const healthTime = 5 * time.Second

// BeforeResolve completes the flags as those of the mock.
func (c *mockHealth) BeforeResolve(ctx *kong.Context, env environ) error {
	return mockSettings.configure(ctx, env)
}

// Run asks once.
func (c *mockHealth) Run(ctx context.Context, out io.Writer) error {
	address, err := c.address()
	if err != nil {
		return &exitError{usageError, err}
	}
	transport, err := c.transport()
	if err != nil {
		return &exitError{usageError, err}
	}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return &exitError{usageError, err}
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("the mock does not answer: %w", wrapped.Err)
	}
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the mock is not ready: status %d", resp.StatusCode)
	}
	_, err = fmt.Fprintln(out, "ok")
	return err
}

// address is that of the mock's health. A mock that listens everywhere is asked on
// the loopback interface.
func (c *mockHealth) address() (string, error) {
	if c.Socket != "" {
		return c.scheme() + "localhost" + admin.Path + "/health", nil
	}
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return c.scheme() + net.JoinHostPort(host, port) + admin.Path + "/health", nil
}

// transport reaches the mock, without a proxy.
func (c *mockHealth) transport() (*http.Transport, error) {
	t := &http.Transport{}
	if c.Socket != "" {
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", c.Socket)
		}
	}
	if !c.TLS {
		return t, nil
	}
	if c.TLSCA == "" {
		return nil, errors.New("--tls needs --tls-ca, the certificate to trust")
	}
	text, err := os.ReadFile(c.TLSCA)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", c.TLSCA)
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	return t, nil
}
