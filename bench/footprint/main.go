// Command footprint tells what a program pays for a client: it builds small
// programs with an empty cache and prints the processor time of that, the size
// of the binary and the packages beyond the standard library, as Markdown.
//
// Usage: go run ./footprint [-runs N], in the folder bench
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// programs are compared with the first one, whose client is its own few lines.
var programs = []struct {
	dir, name string
	once      bool // what it costs beyond the first is far more than chance is
}{
	{"bare", "net/http + encoding/json", false},
	{"ours", "this client", false},
	{"official", "cloudflare-go 7.9.0", true},
}

// cost is what a program pays.
type cost struct {
	// cpu is the processor time of each round beyond that of the first program in
	// the same round.
	cpu     []time.Duration
	size    int64
	foreign int // packages that are not of the standard library
	modules int // their modules, the program's own left out
}

func main() {
	runs := flag.Int("runs", 9, "how often programs are built, in turns; the median counts")
	flag.Parse()
	if err := report(context.Background(), max(*runs, 1)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func report(ctx context.Context, runs int) error {
	costs, base, err := measure(ctx, runs)
	if err != nil {
		return err
	}
	fmt.Println("| | processor time of a cold build | binary | packages beyond the standard library | modules |")
	fmt.Println("|---|---|---|---|---|")
	for i, p := range programs {
		c := &costs[i]
		if err := c.count(ctx, "./footprint/"+p.dir); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if i == 0 {
			fmt.Printf("| %s | %.1f s | %.2f MB | %d | %d |\n", p.name, median(base).Seconds(), float64(c.size)/1e6, c.foreign, c.modules)
			continue
		}
		spread := ""
		if len(c.cpu) > 1 {
			spread = fmt.Sprintf(" (%.1f to %.1f)", slices.Min(c.cpu).Seconds(), slices.Max(c.cpu).Seconds())
		}
		fmt.Printf("| %s | %+.1f s%s | %+.2f MB | %d | %d |\n", p.name,
			median(c.cpu).Seconds(), spread, float64(c.size-costs[0].size)/1e6, c.foreign, c.modules)
	}
	return nil
}

// measure builds the programs in turns, so that what else the machine does meets
// all of them. Base are the processor times of the first.
func measure(ctx context.Context, runs int) (costs []cost, base []time.Duration, err error) {
	costs = make([]cost, len(programs))
	for round := range runs {
		for i, p := range programs {
			if p.once && round > 0 {
				continue
			}
			cpu, size, err := build(ctx, "./footprint/"+p.dir)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", p.name, err)
			}
			if i == 0 {
				base = append(base, cpu)
			}
			costs[i].size = size
			costs[i].cpu = append(costs[i].cpu, cpu-base[round])
		}
	}
	return costs, base, nil
}

// median is the middle one.
func median(of []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(of))[len(of)/2]
}

// count counts packages and modules.
func (c *cost) count(ctx context.Context, pkg string) (err error) {
	if c.foreign, err = distinct(ctx, pkg, "{{if not .Standard}}{{.ImportPath}}{{end}}"); err != nil {
		return err
	}
	c.foreign-- // the program itself
	c.modules, err = distinct(ctx, pkg, "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}")
	return err
}

// build builds a program with an empty cache.
func build(ctx context.Context, pkg string) (cpu time.Duration, size int64, err error) {
	dir, err := os.MkdirTemp("", "footprint")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "program")
	cmd := exec.CommandContext(ctx, "go", "build", "-a", "-trimpath", "-ldflags=-s -w", "-o", binary, pkg)
	cmd.Env = append(os.Environ(), "GOCACHE="+filepath.Join(dir, "cache"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%w: %s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		return 0, 0, err
	}
	// The go command waits for its compilers, so their time is in its own.
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), info.Size(), nil
}

// distinct counts the texts that a template gives for the packages of a program.
func distinct(ctx context.Context, pkg, format string) (int, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-deps", "-f", format, pkg).Output()
	if err != nil {
		return 0, err
	}
	seen := map[string]bool{}
	for line := range strings.FieldsSeq(string(out)) {
		seen[line] = true
	}
	return len(seen), nil
}
