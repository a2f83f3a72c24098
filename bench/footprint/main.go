// Command footprint tells what a program pays for a client, as Markdown: the
// processor time of building a small program with an empty cache, the size of the
// binary and the packages beyond the standard library.
//
// The first program is built with an empty cache. The others are built with what it
// left there, because that is the same for all, and compared with its linking again:
// most of half a minute that varies by seconds would hide what is to be measured.
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
	// cpu is the processor time of each round beyond that of the first program.
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
	costs, cold, err := measure(ctx, runs)
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
			fmt.Printf("| %s | %.1f s | %.2f MB | %d | %d |\n", p.name, cold.Seconds(), float64(c.size)/1e6, c.foreign, c.modules)
			continue
		}
		spread := ""
		if len(c.cpu) > 1 {
			spread = fmt.Sprintf(" (%.2f to %.2f)", slices.Min(c.cpu).Seconds(), slices.Max(c.cpu).Seconds())
		}
		fmt.Printf("| %s | %+.2f s%s | %+.2f MB | %d | %d |\n", p.name,
			median(c.cpu).Seconds(), spread, float64(c.size-costs[0].size)/1e6, c.foreign, c.modules)
	}
	return nil
}

// measure builds the programs in turns, so that what else the machine does meets
// all of them. Cold is the processor time of the first one with an empty cache.
func measure(ctx context.Context, runs int) (costs []cost, cold time.Duration, err error) {
	dir, err := os.MkdirTemp("", "footprint")
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	left := filepath.Join(dir, "cache")
	if cold, _, err = build(ctx, programs[0].dir, left); err != nil {
		return nil, 0, err
	}
	costs = make([]cost, len(programs))
	for round := range runs {
		var linked time.Duration
		for i, p := range programs {
			if p.once && round > 0 {
				continue
			}
			cache := filepath.Join(dir, fmt.Sprint(p.dir, round))
			if err := os.CopyFS(cache, os.DirFS(left)); err != nil {
				return nil, 0, err
			}
			cpu, size, err := build(ctx, p.dir, cache)
			if err != nil {
				return nil, 0, fmt.Errorf("%s: %w", p.name, err)
			}
			if i == 0 {
				linked = cpu
			}
			costs[i].size = size
			costs[i].cpu = append(costs[i].cpu, cpu-linked)
			if err := os.RemoveAll(cache); err != nil {
				return nil, 0, err
			}
		}
	}
	return costs, cold, nil
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

// build builds a program with what is in a cache.
func build(ctx context.Context, program, cache string) (cpu time.Duration, size int64, err error) {
	dir, err := os.MkdirTemp("", "footprint")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "program")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./footprint/"+program)
	cmd.Env = append(os.Environ(), "GOCACHE="+cache)
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
