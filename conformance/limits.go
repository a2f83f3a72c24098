package conformance

import (
	"time"

	"golang.org/x/time/rate"
)

// Limits is what a run may cost. Zero means no limit.
type Limits struct {
	// Rate is the most requests a second, on average. 20 of them may be sent
	// at once, for clauses about requests at the same time.
	Rate float64
	// MaxRequests, MaxWrites, MaxImages and MaxBytes are the budget: requests,
	// those of them that are not GET, images and drafts at the same time, and
	// bytes sent in bodies. A run that would go beyond is stopped with
	// [ErrStopped]. Deleting what it made, and proving it gone, comes on top and
	// is never held back.
	MaxRequests, MaxWrites, MaxImages, MaxBytes int64
}

// The limits of a run against a server that is neither in this process nor on
// the loopback interface, unless [WithLimits] says otherwise. [documented] The
// service allows 1,200 requests in 5 minutes, of a user in all. The profile safe
// fits in the budget, as the default run must come to its end.
const (
	defaultRate        = 3
	defaultMaxRequests = 6000
)

// WithLimits sets what the run may cost. Without it, a run against a server
// that is neither in this process nor on the loopback interface sends 3
// requests a second and 6,000 requests in all, and any other run has no limit.
func WithLimits(l Limits) Option { return option(func(r *run) { r.limits = &l }) }

// DefaultLimits returns the limits of a run that is given none.
func DefaultLimits(t Target) Limits {
	if t.local() {
		return Limits{}
	}
	return Limits{Rate: defaultRate, MaxRequests: defaultMaxRequests}
}

// share returns the limits of one of n processes.
func (l *Limits) share(n int) *Limits {
	part := func(total int64) int64 {
		if total == 0 {
			return 0
		}
		return max(total/int64(n), 1)
	}
	return &Limits{
		Rate: l.Rate / float64(n), MaxRequests: part(l.MaxRequests), MaxWrites: part(l.MaxWrites),
		MaxImages: part(l.MaxImages), MaxBytes: part(l.MaxBytes),
	}
}

// fillLimits decides on the limits of a run.
func (r *run) fillLimits() {
	if r.limits == nil {
		l := DefaultLimits(r.target)
		r.limits = &l
	}
	r.gate = newGate(*r.limits)
	if r.limits.Rate > 0 {
		r.gate.limiter = rate.NewLimiter(rate.Limit(r.limits.Rate), crowd)
	}
}

// most is how many requests a clause may send at most where requests are
// paced, for the time it is given.
const most = 500

// patience is the time a clause is given beyond that of the target, where
// requests are paced and the target may ask to come back later.
func (l *Limits) patience() time.Duration {
	if l.Rate <= 0 {
		return 0
	}
	return time.Duration(most/l.Rate*float64(time.Second)) + 2*maxPause
}
