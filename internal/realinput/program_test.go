package realinput

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var (
	curlPath string // of the curl in PATH
	command  string // path of the built command
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if curlPath, err = exec.LookPath("curl"); err != nil {
		fmt.Fprintln(os.Stderr, "these tests drive the mock with curl; install it:", err)
		return 1
	}
	dir, err := os.MkdirTemp("", "cfimages")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	command = filepath.Join(dir, "cfimages")
	build := exec.Command("go", append(append([]string{"build", "-o", command}, buildFlags...), "github.com/cfimages/cfimages/cmd/cfimages")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %v\n%s", build, err, out)
		return 1
	}
	return m.Run()
}

// wait bounds everything that should take no time.
const wait = 30 * time.Second

// served is a running "cfimages mock".
type served struct {
	api      string // address of the API
	greeting string // what it printed at its start
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+/client/v4`)

// complaints is what a mock logs beside its notes about the service, which it
// tells once each.
func complaints(log string) string {
	var out strings.Builder
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "this is said once") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// serve starts the mock on a free port. When the test ends it is told to stop,
// and must do so with status 0.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	cmd := exec.Command(command, append([]string{"mock", "--addr", "127.0.0.1:0"}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	r, w := io.Pipe()
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := follow(r)
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		_ = w.Close()
		ended <- err
	}()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("SIGTERM: %v", err)
		}
		select {
		case err := <-ended:
			if text := complaints(errs.String()); err != nil || text != "" {
				t.Errorf("the mock ended with %v and wrote %q", err, text)
			}
		case <-time.After(wait):
			_ = cmd.Process.Kill()
			t.Errorf("the mock still runs %v after SIGTERM", wait)
		}
	})
	select {
	case <-out.greeted:
	case <-time.After(wait):
		t.Fatalf("the mock did not greet: %q", out.text())
	}
	greeting := out.text()
	api := address.FindString(greeting)
	if api == "" {
		t.Fatalf("the mock printed no address: %q", greeting)
	}
	return &served{api: api, greeting: greeting}
}

// output collects what a program prints.
type output struct {
	mu      sync.Mutex
	lines   strings.Builder
	greeted chan struct{} // closed when the last line of the greeting is read, or at the end
}

func follow(r io.Reader) *output {
	o := &output{greeted: make(chan struct{})}
	go func() {
		greeted := sync.OnceFunc(func() { close(o.greeted) })
		defer greeted()
		for lines := bufio.NewScanner(r); lines.Scan(); {
			o.mu.Lock()
			o.lines.WriteString(lines.Text() + "\n")
			o.mu.Unlock()
			if strings.Contains(lines.Text(), "client.New(") {
				greeted()
			}
		}
	}()
	return o
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lines.String()
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	s := serve(t)
	busy := strings.TrimSuffix(strings.TrimPrefix(s.api, "http://"), "/client/v4")
	for _, tc := range []struct {
		args   []string
		status int
	}{
		{[]string{"mock", "--account", "demo"}, 2},
		{[]string{"mock", "--account", ":secret"}, 2},
		{[]string{"mock", "--account", "demo:"}, 2},
		{[]string{"mock", "--account", strings.Repeat("a", 33) + ":secret"}, 2},
		{[]string{"mock", "--unknown"}, 2},
		{[]string{"mock", "--addr", busy}, 1},
		{[]string{"unknown"}, 2},
	} {
		out, err := exec.Command(command, tc.args...).CombinedOutput()
		e, ok := errors.AsType[*exec.ExitError](err)
		if !ok || e.ExitCode() != tc.status || !strings.Contains(string(out), "cfimages: ") {
			t.Errorf("cfimages %q ended with %v, want status %d; it printed %q", tc.args, err, tc.status, out)
		}
	}
}
