package rest_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
)

// refusing answers an upload before it has read it.
func refusing(t *testing.T) *client.Client {
	c, _, _ := listen(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadFull(r.Body, make([]byte, 100))
		w.WriteHeader(http.StatusUnsupportedMediaType)
		_, _ = io.WriteString(w, noImage)
	})
	return c
}

// TestBytesAreTheCallersAfterTheCall is a test of the race detector: net/http goes on
// reading the body after it has returned the answer.
func TestBytesAreTheCallersAfterTheCall(t *testing.T) {
	t.Parallel()
	c := refusing(t)
	buf := make([]byte, 9<<20)
	for range 10 {
		if _, err := c.UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("a.png", buf)}); err == nil {
			t.Fatal("no error")
		}
		for i := range buf {
			buf[i]++
		}
	}
}

// endless is a reader that counts, unlike the counters of the package without atomics.
type endless struct{ reads int }

func (r *endless) Read(p []byte) (int, error) {
	r.reads++
	return len(p), nil
}

func TestNothingIsReadNorToldAfterTheCall(t *testing.T) {
	t.Parallel()
	c := refusing(t)
	for range 10 {
		var r endless
		calls := 0
		f := api.Reader("a.png", &r).WithType("image/png").WithSize(9 << 20).WithProgress(func(int64, int64) { calls++ })
		if _, err := c.UploadImage(t.Context(), api.ImageUpload{File: f}); err == nil {
			t.Fatal("no error")
		}
		reads, told := r.reads, calls
		time.Sleep(5 * time.Millisecond) // for what should not come
		if r.reads != reads || calls != told {
			t.Errorf("%d reads and %d calls after the call had ended", r.reads-reads, calls-told)
		}
	}
}

// blocked is a reader that waits for a long time.
type blocked struct {
	begun func()
	until <-chan struct{}
}

func (r *blocked) Read([]byte) (int, error) {
	r.begun()
	<-r.until
	return 0, errors.New("late")
}

// TestAReaderThatBlocksDoesNotHoldTheAnswer: whoever is refused need not wait for
// what nobody will read.
func TestAReaderThatBlocksDoesNotHoldTheAnswer(t *testing.T) {
	t.Parallel()
	until, reading := make(chan struct{}), make(chan struct{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		<-reading
		_, _ = io.WriteString(conn, "HTTP/1.1 415 No\r\nContent-Length: 0\r\n\r\n")
		<-until
		_ = conn.Close()
	}()
	defer close(until)
	c, err := client.New(account, client.WithBaseURL("http://"+listener.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	r := &blocked{until: until, begun: sync.OnceFunc(func() { close(reading) })}
	done := make(chan error, 1)
	go func() {
		_, err := c.UploadImage(t.Context(), api.ImageUpload{File: api.Reader("a.png", r).WithType("image/png")})
		done <- err
	}()
	select {
	case err := <-done:
		if e := asError(t, err, "UploadImage"); e.Status != http.StatusUnsupportedMediaType {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the call waits for its reader")
	}
}
