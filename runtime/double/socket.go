package double

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// patience is how long the end of a mock waits for calls that are running.
const patience = 10 * time.Second

// socket serves a host over HTTP.
type socket struct {
	server    *http.Server
	transport *http.Transport // of the host's own clients
	ended     chan struct{}   // closed when no connection is accepted any more
	conns     sync.WaitGroup
}

// Start serves the host on a free port of the loopback interface until it is
// closed, at the latest by the end of the test. The test fails when a call still
// runs some seconds after that.
func (h *Host) Start(tb TB) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("mock: %v", err)
		return
	}
	s := &socket{transport: &http.Transport{}, ended: make(chan struct{})}
	s.server = &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ConnState: s.track}
	h.listenAt("http://" + l.Addr().String())
	h.mu.Lock()
	h.client, h.socket = &http.Client{Transport: s.transport}, s
	h.mu.Unlock()
	go func() {
		defer close(s.ended)
		_ = s.server.Serve(l)
	}()
	tb.Cleanup(func() {
		if !h.Close() {
			tb.Errorf("mock: a call is still running %v after the end of the mock", patience)
		}
	})
}

// track counts the connections that have a goroutine.
func (s *socket) track(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.conns.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.conns.Done()
	}
}

// close cuts all connections and waits until their goroutines have ended.
func (s *socket) close() {
	if s == nil {
		return
	}
	s.transport.CloseIdleConnections()
	_ = s.server.Close()
	<-s.ended
	s.conns.Wait()
}
