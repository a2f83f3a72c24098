package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/ginkgo/command"
	ginkgorun "github.com/onsi/ginkgo/v2/ginkgo/run"
	"github.com/onsi/ginkgo/v2/types"
)

// A run in several processes: this one starts the program again as a
// coordinator, which is Ginkgo's own command, and that starts the workers. They
// share out the specs; the first of them writes the report of all. The
// coordinator is a process of its own because Ginkgo's command writes to the
// standard output and ends the process it is in.
//
// What a worker has to know is in an environment variable: neither on a command
// line, which everybody can see, nor in a file, which might be left over.
const (
	coordinatorEnv = "CFIMAGES_COORDINATOR"
	workerEnv      = "CFIMAGES_WORKER"
)

// job is what a worker has to know.
type job struct {
	// Settings are the caller's, see [WithProcesses].
	Settings []byte
	RunID    string
	Seed     int64
	Procs    int
	// Features are settled: no worker probes.
	Features map[Feature]Switch
	// Binary is the program, under the name of a compiled test.
	Binary string
	// Report is the file to write.
	Report string
	// Lifeline is an address that accepts connections as long as the run goes
	// on. A worker stops when it loses its own.
	Lifeline string
}

// WithProcesses shares the clauses out among n processes. [Execute] then starts
// the program again, n times and once to coordinate; its main function must
// begin with a call of [Worker], which makes the target anew from the settings
// given here. Clauses about what the whole account shares run alone at the end.
// A target that is a Handler cannot be shared.
func WithProcesses(n int, settings []byte) Option {
	return option(func(r *run) { r.procs, r.settings = n, settings })
}

// Worker turns the process into a part of a run with several processes when it
// was started as one, and does not return then.
func Worker(target func(ctx context.Context, settings []byte) (Target, []Option, error)) {
	if text, ok := os.LookupEnv(coordinatorEnv); ok {
		coordinate(text)
	}
	text, ok := os.LookupEnv(workerEnv)
	if !ok {
		return
	}
	if err := work([]byte(text), target); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// coordinate runs Ginkgo's command, which ends the process.
func coordinate(text string) {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, err := range []error{os.Unsetenv(coordinatorEnv), os.Setenv(workerEnv, text)} {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	program := command.Program{Name: "ginkgo", DefaultCommand: ginkgorun.BuildRunCommand()}
	program.RunAndExit([]string{
		"ginkgo", fmt.Sprintf("--procs=%d", j.Procs), fmt.Sprintf("--seed=%d", j.Seed), "--randomize-all", "--fail-on-empty",
		"--output-interceptor-mode=none", "--no-color", "--succinct", j.Binary,
	})
}

// work runs this worker's share of the specs.
func work(text []byte, build func(context.Context, []byte) (Target, []Option, error)) error {
	var j job
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := hold(j.Lifeline, cancel); err != nil {
		return err
	}
	target, opts, err := build(ctx, j.Settings)
	if err != nil {
		return err
	}
	target.Features = j.Features
	r, err := newRun(ctx, target, append(opts, WithSeed(j.Seed)))
	if err != nil {
		return err
	}
	testing.Init() // the coordinator sets flags of a test
	flag.Parse()
	config, _ := ginkgo.GinkgoConfiguration()
	r.join(j, config.ParallelProcess)
	if err := errors.Join(r.choose(), r.survey()); err != nil {
		return err
	}
	report := isolated(r.target.Name, config, r.build, r.tell)
	if config.ParallelProcess != 1 {
		return nil
	}
	return writeReport(j.Report, report)
}

// join makes the run a part of another. Its names and pictures are unlike those
// of the other parts.
func (r *run) join(j job, process int) {
	r.id, r.procs, r.process = j.RunID, j.Procs, process
	r.pictures.Store(int64(process) << 24)
	r.limits = r.limits.share(j.Procs)
	r.fillLimits()
	r.book = r.newBook()
}

// hold cancels when the lifeline is lost.
func hold(lifeline string, cancel context.CancelFunc) error {
	conn, err := net.DialTimeout("tcp", lifeline, 10*time.Second)
	if err != nil {
		return fmt.Errorf("the run is over: %w", err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		cancel()
	}()
	return nil
}

// writeReport writes the report under its name only when it is whole.
func writeReport(name string, report types.Report) error {
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	if err := os.WriteFile(name+".part", text, 0o600); err != nil {
		return err
	}
	return os.Rename(name+".part", name)
}

// shared runs the suite in several processes.
func (r *run) shared() (types.Report, error) {
	dir, err := os.MkdirTemp("", "cfimages-")
	if err != nil {
		return types.Report{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := testBinary(dir)
	if err != nil {
		return types.Report{}, err
	}
	line, err := newLifeline()
	if err != nil {
		return types.Report{}, err
	}
	defer line.cut()
	j := job{
		Settings: r.settings, RunID: r.id, Seed: r.seed, Procs: r.procs, Features: maps.Clone(r.target.Features),
		Binary: binary, Report: filepath.Join(dir, "report.json"), Lifeline: line.address(),
	}
	output, err := r.coordinated(j, line)
	if err != nil {
		return types.Report{}, err
	}
	text, err := os.ReadFile(j.Report)
	if err != nil {
		return types.Report{}, fmt.Errorf("the processes ended without a report:\n%s", clip(redact(output, r.secrets()), 2000))
	}
	var report types.Report
	if err := json.Unmarshal(text, &report); err != nil {
		return report, fmt.Errorf("the report of the processes cannot be read: %w", err)
	}
	return report, nil
}

// coordinated starts the coordinator and waits for it. When the run is stopped
// the workers lose their lifeline, clean up and end.
func (r *run) coordinated(j job, line *lifeline) (output string, err error) {
	text, err := json.Marshal(j)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	cmd := exec.Command(j.Binary)
	// Without a path Ginkgo does not ask the go tool for the version of a
	// module, which a compiled program does not need.
	cmd.Env = append(os.Environ(), coordinatorEnv+"="+string(text), "PATH=")
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return "", err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := cmd.Wait(); err != nil { // that of a clause that fails, too
			fmt.Fprintln(&out, err)
		}
	}()
	select {
	case <-done:
		return out.String(), nil
	case <-r.ctx.Done():
	}
	line.cut()
	timer := time.NewTimer(2 * r.limit())
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		_ = cmd.Process.Kill()
		<-done
	}
	return out.String(), nil
}

// testBinary gives this program a name by which Ginkgo's command takes it for a
// compiled test.
func testBinary(dir string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "conformance.test")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if os.Symlink(self, name) == nil || os.Link(self, name) == nil {
		return name, nil
	}
	program, err := os.ReadFile(self)
	if err != nil {
		return "", err
	}
	return name, os.WriteFile(name, program, 0o700) //nolint:gosec // it has to be executable
}

// lifeline is an address whose connections end with the run, or with the
// process that made it.
type lifeline struct {
	net.Listener
	stop context.CancelFunc
}

func newLifeline() (*lifeline, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
	}()
	return &lifeline{l, stop}, nil
}

func (l *lifeline) address() string { return l.Addr().String() }

func (l *lifeline) cut() {
	_ = l.Close()
	l.stop()
}

// checkProcs refuses what cannot be shared.
func (r *run) checkProcs() error {
	switch {
	case r.procs < 1:
		return errors.New("a run needs a process")
	case r.procs > 1 && r.target.Handler != nil:
		return errors.New("a target in this process cannot be shared with others")
	case r.procs > 1 && strings.TrimSpace(string(r.settings)) == "":
		return errors.New("other processes need settings to make the target from")
	default:
		return nil
	}
}
