package rest

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// sending opens the bodies of one attempt. net/http may go on reading them after it
// has returned an answer, when the caller may use the bytes for something else
// already; end ends that.
type sending struct {
	mu     sync.Mutex
	bodies []*sent
	ended  bool
}

func (s *sending) open(b *body) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, os.ErrClosed
	}
	r, err := b.GetBody()
	if err != nil {
		return nil, err
	}
	opened := &sent{ReadCloser: r, left: b.Length}
	s.bodies = append(s.bodies, opened)
	return opened, nil
}

// end closes the bodies. When it returns, nobody reads them, unless a reader of the
// caller's blocks.
func (s *sending) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, b := range s.bodies {
		b.end()
	}
}

// sent is a body that is read until the call ends.
type sent struct {
	io.ReadCloser
	ended   atomic.Bool
	reading sync.Mutex
	left    int64 // bytes; negative when not known
}

// Read fails once the call has ended, but for the end itself: net/http reads on to
// find it, and keeps the connection.
func (b *sent) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	if b.ended.Load() {
		if b.left == 0 {
			return 0, io.EOF
		}
		return 0, os.ErrClosed
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}

// patience is how long the end of a call waits for a reader that blocks. Memory and
// files do not.
const patience = 100 * time.Millisecond

func (b *sent) end() {
	b.ended.Store(true)
	_ = b.Close()
	if b.reading.TryLock() {
		b.reading.Unlock()
		return
	}
	idle := make(chan struct{})
	go func() {
		b.reading.Lock()
		defer b.reading.Unlock()
		close(idle)
	}()
	select {
	case <-idle:
	case <-time.After(patience):
	}
}
