//go:build linux || darwin

package soak

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/mock"
)

// head begins a request.
const head = " HTTP/1.1\r\nHost: soak\r\nAuthorization: Bearer t\r\n"

// formHead begins an upload, up to the content of the file.
const formHead = "POST /accounts/acc/images/v1" + head + formRest

const formRest = "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: 9999999\r\n\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\na\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"

// dial connects until the test ends.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// get asks for an image on a connection of its own, and checks that there is an
// answer.
func get(t *testing.T, address string) {
	t.Helper()
	conn := dial(t, address)
	defer func() { _ = conn.Close() }()
	if err := ask(conn); err != nil {
		t.Error(err)
	}
}

// ask sends a request that is right, though there is no such image or no such
// operation, and reads its answer.
func ask(conn net.Conn) error {
	if _, err := io.WriteString(conn, "GET /accounts/acc/images/v1/none"+head+"\r\n"); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.Header.Get("Content-Type") != "application/json" {
		return fmt.Errorf("answered %s %q", resp.Status, body)
	}
	return nil
}

// slowness is a way to keep a connection busy: what is sent at once, and then a
// byte at a time.
var slowness = map[string]string{
	"head":         "GET /client/v4/accounts/acc/images/v1/none" + head + "X-Slow: ",
	"form":         "POST /client/v4/accounts/acc/images/v1" + head + formRest,
	"JSON":         "POST /client/v4/accounts/acc/images/v1/variants" + head + "Content-Type: application/json\r\nContent-Length: 999999\r\n\r\n{\"id\":\"",
	"upload URL":   "POST /upload/h/none" + head + formRest,
	"without auth": "POST /client/v4/accounts/acc/images/v1 HTTP/1.1\r\nHost: soak\r\n" + formRest,
	"GET":          "GET /client/v4/accounts/acc/images/v1/none" + head + "Content-Length: 9999999\r\n\r\n",
}

// quick are those whose end does not come from the limits of a server but from
// those of the handler, which are 10 seconds whatever the server's.
var quick = map[string]bool{"upload URL": true, "without auth": true, "GET": true}

// TestSlow keeps connections busy with a byte at a time. Others are answered
// meanwhile, and after the time limits of the server all of them are cut off.
func TestSlow(t *testing.T) {
	address := start(t, mock.New().Handler(), func(s *http.Server) {
		if !long() {
			s.ReadHeaderTimeout, s.ReadTimeout = time.Second, 3*time.Second/2
		}
	})
	var all sync.WaitGroup
	n, tick := scale(200, 50), time.Duration(scale(1000, 50))*time.Millisecond
	conns, i := make([]net.Conn, 0, n), 0
	for len(conns) < n {
		for name, text := range slowness {
			if quick[name] && !long() {
				continue
			}
			conn := dial(t, address)
			send(t, conn, text)
			conns = append(conns, conn)
			all.Go(func() { trickle(conn, tick) })
		}
		if i++; i%4 == 0 {
			get(t, address)
		}
	}
	for range 20 {
		get(t, address)
	}
	begin := time.Now()
	for _, conn := range conns {
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("a connection is still open that sends a byte at a time")
		}
	}
	all.Wait()
	t.Logf("%d slow connections, the last cut off after %v", len(conns), time.Since(begin).Round(time.Second/10))
	get(t, address)
}

// trickle sends a byte at a time for as long as the connection lasts.
func trickle(conn net.Conn, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for range tick.C {
		if _, err := conn.Write([]byte("x")); err != nil {
			return
		}
	}
}
