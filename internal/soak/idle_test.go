//go:build linux || darwin

package soak

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"github.com/cfimages/cfimages/gen/mock"
)

// perIdle is what an idle connection may hold, in bytes: 10,000 of them stay
// within the budget.
const perIdle = budget / 10_000

// TestIdle holds connections open that have been served and wait.
func TestIdle(t *testing.T) {
	n := scale(10_000, 500)
	if limit := files(t); uint64(n)+100 > limit {
		t.Fatalf("%d connections need more files than the %d this process may open", n, limit)
	}
	address := start(t, mock.New().Handler(), nil)
	get(t, address)
	runtime.GC()
	before := held()
	p := apart(t, "idle:"+strconv.Itoa(n), address)
	if got, want := p.next(), fmt.Sprintf("%d idle", n); got != want {
		t.Errorf("the clients tell %q, not %q", got, want)
	}
	served := held()
	runtime.GC()
	now := held()
	t.Logf("%d idle connections: %v before, %v once they are served, %v after a collection: %d bytes each, and the process at most %s",
		n, before, served, now, (int64(now.used)-int64(before.used))/int64(n), highWater())
	if grown := int64(now.used) - int64(before.used); grown > int64(n)*perIdle {
		t.Errorf("%d idle connections hold %d bytes", n, grown)
	}
	if served.taken > budget {
		t.Errorf("the server takes %v, more than %d bytes", served, budget)
	}
	get(t, address)
	p.end(t)
}

// files is how many files the process may open: the hard limit, to which package
// os raises the other one.
func files(t *testing.T) uint64 {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return limit.Cur
}

// idle opens n connections, uses each once and keeps it until it is told to end.
func idle(ctx context.Context, address string, n int) error {
	var dialer net.Dialer
	for i := range n {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		defer func() { _ = conn.Close() }()
		if err := ask(conn); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
	}
	fmt.Fprintln(os.Stdout, n, "idle")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}
