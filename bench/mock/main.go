// Command mock measures the mock and prints one table, in Markdown: how soon it
// answers, how much it answers, and what a million images cost. Where there is a
// target, the table has it.
//
// Usage: go run ./mock -binary FILE [-images N] [-rounds N] [-slice D]
//
// The binary is that of cmd/cfimages; the Makefile builds it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

// settings say how long to measure.
type settings struct {
	binary string // of the standalone mock; without one its lines are left out
	self   string // this program
	images int
	rounds int           // of each load; the medians are shown
	slice  time.Duration // of one load
}

func main() {
	var s settings
	flag.StringVar(&s.binary, "binary", "", "the `file` of cmd/cfimages")
	flag.IntVar(&s.images, "images", 1_000_000, "how many images make a large account")
	flag.IntVar(&s.rounds, "rounds", 5, "how often each load is run")
	flag.DurationVar(&s.slice, "slice", time.Second, "how long a load takes")
	alone := flag.Bool("floor", false, "serve what net/http alone does; the program calls itself so")
	flag.Parse()
	var err error
	if s.self, err = os.Executable(); err == nil && *alone {
		err = serveFloor(context.Background(), os.Stdout)
	} else if err == nil {
		err = s.run(context.Background(), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mock:", err)
		os.Exit(1)
	}
}

// line is a line of the table.
type line struct {
	what, target, measured string
	// cost is the processor time of an answer, and idle what it allows where
	// nothing else runs.
	cost, idle string
}

// run measures everything and prints the table.
func (s *settings) run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "bench-mock-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var lines []line
	for _, measure := range []func(context.Context, string) ([]line, error){s.calls, s.loads, s.memory, s.disk, s.starts} {
		more, err := measure(ctx, dir)
		if err != nil {
			return err
		}
		lines = append(lines, more...)
	}
	fmt.Fprintf(out, "%s on %s/%s, %d processors\n\n| | target | measured | processor time of an answer | that allows |\n|---|---|---|---|---|\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	for _, l := range lines {
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", l.what, l.target, l.measured, l.cost, l.idle)
	}
	return nil
}
