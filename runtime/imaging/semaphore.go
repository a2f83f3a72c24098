package imaging

import (
	"context"
	"sync"
)

// semaphore hands out a number of units, first come, first served.
type semaphore struct {
	size int64

	mu    sync.Mutex
	free  int64
	queue []*waiter
}

type waiter struct {
	n     int64
	ready chan struct{}
}

func newSemaphore(size int64) *semaphore { return &semaphore{size: size, free: size} }

// share is n, or all there is when n is more.
func (s *semaphore) share(n int64) int64 { return min(n, s.size) }

// acquire waits for n units, at most as many as there are.
func (s *semaphore) acquire(ctx context.Context, n int64) error {
	s.mu.Lock()
	if len(s.queue) == 0 && s.free >= n {
		s.free -= n
		s.mu.Unlock()
		return nil
	}
	w := &waiter{n, make(chan struct{})}
	s.queue = append(s.queue, w)
	s.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		s.abandon(w)
		return ctx.Err()
	}
}

// abandon takes a waiter out of the queue, or gives back what it has got.
func (s *semaphore) abandon(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.queue {
		if other == w {
			s.queue = append(s.queue[:i], s.queue[i+1:]...)
			s.serve()
			return
		}
	}
	s.free += w.n
	s.serve()
}

func (s *semaphore) release(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free += n
	s.serve()
}

// serve lets those in whose turn it is. The lock is held.
func (s *semaphore) serve() {
	for len(s.queue) > 0 && s.queue[0].n <= s.free {
		s.free -= s.queue[0].n
		close(s.queue[0].ready)
		s.queue = s.queue[1:]
	}
}
