//go:build linux || darwin

// Package soak tests servers under load over real sockets: many connections that
// send nothing or too slowly, and many uploads at a time. CFIMAGES_SOAK=all asks
// for the numbers that a public server has to stand; otherwise they are smaller.
package soak

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cfimages/cfimages/internal/httpd"
)

// patience ends what should have ended long before, in the long form on a slow
// machine, too.
const patience = 9 * time.Minute

// budget is what a server may hold, whatever its clients do, in bytes.
const budget = 256 << 20

// long reports whether the long form is asked for.
func long() bool { return os.Getenv("CFIMAGES_SOAK") == "all" }

// scale is the number of the long form, or of the short one.
func scale(full, short int) int {
	if long() {
		return full
	}
	return short
}

// TestMain is the tests, or in a process of its own the clients of one: what they
// hold is no part of what the server holds, and each has its own limit of files.
func TestMain(m *testing.M) {
	if role := os.Getenv("CFIMAGES_SOAK_CLIENTS"); role != "" {
		if err := clients(role, os.Getenv("CFIMAGES_SOAK_ADDRESS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// clients does what a test wants of its other process: "idle:500", for example.
func clients(role, address string) error {
	kind, number, _ := strings.Cut(role, ":")
	n, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	switch kind {
	case "idle":
		return idle(ctx, address, n)
	case "upload":
		return uploadAll(ctx, address, n)
	default:
		return fmt.Errorf("nobody knows clients that are %s", kind)
	}
}

// start serves a handler with the limits of the module's servers, which change
// may shorten.
func start(t *testing.T, h http.Handler, change func(*http.Server)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := httpd.New(h)
	if change != nil {
		change(s)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != http.ErrServerClosed {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// process is clients that run apart from the server.
type process struct {
	cmd   *exec.Cmd
	in    io.Closer
	lines *bufio.Scanner
}

// apart starts clients in a process of their own. They tell lines, and go on when
// told to end.
func apart(t *testing.T, role, address string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "CFIMAGES_SOAK_CLIENTS="+role, "CFIMAGES_SOAK_ADDRESS="+address)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &process{cmd, in, bufio.NewScanner(out)}
}

// next is the next line, empty at the end.
func (p *process) next() string {
	p.lines.Scan()
	return p.lines.Text()
}

// end lets the clients end, and fails the test where they do so with an error.
func (p *process) end(t *testing.T) {
	t.Helper()
	_ = p.in.Close()
	for p.lines.Scan() {
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the clients: %v", err)
	}
}

// memory is what a process holds: what its heap and stacks take, and what the
// runtime has of the system and has not given back, in bytes.
type memory struct{ used, taken uint64 }

func (m memory) String() string {
	return fmt.Sprintf("%.1f MiB (%.1f of the system)", mib(m.used), mib(m.taken))
}

func mib(n uint64) float64 { return float64(n) / (1 << 20) }

func held() memory {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return memory{m.HeapInuse + m.StackInuse, m.Sys - m.HeapReleased}
}

// highWater is the most that the process has ever held in memory, as Linux tells.
func highWater() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// watch looks at the memory until peak is called, which tells the most.
func watch() (peak func() memory) {
	var most memory
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			now := held()
			most = memory{max(most.used, now.used), max(most.taken, now.taken)}
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	}()
	return sync.OnceValue(func() memory {
		close(done)
		<-ended
		return most
	})
}
