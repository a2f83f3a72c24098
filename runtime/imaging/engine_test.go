package imaging

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"io"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// fileOf is a file in memory that counts how often it is opened.
func fileOf(data []byte, opened *atomic.Int64) File {
	return File{Sum: sha256.Sum256(data), Open: func() (io.ReadCloser, error) {
		opened.Add(1)
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
}

func TestEngineRemembers(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	e := NewEngine(Limits{})
	a, b := fileOf(sample(t, "video-001.png"), &opened), fileOf(sample(t, "video-001.jpeg"), &opened)
	for i, c := range []struct {
		file  File
		o     Options
		known bool
		opens int64
	}{
		{a, Options{Width: 10}, false, 1},
		{a, Options{Width: 10}, true, 1},
		{a, Options{Width: 11}, false, 2},
		{b, Options{Width: 10}, false, 3},
		{a, Options{Width: 10}, true, 3},
	} {
		r, known, err := e.Transform(t.Context(), c.file, c.o)
		if err != nil || known != c.known || opened.Load() != c.opens || r.Width != c.o.Width {
			t.Errorf("%d: known %t, opened %d times, %v", i, known, opened.Load(), err)
		}
	}
}

// TestEngineForgets keeps no more than it may, and drops what was not used for
// the longest time.
func TestEngineForgets(t *testing.T) {
	t.Parallel()
	c := newCache(3 * (overhead + 1000))
	req := func(i byte) request { return request{sum: [32]byte{i}} }
	for i := range byte(3) {
		c.add(req(i), Result{Data: make([]byte, 1000)})
	}
	c.get(req(0))
	c.add(req(3), Result{Data: make([]byte, 900)})
	c.add(req(4), Result{Data: make([]byte, 6000)})
	for i, want := range []bool{true, false, true, true, false} {
		if _, got := c.get(req(byte(i))); got != want {
			t.Errorf("%d is there: %t", i, got)
		}
	}
	if c.free != 100 || c.order.Len() != 3 {
		t.Errorf("%d bytes are free beside %d results", c.free, c.order.Len())
	}
}

// TestEngineSharesWork asks for the same many times at once.
func TestEngineSharesWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var opened atomic.Int64
		file := fileOf(movie(t), &opened)
		open, gate := file.Open, make(chan struct{})
		file.Open = func() (io.ReadCloser, error) { <-gate; return open() }
		e := NewEngine(Limits{})
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if r, _, err := e.Transform(t.Context(), file, Options{Width: 10}); err != nil || r.Width != 10 {
					t.Errorf("%+v, %v", r, err)
				}
			})
		}
		synctest.Wait()
		close(gate)
		all.Wait()
		if n := opened.Load(); n != 1 {
			t.Errorf("opened %d times", n)
		}
	})
}

// TestEngineStops drops work nobody waits for, and goes on for those who do.
func TestEngineStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var opened atomic.Int64
		gate := make(chan struct{})
		busy := fileOf([]byte("busy"), &opened)
		busy.Open = func() (io.ReadCloser, error) { <-gate; return nil, io.ErrUnexpectedEOF }
		e := NewEngine(Limits{Workers: 1})
		failed := make(chan error, 4)
		ask := func(ctx context.Context, f File, width int) {
			go func() { _, _, err := e.Transform(ctx, f, Options{Width: width}); failed <- err }()
			synctest.Wait()
		}
		ask(t.Context(), busy, 1)
		file := fileOf(movie(t), &opened)
		gone, leave := context.WithCancel(t.Context())
		ask(gone, file, 1)
		ask(gone, file, 2)
		ask(t.Context(), file, 2)
		leave()
		for range 2 {
			if err := <-failed; !errors.Is(err, context.Canceled) {
				t.Errorf("of one who left: %v", err)
			}
		}
		close(gate)
		// Whose answer is told first is left to the scheduler.
		one, other := <-failed, <-failed
		if one == nil {
			one, other = other, one
		}
		if !errors.Is(one, io.ErrUnexpectedEOF) {
			t.Errorf("of a file that cannot be opened: %v", one)
		}
		if other != nil || opened.Load() != 1 {
			t.Errorf("of one who stayed: %v, opened %d times", other, opened.Load())
		}
		if _, _, err := e.Transform(gone, file, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("of one who came too late: %v", err)
		}
	})
}

// broken panics when it is read.
type broken struct{}

func (broken) Read([]byte) (int, error) { panic("decoder") }
func (broken) Close() error             { return nil }

func TestEngineSurvives(t *testing.T) {
	t.Parallel()
	e := NewEngine(Limits{Workers: 1})
	for _, c := range []struct {
		open func() (io.ReadCloser, error)
		want error
	}{
		{func() (io.ReadCloser, error) { return broken{}, nil }, ErrDamaged},
		{func() (io.ReadCloser, error) { return io.NopCloser(endless{}), nil }, ErrTooLarge},
		{func() (io.ReadCloser, error) { return nil, io.ErrNoProgress }, io.ErrNoProgress},
	} {
		for range 2 { // a failure is not remembered, and blocks nobody
			if _, known, err := e.Transform(t.Context(), File{Open: c.open}, Options{}); known || !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestSemaphore never hands out more than there is, in the order of asking.
func TestSemaphore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSemaphore(10)
		var order []int64
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, n := range []int64{6, 5, 4, 10, 1} {
			all.Go(func() {
				if err := s.acquire(t.Context(), n); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, n)
				mu.Unlock()
			})
			synctest.Wait()
		}
		gone, leave := context.WithCancel(t.Context())
		all.Go(func() {
			if err := s.acquire(gone, 3); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		synctest.Wait()
		leave()
		for _, n := range []int64{6, 9, 10} { // 5 and 4 go in, then 10, then 1
			s.release(n)
			synctest.Wait()
		}
		all.Wait()
		if want := []int64{6, 5, 4, 10, 1}; len(order) != len(want) || order[3] != 10 || order[4] != 1 || s.free != 9 || len(s.queue) != 0 {
			t.Errorf("%v, %d are free", order, s.free)
		}
		if s.share(11) != 10 || s.share(3) != 3 {
			t.Error("a share is more than there is, or less than was asked for")
		}
	})
}

// TestEngineIsBounded asks for 64 sizes of a picture at once, and looks at the
// memory that is in use whenever one is done. It does not run beside other tests.
func TestEngineIsBounded(t *testing.T) {
	file := jpegOf(t, image.NewRGBA(image.Rect(0, 0, 1000, 750)), 85)
	const limit = 12 << 20 // without it there were 27 MB and more
	e := NewEngine(Limits{Workers: 64, Memory: limit, Cache: 1 << 20})
	before := inUse()
	most := before
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			if _, _, err := e.Transform(t.Context(), fileOf(file, new(atomic.Int64)), Options{Width: 300 + i}); err != nil {
				t.Error(err)
			}
			mu.Lock() // the others go on
			defer mu.Unlock()
			most = max(most, inUse())
		})
	}
	all.Wait()
	most -= before
	t.Logf("64 at once of 1000 x 750 pixels: %d MB of %d", most>>20, limit>>20)
	// Each has its file in hand while it waits for its turn.
	if allowed := uint64(limit + 64*2*len(file) + 2<<20); most > allowed {
		t.Errorf("%d bytes are in use, %d are allowed", most, allowed)
	}
}

// inUse is how many bytes are reachable.
func inUse() uint64 {
	runtime.GC()
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
