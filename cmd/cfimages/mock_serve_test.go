package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/internal/webhook"
	"github.com/cfimages/cfimages/runtime/fault"
)

const dot = `<svg xmlns="http://www.w3.org/2000/svg"/>`

// overSocket reaches a unix socket, whatever address a request names.
func overSocket(path string) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
}

func clientOf(t *testing.T, url string, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New("my-account", append([]client.Option{client.WithBaseURL(url), client.WithToken("t"), client.WithRetries(0)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSocket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	_ = stale.Close()
	t.Run("served", func(t *testing.T) {
		url := startMock(t, "--socket", path)
		transport := overSocket(path)
		t.Cleanup(transport.CloseIdleConnections)
		c := clientOf(t, url, client.WithHTTPClient(&http.Client{Transport: transport}))
		if _, err := c.GetStats(t.Context()); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		var out buffer
		if code := run(t.Context(), []string{"mock", "--socket", path}, &out, &out); code != 1 || !strings.Contains(out.String(), "is in use") {
			t.Errorf("exit status %d: %s", code, out.String())
		}
		if code := run(t.Context(), []string{"mock", "health", "--socket", path}, &out, &out); code != 0 {
			t.Errorf("exit status %d: %s", code, out.String())
		}
	})
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out buffer
	if code := run(t.Context(), []string{"mock", "--socket", path}, &out, &out); code != 1 || !strings.Contains(out.String(), "no socket") {
		t.Errorf("exit status %d: %s", code, out.String())
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	url := startMock(t, "--tls", "--tls-ca", ca)
	text, err := os.ReadFile(ca)
	if err != nil || strings.Contains(string(text), "KEY") {
		t.Fatalf("%s, %v", text, err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	c := clientOf(t, url, client.WithHTTPClient(&http.Client{Transport: transport}))
	target, err := c.CreateDirectUpload(t.Context(), api.DirectUpload{})
	if err != nil || !strings.HasPrefix(target.UploadURL, "https://") {
		t.Errorf("%+v, %v", target, err)
	}
	if _, err := clientOf(t, url).GetStats(t.Context()); err == nil {
		t.Error("the certificate is trusted by whoever does not know it")
	}
	var out buffer
	addr := strings.TrimSuffix(strings.TrimPrefix(url, "https://"), "/client/v4")
	if code := run(t.Context(), []string{"mock", "health", "--addr", addr, "--tls", "--tls-ca", ca}, &out, &out); code != 0 {
		t.Errorf("exit status %d: %s", code, out.String())
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	addr := strings.TrimSuffix(strings.TrimPrefix(startMock(t), "http://"), "/client/v4")
	_, port, _ := net.SplitHostPort(addr)
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, tt := range map[string]struct {
		args []string
		code int
		says string
	}{
		"ready":        {[]string{"--addr", addr}, 0, "ok"},
		"everywhere":   {[]string{"--addr", "0.0.0.0:" + port}, 0, "ok"},
		"any host":     {[]string{"--addr", ":" + port}, 0, "ok"},
		"another":      {[]string{"--addr", strings.TrimPrefix(other.URL, "http://")}, 1, "status 404"},
		"nobody":       {[]string{"--addr", strings.TrimPrefix(closed.URL, "http://")}, 1, "does not answer"},
		"no address":   {[]string{"--addr", "here"}, 2, "missing port"},
		"no authority": {[]string{"--addr", addr, "--tls"}, 2, "--tls needs --tls-ca"},
		"no file":      {[]string{"--addr", addr, "--tls", "--tls-ca", "/nowhere"}, 2, "/nowhere"},
		"no PEM":       {[]string{"--addr", addr, "--tls", "--tls-ca", fileOf(t, "x")}, 2, "holds no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out buffer
			if code := run(t.Context(), append([]string{"mock", "health"}, tt.args...), &out, &out); code != tt.code || !strings.Contains(out.String(), tt.says) {
				t.Errorf("exit status %d: %s", code, out.String())
			}
		})
	}
}

// TestMockConfig gives the same flags in three ways, the nearer of which wins.
func TestMockConfig(t *testing.T) {
	t.Parallel()
	file := fileOf(t, "allowance: 7\nvariant-limit: 9\naccount: [one:first, my-account:t]\nflexible-variants: true\n")
	var out buffer
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int, 1)
	socket := filepath.Join(t.TempDir(), "s")
	go func() {
		env := environ{"CFIMAGES_MOCK_CONFIG=" + file, "CFIMAGES_MOCK_ALLOWANCE=8", "CFIMAGES_MOCK_SOCKET=/nowhere/s"}
		done <- runIn(ctx, env, []string{"mock", "--socket", socket}, &out, &out)
	}()
	for !strings.Contains(out.String(), "/client/v4") {
		select {
		case code := <-done:
			t.Fatalf("exit status %d: %s", code, out.String())
		default:
			time.Sleep(time.Millisecond)
		}
	}
	transport := overSocket(socket)
	c := clientOf(t, "http://localhost/client/v4", client.WithHTTPClient(&http.Client{Transport: transport}))
	stats, err := c.GetStats(t.Context())
	if err != nil || stats.Count.Allowed != 8 {
		t.Errorf("%+v, %v", stats, err)
	}
	if _, err := c.With(client.WithToken("second")).GetStats(t.Context()); !errors.Is(err, api.ErrUnauthenticated) {
		t.Errorf("another token: %v", err)
	}
	transport.CloseIdleConnections()
	stop()
	if code := <-done; code != 0 {
		t.Errorf("exit status %d: %s", code, out.String())
	}
}

// TestMockRefuses starts mocks with what cannot be meant.
func TestMockRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		env  environ
		args []string
		says string
	}{
		"unknown key":       {nil, []string{"--config", fileOf(t, "allowence: 1\n")}, `there is no flag "allowence"; did you mean allowance?`},
		"unknown variable":  {environ{"CFIMAGES_MOCK_SEEDFROM=x"}, nil, "did you mean CFIMAGES_MOCK_SEED_FROM?"},
		"CA without TLS":    {nil, []string{"--tls-ca", "x"}, "--tls-ca is for --tls"},
		"no seed":           {nil, []string{"--seed-from", "/nowhere"}, "/nowhere"},
		"wrong seed":        {nil, []string{"--seed-from", fileOf(t, `{"account":{}}`)}, "account: is an unknown field"},
		"no faults":         {nil, []string{"--fault", "/nowhere"}, "/nowhere"},
		"wrong fault":       {nil, []string{"--fault", fileOf(t, `{"kind":"wings"}`)}, "rule 1: fault rule: kind"},
		"wrong fault field": {nil, []string{"--fault", fileOf(t, `[{"kin":"wings"}]`)}, "fault rule"},
		"wrong webhook":     {nil, []string{"--webhook", "ftp://hidden"}, "not an absolute http or https URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out buffer
			code := runIn(t.Context(), tt.env, append([]string{"mock", "--addr", "127.0.0.1:0"}, tt.args...), &out, &out)
			if code != usageError || !strings.Contains(out.String(), tt.says) || strings.Contains(out.String(), "hidden") {
				t.Errorf("exit status %d: %s", code, out.String())
			}
		})
	}
}

// TestMockBegins starts with images, faults and a delay.
func TestMockBegins(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seeds := filepath.Join(dir, "seeds")
	if err := os.Mkdir(seeds, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(seeds, "dot.svg"), []byte(dot), 0o600); err != nil {
		t.Fatal(err)
	}
	faults := fileOf(t, `[{"kind":"error","error":"ImageNotFound","operation":"GetImage","nth":1}]`)
	args := []string{"--seed-from", seeds, "--data-dir", filepath.Join(dir, "data")}
	t.Run("first", func(t *testing.T) {
		c := clientOf(t, startMock(t, append(args, "--fault", faults, "--delay", "20ms")...))
		begin := time.Now()
		if _, err := c.GetImage(t.Context(), "dot.svg"); !errors.Is(err, api.ErrImageNotFound) {
			t.Errorf("the first call: %v", err)
		}
		if took := time.Since(begin); took < 20*time.Millisecond {
			t.Errorf("the answer took %s", took)
		}
		if _, err := c.GetImage(t.Context(), "dot.svg"); err != nil {
			t.Errorf("the second call: %v", err)
		}
	})
	t.Run("again", func(t *testing.T) {
		c := clientOf(t, startMock(t, args...))
		if stats, err := c.GetStats(t.Context()); err != nil || stats.Count.Current != 1 {
			t.Errorf("%+v, %v", stats, err)
		}
	})
}

// TestSwitches starts a mock with switches of the fake, each of which shows.
func TestSwitches(t *testing.T) {
	t.Parallel()
	for flag, refused := range map[string]func(c *client.Client) error{
		"--no-v1-list": func(c *client.Client) error {
			_, err := c.ListImagesV1(t.Context(), api.ListImagesV1Params{})
			return err
		},
		"--no-plan": func(c *client.Client) error {
			_, err := c.GetStats(t.Context())
			return err
		},
		"--public-delete-refused": func(c *client.Client) error { return c.DeleteVariant(t.Context(), "public") },
		"--last-key-refused": func(c *client.Client) error {
			_, err := c.DeleteSigningKey(t.Context(), "default")
			return err
		},
		"--window=1h": func(c *client.Client) error {
			if _, err := c.UploadImage(t.Context(), api.ImageUpload{ID: "x", File: api.Bytes("dot.svg", []byte(dot))}); err != nil {
				t.Error(err)
			}
			_, err := c.GetImage(t.Context(), "x")
			return err
		},
	} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			if err := refused(clientOf(t, startMock(t, flag))); err == nil {
				t.Error("the switch has no effect")
			}
			if err := refused(clientOf(t, startMock(t))); err != nil {
				t.Errorf("without it: %v", err)
			}
		})
	}
}

// TestWebhook uploads to a one-time URL, and is told twice, because of a fault.
func TestWebhook(t *testing.T) {
	t.Parallel()
	got := make(chan *http.Request, 9)
	bodies := make(chan []byte, 9)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- body
		got <- r
	}))
	t.Cleanup(receiver.Close)
	rule, err := json.Marshal(fault.Rule{Kind: "webhook-duplicated", First: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := clientOf(t, startMock(t, "--webhook", receiver.URL, "--webhook-secret", "s", "--fault", fileOf(t, string(rule))))
	target, err := c.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.UploadTo(t.Context(), target.UploadURL, api.Bytes("dot.svg", []byte(dot))); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		body, r := <-bodies, <-got
		if !bytes.Contains(body, []byte(`"id":"mine"`)) || r.Header.Get(webhook.AuthHeader) != "s" || r.Header.Get(webhook.IDHeader) != "webhook-1" {
			t.Errorf("%s %v", body, r.Header)
		}
	}
}
