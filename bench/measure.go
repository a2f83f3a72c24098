package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// processor is the processor time that the process has taken so far, the garbage
// collector's included. Unlike the time of a clock it does not depend much on
// what else the machine does.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it cannot fail with these arguments
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// figure is what a task cost once, on the average of a slice of time.
type figure struct {
	time   float64 // nanoseconds
	bytes  float64
	allocs float64
}

// result is what a task costs with a library.
type result struct {
	figure
	// ratio is the median of the ratios to the first library, each of two slices
	// that followed each other; low and high are their quartiles.
	ratio, low, high float64
	// why says why there is no figure.
	why string
}

// run does a task again and again for a slice of time.
func run(ctx context.Context, t task, c client, s *service, slice time.Duration) (figure, error) {
	runtime.GC()
	if err := t.run(ctx, c, s); err != nil { // which fills pools and caches
		return figure{}, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, n, took := processor(), 0, time.Duration(0)
	for took < slice {
		if err := t.run(ctx, c, s); err != nil {
			return figure{}, err
		}
		n++
		took = processor() - start
	}
	runtime.ReadMemStats(&after)
	per := func(v uint64) float64 { return float64(v) / float64(n) }
	return figure{
		time: per(uint64(took)), bytes: per(after.TotalAlloc - before.TotalAlloc), allocs: per(after.Mallocs - before.Mallocs),
	}, nil
}

// compare runs a task with every library in turn, for so many rounds.
func compare(ctx context.Context, t task, rounds int, slice time.Duration, s *service) ([]result, error) {
	samples := make([][]figure, len(competitors))
	for range rounds {
		for i, who := range competitors {
			if who.lacks[t.name] != "" {
				continue
			}
			c, err := who.make(s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", who.name, err)
			}
			f, err := run(ctx, t, c, s, slice)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", who.name, t.name, err)
			}
			samples[i] = append(samples[i], f)
		}
	}
	results := make([]result, len(competitors))
	for i, who := range competitors {
		results[i] = summary(samples[i], samples[0], who.lacks[t.name])
	}
	return results, nil
}

func summary(own, base []figure, why string) result {
	if why != "" {
		return result{why: why}
	}
	var ratios, times, sizes, counts []float64
	for i, f := range own {
		ratios = append(ratios, f.time/base[i].time)
		times, sizes, counts = append(times, f.time), append(sizes, f.bytes), append(counts, f.allocs)
	}
	return result{
		figure: figure{quantile(times, 0.5), quantile(sizes, 0.5), quantile(counts, 0.5)},
		ratio:  quantile(ratios, 0.5), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75),
	}
}

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// live is the memory that is in use during a walk, at most, and how much a page
// of its own takes, in bytes.
func live(ctx context.Context, who competitor, s *service) (peak, page uint64, err error) {
	c, err := who.make(s)
	if err != nil {
		return 0, 0, err
	}
	base := inUse()
	var kept []item
	if _, err = c.list(ctx, func(i item) { kept = append(kept, i) }); err != nil {
		return 0, 0, err
	}
	page = inUse() - base - uint64(cap(kept))*16
	runtime.KeepAlive(kept)
	kept = nil
	base, n := inUse(), 0
	_, err = c.walk(ctx, func(item) {
		if n++; n%pageSize < 2 { // the last of a page and the first
			peak = max(peak, inUse()-base)
		}
	})
	return peak, page, err
}

// inUse is the memory that is in use after a collection, and one for what pools
// give up.
func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
