package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// clients is how many connections load a server at once.
const clients = 16

// load sends one prepared request over and over for a while, over keep-alive
// connections without pipelining, and returns the answers per second and in
// all. It does what is needed to find the end of an answer and no more, so that the
// processors are left to the server.
func load(ctx context.Context, addr string, request []byte, d time.Duration) (perSecond float64, count int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, d+10*time.Second)
	defer cancel()
	var (
		total atomic.Int64
		group sync.WaitGroup
		mu    sync.Mutex
		errs  []error
	)
	begin := time.Now()
	for range clients {
		group.Go(func() {
			n, err := hammer(ctx, addr, request, begin.Add(d))
			total.Add(n)
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	group.Wait()
	return float64(total.Load()) / time.Since(begin).Seconds(), total.Load(), errors.Join(errs...)
}

// once sends a request and reads its answer.
func once(ctx context.Context, addr string, request []byte) (err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write(request); err != nil {
		return err
	}
	return (&answers{conn: conn}).next()
}

// hammer is one connection of [load]. It returns how many answers came until end,
// one at least.
func hammer(ctx context.Context, addr string, request []byte, end time.Time) (n int64, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return 0, err
		}
	}
	r := answers{conn: conn, buf: make([]byte, 0, 64<<10)}
	for n == 0 || time.Now().Before(end) {
		if _, err := conn.Write(request); err != nil {
			return n, err
		}
		if err := r.next(); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// answers reads answers to requests that are sent one at a time.
type answers struct {
	conn net.Conn
	buf  []byte
}

var (
	ok     = []byte("HTTP/1.1 200 OK\r\n")
	end    = []byte("\r\n\r\n")
	length = []byte("\r\nContent-Length: ")
)

// next reads one answer, which must be a success with a length.
func (a *answers) next() error {
	a.buf = a.buf[:0]
	head := -1
	for head < 0 {
		if err := a.more(); err != nil {
			return err
		}
		head = bytes.Index(a.buf, end)
	}
	body, err := bodyLength(a.buf[:head+2])
	if err != nil {
		return err
	}
	for missing := head + len(end) + body - len(a.buf); missing > 0; missing = head + len(end) + body - len(a.buf) {
		if err := a.more(); err != nil {
			return err
		}
	}
	return nil
}

// more reads what has arrived, at least a byte.
func (a *answers) more() error {
	a.buf = slices.Grow(a.buf, 4<<10)
	n, err := a.conn.Read(a.buf[len(a.buf):cap(a.buf)])
	a.buf = a.buf[:len(a.buf)+n]
	if n > 0 {
		return nil
	}
	return err
}

// bodyLength returns the length of the body that follows a head.
func bodyLength(head []byte) (int, error) {
	if !bytes.HasPrefix(head, ok) {
		line, _, _ := bytes.Cut(head, []byte("\r\n"))
		return 0, fmt.Errorf("the answer is %q", line)
	}
	_, rest, found := bytes.Cut(head, length)
	if !found {
		return 0, errors.New("the answer does not tell its length")
	}
	text, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return strconv.Atoi(string(text))
}
