package admin

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strconv"
)

// bounds are those of the histogram of durations, in seconds.
var bounds = [...]float64{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5}

// counts are what was served, by operation.
type counts map[string]*tally

type tally struct {
	status  map[int]int64
	buckets [len(bounds)]int64 // each by itself, not yet summed up
	seconds float64
	all     int64
}

func (c counts) add(e *Exchange) {
	name := cmp.Or(e.Operation, "other")
	t := c[name]
	if t == nil {
		t = &tally{status: map[int]int64{}}
		c[name] = t
	}
	seconds := e.Duration / 1000
	t.status[e.Status]++
	t.seconds += seconds
	t.all++
	for i, bound := range bounds {
		if seconds <= bound {
			t.buckets[i]++
			return
		}
	}
}

// write writes the counters in the text format of Prometheus.
func (c counts) write(b *bytes.Buffer) {
	names := slices.Sorted(maps.Keys(c))
	b.WriteString("# HELP cfimages_mock_requests_total Requests that were answered; status 0 is a connection that was cut.\n# TYPE cfimages_mock_requests_total counter\n")
	for _, name := range names {
		for _, status := range slices.Sorted(maps.Keys(c[name].status)) {
			fmt.Fprintf(b, "cfimages_mock_requests_total{operation=%q,status=\"%d\"} %d\n", name, status, c[name].status[status])
		}
	}
	b.WriteString("# HELP cfimages_mock_request_duration_seconds How long answers took.\n# TYPE cfimages_mock_request_duration_seconds histogram\n")
	for _, name := range names {
		t, sum := c[name], int64(0)
		for i, bound := range bounds {
			sum += t.buckets[i]
			fmt.Fprintf(b, "cfimages_mock_request_duration_seconds_bucket{operation=%q,le=%q} %d\n", name, strconv.FormatFloat(bound, 'g', -1, 64), sum)
		}
		fmt.Fprintf(b, "cfimages_mock_request_duration_seconds_bucket{operation=%q,le=\"+Inf\"} %d\n", name, t.all)
		fmt.Fprintf(b, "cfimages_mock_request_duration_seconds_sum{operation=%q} %g\n", name, t.seconds)
		fmt.Fprintf(b, "cfimages_mock_request_duration_seconds_count{operation=%q} %d\n", name, t.all)
	}
}

func (a *control) metrics(w http.ResponseWriter, _ *http.Request) {
	total, err := a.World.Totals()
	if err != nil {
		fail(w, err)
		return
	}
	var b bytes.Buffer
	a.Journal.mu.Lock()
	a.Journal.count.write(&b)
	a.Journal.mu.Unlock()
	for _, g := range []struct {
		name, help string
		value      int64
	}{
		{"images", "Images that are stored, in all accounts.", total.Images},
		{"drafts", "Drafts that wait for their file or have expired and are not yet forgotten.", total.Drafts},
		{"stored_bytes", "Length of the files of stored images, in all accounts.", total.Bytes},
		{"goroutines", "Goroutines of the process.", int64(runtime.NumGoroutine())},
	} {
		fmt.Fprintf(&b, "# HELP cfimages_mock_%s %s\n# TYPE cfimages_mock_%[1]s gauge\ncfimages_mock_%[1]s %[3]d\n", g.name, g.help, g.value)
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}
