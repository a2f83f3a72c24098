package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/cfimages/cfimages/internal/localcert"
	"github.com/cfimages/cfimages/internal/standalone"
)

// mockPlace says where a mock is.
type mockPlace struct {
	Addr   string `default:"127.0.0.1:8787" help:"Address to listen on; port 0 picks a free one."`
	Socket string `placeholder:"PATH" help:"Listen on a unix socket, which only this user may open, instead of --addr."`
	TLS    bool   `name:"tls" help:"Speak TLS, with a certificate for localhost, 127.0.0.1 and ::1 that is made at the start and valid for a day."`
	TLSCA  string `name:"tls-ca" placeholder:"FILE" help:"File for the certificate, in PEM, that clients must trust for --tls. No key is ever written."`
}

func (p *mockPlace) scheme() string {
	if p.TLS {
		return "https://"
	}
	return "http://"
}

// curlFlags are what curl needs to reach the mock.
func (p *mockPlace) curlFlags() string {
	more := ""
	if p.Socket != "" {
		more += " --unix-socket " + quoted(p.Socket)
	}
	if p.TLSCA != "" {
		more += " --cacert " + quoted(p.TLSCA)
	}
	return more
}

// quoted is a text as a shell reads it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// listen opens the address or the socket.
func (p *mockPlace) listen(ctx context.Context) (net.Listener, error) {
	if p.TLSCA != "" && !p.TLS {
		return nil, &exitError{usageError, errors.New("--tls-ca is for --tls")}
	}
	if p.Socket == "" {
		return new(net.ListenConfig).Listen(ctx, "tcp", p.Addr)
	}
	if err := removeStale(ctx, p.Socket); err != nil {
		return nil, err
	}
	c := net.ListenConfig{Control: ownerOnly}
	l, err := c.Listen(ctx, "unix", p.Socket)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(p.Socket, 0o600); err != nil { // where ownerOnly has no effect
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// removeStale removes a socket on which nobody listens.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s is there already, and no socket", path)
	}
	c, err := new(net.Dialer).DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		return errors.Join(fmt.Errorf("%s is in use: somebody listens on it", path), c.Close())
	case !errors.Is(err, syscall.ECONNREFUSED):
		return err
	default:
		return os.Remove(path)
	}
}

// server is the server for a service. It writes the certificate to trust.
func (p *mockPlace) server(service *standalone.Service) (*http.Server, error) {
	s := plainServer(service)
	if !p.TLS {
		return s, nil
	}
	cert, ca, err := localcert.New(time.Now())
	if err != nil {
		return nil, err
	}
	s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
	if p.TLSCA == "" {
		return s, nil
	}
	return s, os.WriteFile(p.TLSCA, ca, 0o644) //nolint:gosec // everybody may read a certificate
}
