package double_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/double"
)

// hosting is a client of a handler without a socket.
func hosting(handler http.HandlerFunc) *http.Client {
	h := double.NewHost(api.Contract)
	if handler != nil {
		h.Use(handler)
	}
	return h.HTTPClient()
}

func request(ctx context.Context, t *testing.T, method string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, "http://mock.invalid/client/v4/a%2Fb?c=d", body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// Each test runs in a bubble, which fails when a goroutine is left.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

func TestTransportPassesTheRequest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		type private struct{}
		c := hosting(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			fmt.Fprintln(w, r.Method, r.Host, r.URL.EscapedPath(), r.URL.RawQuery, r.RequestURI, r.Header.Get("X-A"), r.ContentLength, string(body), err)
			fmt.Fprint(w, r.Context().Value(private{}))
			_, limited := r.Context().Deadline()
			fmt.Fprint(w, limited)
		})
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), private{}, "seen"), time.Hour)
		defer cancel()
		tests := []struct {
			body   io.Reader
			length int64
		}{
			{nil, 0},
			{http.NoBody, 0},
			{strings.NewReader("abc"), 3},
			{io.MultiReader(strings.NewReader("abc")), -1},
		}
		for _, tt := range tests {
			req := request(ctx, t, http.MethodPost, tt.body)
			req.Header.Set("X-A", "1")
			resp, err := c.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			text := ""
			if tt.length != 0 {
				text = "abc"
			}
			want := fmt.Sprintf("POST mock.invalid /client/v4/a%%2Fb c=d /client/v4/a%%2Fb?c=d 1 %d %s <nil>\n<nil>false", tt.length, text)
			if err != nil || string(got) != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
		}
	})
}

func TestTransportAnswers(t *testing.T) {
	tests := []struct {
		name    string
		method  string
		handler http.HandlerFunc
		status  string
		body    string
		length  int64
		err     error
	}{
		{"nothing", "GET", func(http.ResponseWriter, *http.Request) {}, "200 OK", "", -1, nil},
		{"text", "GET", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "abc") }, "200 OK", "abc", -1, nil},
		{"status", "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); w.WriteHeader(200) }, "404 Not Found", "", -1, nil},
		{"information", "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }, "201 Created", "", -1, nil},
		{"length", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			_, _ = io.WriteString(w, "abc")
			w.Header().Set("Content-Length", "4")
		}, "200 OK", "abc", 3, nil},
		{"too little", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "4")
			_, _ = io.WriteString(w, "abc")
		}, "200 OK", "abc", 4, io.ErrUnexpectedEOF},
		{"too much", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			_, _ = io.WriteString(w, "abc")
			if _, err := io.WriteString(w, "d"); !errors.Is(err, http.ErrContentLength) {
				panic(err)
			}
		}, "200 OK", "abc", 3, nil},
		{"head", "HEAD", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			_, _ = io.WriteString(w, "abc")
		}, "200 OK", "", 3, nil},
		{"no content", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			_, _ = io.WriteString(w, "abc")
		}, "204 No Content", "", -1, nil},
		{"abort before", "GET", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "", "", 0, io.ErrUnexpectedEOF},
		{"abort midway", "GET", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "abc")
			panic(http.ErrAbortHandler)
		}, "200 OK", "abc", -1, io.ErrUnexpectedEOF},
		{"panic midway", "GET", func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			panic("x")
		}, "200 OK", "", -1, io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				resp, err := hosting(tt.handler).Do(request(t.Context(), t, tt.method, nil))
				if err != nil {
					if !errors.Is(err, tt.err) || tt.status != "" {
						t.Fatal(err)
					}
					return
				}
				defer func() { _ = resp.Body.Close() }()
				b, err := io.ReadAll(resp.Body)
				if resp.Status != tt.status || string(b) != tt.body || resp.ContentLength != tt.length || !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
					t.Errorf("%s, %d, %q, %v", resp.Status, resp.ContentLength, b, err)
				}
			})
		})
	}
}

func TestTransportStreamsBothWays(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := hosting(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_, _ = io.Copy(w, r.Body)
		})
		in, out := io.Pipe()
		resp, err := c.Do(request(t.Context(), t, http.MethodPost, in))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		got := make([]byte, 3)
		for _, text := range []string{"abc", "def"} {
			if _, err := io.WriteString(out, text); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != text {
				t.Fatalf("%q, %v", got, err)
			}
		}
		_ = out.Close()
		if b, err := io.ReadAll(resp.Body); len(b) != 0 || err != nil {
			t.Errorf("%q, %v", b, err)
		}
	})
}

func TestCancelEndsBothSides(t *testing.T) {
	stages := map[string]func(w http.ResponseWriter, r *http.Request){
		"while the handler waits": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"while the handler reads": func(_ http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadAll(r.Body); err == nil {
				panic("a body is whole")
			}
		},
		"while the handler writes": func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := io.WriteString(w, "x"); err != nil {
					return
				}
			}
		},
		"while the client reads": func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	}
	for stage, handler := range stages {
		t.Run(stage, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				in, out := io.Pipe()
				done := make(chan struct{})
				go func() {
					defer close(done)
					<-time.After(time.Second)
					cancel()
				}()
				resp, err := hosting(handler).Do(request(ctx, t, http.MethodPost, in))
				if err == nil {
					if stage == "while the handler writes" {
						<-done
					}
					_, err = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				<-done
				synctest.Wait()
				if _, err := io.WriteString(out, "x"); err == nil {
					t.Error("the client's body is still open")
				}
			})
		})
	}
}

func TestClosingAnAnswerEndsTheHandler(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var ended atomic.Bool
		c := hosting(func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			if _, err := io.WriteString(w, "x"); err == nil {
				t.Error("written to nobody")
			}
			ended.Store(true)
		})
		resp, err := c.Do(request(t.Context(), t, http.MethodGet, nil))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		synctest.Wait()
		if !ended.Load() {
			t.Error("the handler is still running")
		}
	})
}

func TestTransportWithoutHandler(t *testing.T) {
	bubble(t, func(t *testing.T) {
		resp, err := hosting(nil).Do(request(t.Context(), t, http.MethodGet, nil))
		if err != nil {
			t.Fatal(err)
		}
		if _ = resp.Body.Close(); resp.StatusCode != http.StatusNotFound {
			t.Errorf("got %s", resp.Status)
		}
	})
}

func TestMockOverBothWays(t *testing.T) {
	t.Parallel()
	picture := []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`)
	mocks := map[string]*mock.Mock{"in memory": mock.New(), "over a socket": mock.Start(t)}
	for name, m := range mocks {
		c := m.Client()
		up, err := c.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "a/b"})
		if err != nil || !strings.HasPrefix(up.UploadURL, strings.TrimSuffix(m.URL(), "/client/v4")+"/upload/") {
			t.Fatalf("%s: %+v, %v", name, up, err)
		}
		file := api.Bytes("a.svg", picture)
		if name == "in memory" { // nobody but its own client reaches it
			_, err = m.UploadTo(t.Context(), up.UploadURL, file)
		} else {
			_, err = client.UploadTo(t.Context(), up.UploadURL, file)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		blob, err := c.GetImageBlob(t.Context(), "a/b")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(blob)
		_ = blob.Close()
		if err != nil || !bytes.Equal(got, picture) || blob.ContentType != "image/svg+xml" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestStartEndsWithTheTest(t *testing.T) {
	t.Parallel()
	var test tb
	m := mock.Start(&test)
	c := m.Client(client.WithRetries(0))
	if _, err := c.GetStats(t.Context()); err != nil || test.failure != "" {
		t.Fatal(err, test.failure)
	}
	test.end()
	if _, err := c.GetStats(t.Context()); err == nil {
		t.Error("the mock still answers")
	}
	if test.log != "" {
		t.Errorf("a test that passes has the log %s", test.log)
	}
}

func TestHostAddresses(t *testing.T) {
	t.Parallel()
	h := double.NewHost(api.Contract)
	if h.Base() != "/client/v4" || h.URL() != "http://mock.invalid/client/v4" {
		t.Errorf("%s, %s", h.Base(), h.URL())
	}
	h.SetRoot("http://127.0.0.1:8787/")
	upload, delivery := h.URLs(t.Context())
	if h.Root() != "http://127.0.0.1:8787" || upload != "http://127.0.0.1:8787/upload" || delivery != h.Root() {
		t.Errorf("%s, %s, %s", h.Root(), upload, delivery)
	}
}

// TestURLsFollowTheRequest sends requests to addresses of all kinds: answers begin
// with the one that was asked, as long as it is one and nobody set another.
func TestURLsFollowTheRequest(t *testing.T) {
	t.Parallel()
	h := double.NewHost(api.Contract)
	upload := ""
	handler := h.Combine(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { upload, _ = h.URLs(r.Context()) }), nil)
	ask := func(host string, secure bool) string {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		r.Header.Set("X-Forwarded-Host", "forwarded.example")
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("Forwarded", "host=forwarded.example;proto=https")
		if secure {
			r.TLS = &tls.ConnectionState{}
		}
		handler.ServeHTTP(httptest.NewRecorder(), r)
		return upload
	}
	for host, want := range map[string]string{
		"localhost:8787": "http://localhost:8787/upload", "images.test": "http://images.test/upload", "[::1]:80": "http://[::1]:80/upload",
		"": "http://mock.invalid/upload", "a/b": "http://mock.invalid/upload", "me@a": "http://mock.invalid/upload",
		"a?b": "http://mock.invalid/upload", "a b": "http://mock.invalid/upload", "a:x": "http://mock.invalid/upload", "%zz": "http://mock.invalid/upload",
		`a"><script>`: "http://mock.invalid/upload", "[::1": "http://mock.invalid/upload",
	} {
		if got := ask(host, false); got != want {
			t.Errorf("asked as %q: %s, want %s", host, got, want)
		}
	}
	if got := ask("images.test", true); got != "https://images.test/upload" {
		t.Errorf("asked by TLS: %s", got)
	}
	h.SetRoot("https://outside.example/mock/")
	if got := ask("images.test", false); got != "https://outside.example/mock/upload" {
		t.Errorf("with an address of its own: %s", got)
	}
}

func TestCombine(t *testing.T) {
	t.Parallel()
	h := double.NewHost(api.Contract)
	says := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	}
	for _, tt := range []struct {
		path   string
		upload http.Handler
		want   string
	}{
		{"/upload/h/a%2Fb", says("upload"), "upload"},
		{"/upload", says("upload"), "api"},
		{"/uploads/x", says("upload"), "api"},
		{"/client/v4//x/../upload/y", says("upload"), "api"},
		{"/upload/h/a", nil, "api"},
	} {
		h.Use(h.Combine(says("api"), tt.upload))
		req := request(t.Context(), t, http.MethodGet, nil)
		req.URL.Path, req.URL.RawPath = strings.ReplaceAll(tt.path, "%2F", "/"), tt.path
		resp, err := h.HTTPClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); err != nil || string(b) != tt.want {
			t.Errorf("%s: %q, %v", tt.path, b, err)
		}
		_ = resp.Body.Close()
	}
}
