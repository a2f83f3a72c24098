package rest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
)

// wire is a network with one server on it, whose connections each follow a script;
// the last one repeats. It lives in a bubble, which ends only when every goroutine
// of client, transport and server has: a leak is a deadlock there, and fails.
type wire struct {
	scripts []func(*conn)

	mu      sync.Mutex
	dialed  int
	servers sync.WaitGroup
}

// conn is the server's end of a connection.
type conn struct {
	net.Conn
	r *bufio.Reader
}

// request reads a request with its whole body.
func (c *conn) request() *http.Request {
	r := c.header()
	if r != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return r
}

// header reads a request up to its body.
func (c *conn) header() *http.Request {
	r, err := http.ReadRequest(c.r)
	if err != nil {
		return nil
	}
	return r
}

func (c *conn) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c, strings.ReplaceAll(format, "\n", "\r\n"), args...)
}

// answer says a whole answer.
func (c *conn) answer(status int, body string, header ...string) {
	c.say("HTTP/1.1 %d Some\nContent-Length: %d\n%s\n", status, len(body), strings.Join(append(header, ""), "\n"))
	_, _ = io.WriteString(c, body)
}

func (w *wire) dial(context.Context, string, string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	script := w.scripts[min(w.dialed, len(w.scripts)-1)]
	w.dialed++
	if script == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	ours, theirs := net.Pipe()
	w.servers.Go(func() {
		defer func() { _ = theirs.Close() }()
		script(&conn{theirs, bufio.NewReader(theirs)})
	})
	return ours, nil
}

// plug returns a client on the wire.
func plug(t *testing.T, w *wire, opts ...client.Option) *client.Client {
	t.Helper()
	transport := &http.Transport{DialContext: w.dial, MaxResponseHeaderBytes: 10 << 10}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		w.servers.Wait() // every connection must have been closed
	})
	opts = append([]client.Option{
		client.WithToken(token), client.WithBaseURL("http://api.example/v4"), client.WithHTTPClient(&http.Client{Transport: transport}), client.WithMaxWait(0),
	}, opts...)
	c, err := client.New(account, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// serveImage answers every request of its connection with one image.
func serveImage(c *conn) {
	for c.request() != nil {
		c.answer(200, oneImage)
	}
}

// faults are what may happen to a connection, stage by stage.
var faults = map[string]func(*conn){
	"refused":                       nil,
	"reset at once":                 func(*conn) {},
	"reset within the request":      func(c *conn) { _, _ = c.r.ReadByte() },
	"reset after the request":       func(c *conn) { c.request() },
	"reset within the status line":  func(c *conn) { c.request(); c.say("HTTP/1.1 20") },
	"reset within the header":       func(c *conn) { c.request(); c.say("HTTP/1.1 200 OK\nContent-Le") },
	"reset after the header":        func(c *conn) { c.request(); c.say("HTTP/1.1 200 OK\nContent-Length: 100\n\n") },
	"half a body":                   func(c *conn) { c.request(); c.say("HTTP/1.1 200 OK\nContent-Length: 100\n\n{\"result\":{") },
	"half a chunk":                  func(c *conn) { c.request(); c.say("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n20\n{\"re") },
	"chunks without an end":         func(c *conn) { c.request(); c.say("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\n{\n") },
	"another protocol":              func(c *conn) { c.request(); c.say("SSH-2.0-OpenSSH_9.6\n") },
	"header without an end":         func(c *conn) { c.request(); c.say("HTTP/1.1 200 OK\nX: %s", strings.Repeat("x", 1<<20)) },
	"two lengths":                   func(c *conn) { c.request(); c.say("HTTP/1.1 200 OK\nContent-Length: 1\nContent-Length: 2\n\n{}") },
	"header that never comes":       func(c *conn) { c.request(); _, _ = c.r.ReadByte() },
	"body that never comes":         func(c *conn) { c.request(); c.say("HTTP/1.1 200 OK\nContent-Length: 9\n\n"); _, _ = c.r.ReadByte() },
	"header, a byte in ten seconds": func(c *conn) { c.request(); c.drip("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") },
}

// drip says a text slowly.
func (c *conn) drip(text string) {
	for i := range len(text) {
		time.Sleep(10 * time.Second)
		if _, err := c.Write([]byte{text[i]}); err != nil {
			return
		}
	}
}

// TestFaults lets every fault happen once, to a client that tries again, and for
// good.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &wire{scripts: []func(*conn){fault, serveImage}}
				if e := get(t.Context(), t, plug(t, w, client.WithAttemptTimeout(time.Minute))); e != nil || w.dialed != 2 {
					t.Errorf("once: %d connections, %v", w.dialed, e)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				w := &wire{scripts: []func(*conn){fault}}
				start := time.Now()
				e := get(t.Context(), t, plug(t, w, client.WithAttemptTimeout(time.Minute)))
				if e == nil || e.Err == nil || w.dialed != 3 || time.Since(start) > 3*time.Minute {
					t.Errorf("for good: %d connections in %s, %v", w.dialed, time.Since(start), e)
				}
			})
		})
	}
}

// TestFaultsOfAnUpload: it may have arrived, so it is sent once, whatever happens.
func TestFaultsOfAnUpload(t *testing.T) {
	t.Parallel()
	content := []byte(strings.Repeat("\x89PNG", 100_000))
	more := map[string]func(*conn){
		"reset within the upload": func(c *conn) { _, _ = io.CopyN(io.Discard, c.header().Body, 1000) },
		"answer within the upload": func(c *conn) {
			_, _ = io.CopyN(io.Discard, c.header().Body, 1000)
			c.answer(413, "ERROR 5413: Maximum image size of 10 Mb is reached", "Connection: close")
		},
	}
	for _, list := range []map[string]func(*conn){faults, more} {
		for name, fault := range list {
			for _, file := range []*api.File{api.Bytes("a.png", content), api.Reader("a.png", io.MultiReader(strings.NewReader(string(content))))} {
				t.Run(fmt.Sprint(name, file.Size()), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						w := &wire{scripts: []func(*conn){fault, serveImage}}
						_, err := plug(t, w, client.WithAttemptTimeout(time.Minute), client.WithRetries(5)).UploadImage(t.Context(), api.ImageUpload{File: file})
						if err == nil {
							t.Fatal("no error")
						}
						if e := asError(t, err, "UploadImage"); w.dialed != 1 {
							t.Errorf("%d connections, %v", w.dialed, e)
						}
					})
				})
			}
		}
	}
}

// TestAnswerWithinAnUpload is seen even though the upload could not be finished.
func TestAnswerWithinAnUpload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		early := func(c *conn) {
			body := c.header().Body
			_, _ = io.CopyN(io.Discard, body, 1000)
			c.answer(413, "ERROR 5413: Maximum image size of 10 Mb is reached")
			_, _ = io.Copy(io.Discard, body)
		}
		file := api.Bytes("a.png", []byte(strings.Repeat("\x89PNG", 100_000)))
		_, err := plug(t, &wire{scripts: []func(*conn){early}}).UploadImage(t.Context(), api.ImageUpload{File: file})
		if e := asError(t, err, "UploadImage"); !errors.Is(e, api.ErrImageTooLarge) || e.Status != 413 {
			t.Errorf("got %v", e)
		}
	})
}

// TestFaultsOfADownload: what comes before the first byte is tried again, what
// comes after it is the reader's.
func TestFaultsOfADownload(t *testing.T) {
	t.Parallel()
	whole := func(c *conn) {
		for c.request() != nil {
			c.answer(200, "0123456789", "Content-Type: image/png")
		}
	}
	half := func(c *conn) {
		c.request()
		c.say("HTTP/1.1 200 OK\nContent-Type: image/png\nContent-Length: 10\n\n01234")
	}
	synctest.Test(t, func(t *testing.T) {
		w := &wire{scripts: []func(*conn){faults["reset within the header"], faults["header that never comes"], whole}}
		s, err := plug(t, w, client.WithAttemptTimeout(time.Minute)).GetImageBlob(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(s); string(b) != "0123456789" || err != nil || s.Close() != nil || w.dialed != 3 {
			t.Errorf("%q, %v, %d connections", b, err, w.dialed)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := &wire{scripts: []func(*conn){half, whole}}
		s, err := plug(t, w).GetImageBlob(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(s); string(b) != "01234" || !errors.Is(err, io.ErrUnexpectedEOF) || w.dialed != 1 {
			t.Errorf("%q, %v, %d connections", b, err, w.dialed)
		}
		_ = s.Close()
	})
	synctest.Test(t, func(t *testing.T) { // a stream that is not read to its end
		s, err := plug(t, &wire{scripts: []func(*conn){whole}}).GetImageBlob(t.Context(), "a")
		if err != nil || s.Close() != nil {
			t.Fatal(err)
		}
	})
}

// TestContextEndsAtEveryStage frees everything at once.
func TestContextEndsAtEveryStage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"header that never comes", "body that never comes", "header, a byte in ten seconds"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				defer cancel()
				w := &wire{scripts: []func(*conn){faults[name]}}
				start := time.Now()
				e := get(ctx, t, plug(t, w))
				if !errors.Is(e, context.DeadlineExceeded) || time.Since(start) != 15*time.Second || w.dialed != 1 {
					t.Errorf("%d connections in %s, %v", w.dialed, time.Since(start), e)
				}
			})
		})
	}
}

// TestRetryAfterOfADay ends the retries instead of the day.
func TestRetryAfterOfADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{scripts: []func(*conn){func(c *conn) {
			for c.request() != nil {
				c.answer(429, "", "Retry-After: 86400")
			}
		}}}
		start := time.Now()
		e := get(t.Context(), t, plug(t, w, client.WithMaxWait(time.Minute)))
		if e == nil || e.Status != 429 || e.RetryAfter != 24*time.Hour || time.Since(start) != 0 {
			t.Errorf("after %s: %v", time.Since(start), e)
		}
	})
}

// TestEveryStatus answers each status with each kind of body: none of them is a
// success without an envelope that says so.
func TestEveryStatus(t *testing.T) {
	t.Parallel()
	bodies := []string{"", "<html>", "ERROR 5404: gone", noImage, `{"success":false}`, oneImage[:20], "null"}
	synctest.Test(t, func(t *testing.T) {
		var status int
		var body string
		w := &wire{scripts: []func(*conn){func(c *conn) {
			for c.request() != nil {
				if status == 204 || status == 304 {
					c.say("HTTP/1.1 %d Some\n\n", status)
				} else {
					c.answer(status, body)
				}
			}
		}}}
		c := plug(t, w, client.WithRetries(0))
		for status = 200; status < 600; status++ {
			for _, body = range bodies {
				e := get(t.Context(), t, c)
				if e == nil || e.Status != status {
					t.Errorf("%d with %q: %v", status, body, e)
				}
				s, err := c.GetImageBlob(t.Context(), "a")
				if err == nil && s.Close() == nil && (status/100 != 2 || body == noImage) {
					t.Fatalf("%d with %q is an image", status, body)
				}
				if status == 204 || status == 304 {
					break
				}
			}
		}
		if w.dialed > 20 {
			t.Errorf("%d connections", w.dialed)
		}
	})
}

// TestInformationalAnswers are not the answer.
func TestInformationalAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{scripts: []func(*conn){func(c *conn) {
			c.request()
			c.say("HTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/1.1 102 Processing\n\n")
			c.answer(200, oneImage)
			_, _ = c.r.ReadByte()
		}}}
		if e := get(t.Context(), t, plug(t, w)); e != nil || w.dialed != 1 {
			t.Errorf("%d connections, %v", w.dialed, e)
		}
	})
}

// TestUploadURLInPieces: whoever knows the path knows the host.
func TestUploadURLInPieces(t *testing.T) {
	t.Parallel()
	const hash, id = "kT7vQ2mXw9RfLs0ZpB4cNg", "8e21b6d0-3f97-4c05-62aa-d1940c7b3e00"
	for _, told := range []string{hash + "/" + id, id, "/" + hash + "/" + id} {
		s := &script{steps: []step{answer(400, "ERROR 5404: no draft "+told+" on host")}}
		_, err := client.UploadTo(t.Context(), "https://upload.example/"+hash+"/"+id, api.Bytes("a.png", []byte("x")),
			client.WithHTTPClient(&http.Client{Transport: s}))
		if err == nil || strings.Contains(err.Error(), id) || strings.Contains(err.Error(), hash) || !strings.Contains(err.Error(), "no draft") {
			t.Errorf("%v", err)
		}
	}
}

func TestOptionsOfOneUploadFailAsCallsDo(t *testing.T) {
	t.Parallel()
	_, err := client.UploadTo(t.Context(), "https://upload.example/a", api.Bytes("a.png", nil), client.WithToken(""), nil)
	if e := asError(t, err, "UploadTo"); e.Status != 0 {
		t.Error(err)
	}
}

func TestCanceledForAReason(t *testing.T) {
	t.Parallel()
	reason := errors.New("the user left")
	ctx, cancel := context.WithCancelCause(t.Context())
	c, _, _ := listen(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel(reason)
		<-r.Context().Done()
	})
	if _, err := c.GetImage(ctx, "a"); !errors.Is(err, reason) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
