// Command bench compares clients of the Cloudflare Images API: the same tasks in
// one run, over a transport that answers from memory, and prints Markdown.
//
// Usage: go run . [-rounds N] [-slice D] [-only TASK]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 9, "how many times each library has its turn")
	slice := flag.Duration("slice", 40*time.Millisecond, "how long a turn takes")
	only := flag.String("only", "", "the tasks whose names have this `text`")
	flag.Parse()
	tasks = slices.DeleteFunc(tasks, func(t task) bool { return !strings.Contains(t.name, *only) })
	if err := report(context.Background(), os.Stdout, max(*rounds, 1), *slice); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func report(ctx context.Context, w io.Writer, rounds int, slice time.Duration) error {
	s := newService()
	var rows [][]result
	for _, t := range tasks {
		r, err := compare(ctx, t, rounds, slice, s)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	fmt.Fprintf(w, "%s, %s/%s, %d CPUs; medians of %d interleaved rounds of %v, quartiles in brackets.\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds, slice)
	fmt.Fprintf(w, "\nProcessor time, as a multiple of the first column:\n\n")
	table(w, rows, ratioCell)
	fmt.Fprintf(w, "\nBytes and allocations of one call:\n\n")
	table(w, rows, memoryCell)
	fmt.Fprintf(w, "\nMemory in use during the walk, at most, and in pages of 1,000 decoded images:\n\n")
	return heaps(ctx, w, s)
}

func table(w io.Writer, rows [][]result, cell func(int, result) string) {
	fmt.Fprint(w, "| |")
	for _, c := range competitors {
		fmt.Fprintf(w, " %s |", c.name)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---|", len(competitors)))
	for i, t := range tasks {
		fmt.Fprintf(w, "| %s |", t.name)
		for j, r := range rows[i] {
			fmt.Fprintf(w, " %s |", cell(j, r))
		}
		fmt.Fprintln(w)
	}
}

func ratioCell(column int, r result) string {
	switch {
	case r.why != "":
		return r.why
	case column == 0:
		return "1 (" + time.Duration(r.time).Round(10*time.Nanosecond).String() + ")"
	default:
		return fmt.Sprintf("%.2f (%.2f-%.2f)", r.ratio, r.low, r.high)
	}
}

func memoryCell(_ int, r result) string {
	if r.why != "" {
		return r.why
	}
	return fmt.Sprintf("%s, %.0f", size(r.bytes), r.allocs)
}

func size(bytes float64) string {
	switch {
	case bytes >= 1e6:
		return fmt.Sprintf("%.2f MB", bytes/1e6)
	case bytes >= 1e3:
		return fmt.Sprintf("%.1f KB", bytes/1e3)
	default:
		return fmt.Sprintf("%.0f B", bytes)
	}
}

func heaps(ctx context.Context, w io.Writer, s *service) error {
	for _, c := range competitors {
		if c.lacks[taskWalk] != "" {
			continue
		}
		peak, page, err := live(ctx, c, s)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintf(w, "- %s: %s, %.1f pages\n", c.name, size(float64(peak)), float64(peak)/float64(page))
	}
	return nil
}
