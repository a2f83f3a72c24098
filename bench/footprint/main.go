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
	"strings"
	"time"
)

// programs are compared with the first one.
var programs = []struct{ dir, name string }{
	{"bare", "net/http + encoding/json"}, {"ours", "this client"}, {"official", "cloudflare-go 7.9.0"},
}

// cost is what a program pays.
type cost struct {
	cpu     time.Duration
	size    int64
	foreign int // packages that are not of the standard library
	modules int // their modules, the program's own left out
}

func main() {
	runs := flag.Int("runs", 1, "how often each program is built; the cheapest counts")
	flag.Parse()
	if err := report(context.Background(), max(*runs, 1)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func report(ctx context.Context, runs int) error {
	fmt.Println("| | processor time of a cold build | binary | packages beyond the standard library | modules |")
	fmt.Println("|---|---|---|---|---|")
	var base cost
	for i, p := range programs {
		c, err := measure(ctx, "./footprint/"+p.dir, runs)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if i == 0 {
			base = c
			fmt.Printf("| %s | %.1f s | %.2f MB | %d | %d |\n", p.name, c.cpu.Seconds(), float64(c.size)/1e6, c.foreign, c.modules)
			continue
		}
		fmt.Printf("| %s | %+.1f s | %+.2f MB | %d | %d |\n", p.name,
			(c.cpu - base.cpu).Seconds(), float64(c.size-base.size)/1e6, c.foreign, c.modules)
	}
	return nil
}

func measure(ctx context.Context, pkg string, runs int) (cost, error) {
	c := cost{cpu: 1 << 62}
	for range runs {
		cpu, size, err := build(ctx, pkg)
		if err != nil {
			return c, err
		}
		c.cpu, c.size = min(c.cpu, cpu), size
	}
	var err error
	if c.foreign, err = distinct(ctx, pkg, "{{if not .Standard}}{{.ImportPath}}{{end}}"); err != nil {
		return c, err
	}
	c.foreign-- // the program itself
	c.modules, err = distinct(ctx, pkg, "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}")
	return c, err
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
