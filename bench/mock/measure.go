package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// processor is the processor time that the process has taken so far, the garbage
// collector's included. It hardly depends on what else the machine does.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it cannot fail with these arguments
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap is what the heap holds after a collection, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// median returns the middle of some figures, and the least of them.
func median[T cmp.Ordered](figures []T) (middle, least T) {
	sorted := slices.Sorted(slices.Values(figures))
	return sorted[len(sorted)/2], sorted[0]
}

// repeat does something n times and returns the median time and the least.
func repeat(n int, do func() error) (middle, least time.Duration, err error) {
	if err := do(); err != nil { // which fills pools and caches
		return 0, 0, err
	}
	took := make([]time.Duration, n)
	for i := range took {
		begin := time.Now()
		if err := do(); err != nil {
			return 0, 0, err
		}
		took[i] = time.Since(begin)
	}
	middle, least = median(took)
	return middle, least, nil
}

// spread tells a median and the least.
func spread(middle, least time.Duration) string {
	return fmt.Sprintf("%s (least %s)", short(middle), short(least))
}

// short writes a time with three digits.
func short(d time.Duration) string {
	unit := time.Nanosecond
	for unit*1000 <= d && unit < time.Second {
		unit *= 1000
	}
	name := map[time.Duration]string{time.Nanosecond: "ns", time.Microsecond: "µs", time.Millisecond: "ms", time.Second: "s"}[unit]
	return fmt.Sprintf("%.3g %s", float64(d)/float64(unit), name)
}
