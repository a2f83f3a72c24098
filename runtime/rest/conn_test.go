package rest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
)

// listen serves a handler and returns a client of it, and the number of
// connections that were opened and are open.
func listen(t *testing.T, handler http.HandlerFunc, opts ...client.Option) (c *client.Client, opened, open *atomic.Int64) {
	t.Helper()
	opened, open = new(atomic.Int64), new(atomic.Int64)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			opened.Add(1)
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		default:
		}
	}
	server.Start()
	transport := &http.Transport{MaxIdleConnsPerHost: 200}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		if n := open.Load(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
	opts = append([]client.Option{client.WithBaseURL(server.URL), client.WithHTTPClient(&http.Client{Transport: transport}), client.WithToken(token)}, opts...)
	c, err := client.New(account, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c, opened, open
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	c, opened, _ := listen(t, func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) % 5 {
		case 0:
			http.Error(w, strings.Repeat("busy ", 10_000), http.StatusBadRequest)
		case 1:
			w.WriteHeader(http.StatusInternalServerError)
		case 2:
			_, _ = io.WriteString(w, "not JSON")
		case 3:
			w.WriteHeader(http.StatusNoContent)
		default:
			_, _ = io.WriteString(w, oneImage+strings.Repeat("\n", 3000))
		}
	}, client.WithRetries(0))
	for range 25 {
		_, _ = c.GetImage(t.Context(), "a")
		_, _ = c.EditImage(t.Context(), "a", api.ImageEdit{Creator: new("x")})
		_ = c.DeleteImage(t.Context(), "a")
	}
	if opened.Load() != 1 {
		t.Errorf("%d connections for 75 calls in a row", opened.Load())
	}
}

func TestOneClientManyGoroutines(t *testing.T) {
	t.Parallel()
	c, _, _ := listen(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		switch {
		case r.Method == http.MethodPost:
			n, err := io.Copy(io.Discard, r.Body)
			if err != nil {
				panic(err)
			}
			_, _ = io.WriteString(w, strings.Replace(oneImage, `"a"`, `"`+strconv.FormatInt(n/1000, 10)+`"`, 1))
		case id == "13":
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, noImage)
		default:
			_, _ = io.WriteString(w, strings.Replace(oneImage, `"a"`, `"`+id+`"`, 1))
		}
	})
	file := api.Bytes("a.png", bytes.Repeat([]byte("x"), 10_000))
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			for _, id := range []string{strconv.Itoa(i), "13"} {
				img, err := c.GetImage(t.Context(), id)
				if errors.Is(err, api.ErrImageNotFound) != (id == "13") || err == nil && img.ID != id {
					t.Errorf("%s: %+v, %v", id, img, err)
				}
			}
			if img, err := c.UploadImage(t.Context(), api.ImageUpload{File: file}); err != nil || img.ID != "10" {
				t.Errorf("upload: %+v, %v", img, err)
			}
		})
	}
	wg.Wait()
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		t.Errorf("a redirect is followed with %v", r.Header)
	}))
	t.Cleanup(evil.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		redirect := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, evil.URL+"/steal", status) }
		server := httptest.NewServer(http.HandlerFunc(redirect))
		t.Cleanup(server.Close)
		clients := map[string]*http.Client{
			"default": nil,
			"own":     {},
			"follows": {CheckRedirect: func(*http.Request, []*http.Request) error { return nil }},
		}
		for name, hc := range clients {
			c, err := client.New(account, client.WithBaseURL(server.URL), client.WithHTTPClient(hc), client.WithKey("me@example.com", "k3y"), client.WithToken(token))
			if err != nil {
				t.Fatal(err)
			}
			if e := get(t.Context(), t, c); e == nil || e.Status != status {
				t.Errorf("%s, %d: %v", name, status, e)
			}
			if _, err := c.UploadImage(t.Context(), api.ImageUpload{URL: "https://a.example/b"}); err == nil {
				t.Errorf("%s, %d: uploaded", name, status)
			}
			_, err = client.UploadTo(t.Context(), server.URL, api.Bytes("a", []byte("x")), client.WithHTTPClient(hc))
			if e := asError(t, err, "UploadTo"); e.Status != status {
				t.Errorf("%s, %d: %v", name, status, e)
			}
			if hc != nil && (hc.CheckRedirect == nil) != (name == "own") {
				t.Errorf("%s: the caller's client is changed", name)
			}
		}
	}
}

func TestCancelDuringAnAnswer(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"before the header", "in the body"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			c, _, _ := listen(t, func(w http.ResponseWriter, r *http.Request) {
				if path == "in the body" {
					_, _ = io.WriteString(w, `{"result":`)
					_ = http.NewResponseController(w).Flush()
				}
				cancel()
				<-r.Context().Done()
			})
			if e := get(ctx, t, c); !errors.Is(e, context.Canceled) {
				t.Errorf("got %v", e)
			}
		})
	}
}

func TestCancelDuringAStream(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, _, _ := listen(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = io.WriteString(w, "PNG")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	s, err := c.GetImageBlob(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := io.ReadFull(s, make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := s.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestHalfAStreamIsAnError(t *testing.T) {
	t.Parallel()
	c, _, _ := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "PNG")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	s, err := c.GetImageBlob(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if b, err := io.ReadAll(s); err == nil {
		t.Errorf("%q is whole", b)
	}
}
