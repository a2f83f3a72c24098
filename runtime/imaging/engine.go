package imaging

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// MaxFile limits an image file, in bytes. [documented] That 10 MB are 10 MiB is
// [assumed].
const MaxFile = 10 << 20

// Limits bound what an [Engine] takes. A value of 0 is the default.
type Limits struct {
	// Workers is how many images are worked on at the same time: as many as there
	// are processors.
	Workers int
	// Memory is what all of them take together, in bytes: 512 MiB. An image that
	// needs more waits until it is alone.
	Memory int64
	// Cache is how much of the results is kept, in bytes: 64 MiB.
	Cache int64
}

// File is an image file.
type File struct {
	// Sum is the SHA-256 of its content.
	Sum [sha256.Size]byte
	// Open returns the content. The caller closes it.
	Open func() (io.ReadCloser, error)
}

// Engine transforms images, remembers the results and does nothing twice. It is
// safe for concurrent use.
type Engine struct {
	workers *semaphore
	memory  *semaphore

	mu      sync.Mutex
	cache   *cache
	flights map[request]*flight
}

// request is what is asked for. The same request has the same result.
type request struct {
	sum [sha256.Size]byte
	o   Options
}

// flight is a transformation that is under way.
type flight struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	result  Result
	err     error
}

// NewEngine returns an engine.
func NewEngine(l Limits) *Engine {
	if l.Workers <= 0 {
		l.Workers = runtime.GOMAXPROCS(0)
	}
	if l.Memory <= 0 {
		l.Memory = 512 << 20
	}
	if l.Cache <= 0 {
		l.Cache = 64 << 20
	}
	return &Engine{
		workers: newSemaphore(int64(l.Workers)),
		memory:  newSemaphore(l.Memory),
		cache:   newCache(l.Cache),
		flights: map[request]*flight{},
	}
}

// Transform is the function of this name, with a memory. It tells whether the
// result was known. Those who ask for the same at the same time share the work,
// which stops when all of them are gone. The result must not be changed.
func (e *Engine) Transform(ctx context.Context, file File, o Options) (result Result, known bool, err error) {
	if err := ctx.Err(); err != nil {
		return Result{}, false, err
	}
	req := request{file.Sum, o}
	e.mu.Lock()
	if r, ok := e.cache.get(req); ok {
		e.mu.Unlock()
		return r, true, nil
	}
	f := e.flights[req]
	if f == nil {
		f = e.launch(ctx, req, file)
	}
	f.waiting++
	e.mu.Unlock()
	select {
	case <-f.done:
		return f.result, false, f.err
	case <-ctx.Done():
		e.leave(req, f)
		return Result{}, false, ctx.Err()
	}
}

// launch begins a transformation. The lock is held.
func (e *Engine) launch(ctx context.Context, req request, file File) *flight {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), cancel: cancel}
	e.flights[req] = f
	go func() {
		defer cancel()
		result, err := e.work(ctx, file, &req.o)
		e.mu.Lock()
		defer e.mu.Unlock()
		f.result, f.err = result, err
		close(f.done)
		if e.flights[req] == f {
			delete(e.flights, req)
		}
		if err == nil {
			e.cache.add(req, result)
		}
	}()
	return f
}

// leave stops a transformation that nobody waits for any more.
func (e *Engine) leave(req request, f *flight) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		if e.flights[req] == f {
			delete(e.flights, req)
		}
	}
}

// work transforms an image once there is room for it.
func (e *Engine) work(ctx context.Context, file File, o *Options) (result Result, err error) {
	if err := e.workers.acquire(ctx, 1); err != nil {
		return Result{}, err
	}
	defer e.workers.release(1)
	defer func() {
		if p := recover(); p != nil { // a decoder met what it was not made for
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	data, err := file.read()
	if err != nil {
		return Result{}, err
	}
	h, err := Inspect(data)
	if err != nil {
		return Result{}, err
	}
	need := e.memory.share(h.memory(o))
	if err := e.memory.acquire(ctx, need); err != nil {
		return Result{}, err
	}
	defer e.memory.release(need)
	if need == e.memory.size {
		defer runtime.GC() // what it leaves behind is as much as the next one needs
	}
	return h.transform(ctx, data, o)
}

// Inspect reads the header of a file, and tells its size in bytes.
func (e *Engine) Inspect(ctx context.Context, file File) (Header, int64, error) {
	if err := e.workers.acquire(ctx, 1); err != nil {
		return Header{}, 0, err
	}
	defer e.workers.release(1)
	data, err := file.read()
	if err != nil {
		return Header{}, 0, err
	}
	h, err := Inspect(data)
	return h, int64(len(data)), err
}

func (f File) read() (data []byte, err error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	data, err = io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err == nil && len(data) > MaxFile {
		err = fmt.Errorf("%w: the file has more than %d bytes", ErrTooLarge, MaxFile)
	}
	return data, err
}
