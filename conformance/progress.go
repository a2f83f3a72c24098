package conformance

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// WithProgress writes one line that is rewritten as the run goes on: how much
// is done, what failed, what is being checked and how long it may still take.
// It is meant for a terminal. A run in several processes writes none, as none
// of them knows what the others do.
func WithProgress(w io.Writer) Option { return option(func(r *run) { r.progress = &progress{out: w} }) }

// refresh is how often the line is written at most.
const refresh = 100 * time.Millisecond

// progress is the line. A nil one does nothing.
type progress struct {
	out   io.Writer
	mu    sync.Mutex
	begin time.Time
	shown time.Time
	// total, done and failed count rows.
	total, done, failed int
}

// start begins a run of so many rows.
func (p *progress) start(total int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total, p.begin = total, time.Now()
}

// checking says which clause is being checked.
func (p *progress) checking(id string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.shown) >= refresh {
		p.shown = now
		_, _ = fmt.Fprint(p.out, "\r\x1b[K"+p.line(id, now.Sub(p.begin)))
	}
}

// checked counts a row.
func (p *progress) checked(failed bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if failed {
		p.failed++
	}
}

// finish takes the line away.
func (p *progress) finish() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprint(p.out, "\r\x1b[K")
}

// line says how far the run is. The time left is told once there is something
// to judge it by.
func (p *progress) line(id string, took time.Duration) string {
	text := fmt.Sprintf("%d/%d checks, %d failed, now %s", p.done, p.total, p.failed, id)
	if p.done >= 10 && p.done < p.total {
		left := took / time.Duration(p.done) * time.Duration(p.total-p.done)
		text += ", about " + max(left.Round(time.Second), time.Second).String() + " left"
	}
	return text
}
