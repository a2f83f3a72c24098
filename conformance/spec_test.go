package conformance

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsi/gomega"
)

// failing is a spec whose failed assertions panic with their message.
func failing(t *testing.T, window time.Duration) *spec {
	s := &spec{run: &run{target: Target{Window: window}}, ctx: t.Context()}
	s.Gomega = gomega.NewGomega(func(message string, _ ...int) { panic(message) })
	return s
}

// failure returns the message of the assertion that f fails with.
func failure(f func()) (message string) {
	defer func() { message, _ = recover().(string) }()
	f()
	return ""
}

func TestEventually(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, begin, n := failing(t, 10*time.Second), time.Now(), 0
		s.eventually(func(s *spec) {
			n++
			s.demand(time.Since(begin) >= time.Second, "it is too early")
			s.demand(true, "never")
		})
		if took := time.Since(begin); took < time.Second || took > 2*time.Second || n < 5 || n > 12 {
			t.Errorf("it held after %s and %d attempts", took, n)
		}
		begin, n = time.Now(), 0
		message := failure(func() {
			s.eventually(func(s *spec) { n++; s.demand(false, "it is never true") })
		})
		if !strings.Contains(message, "even after 10s") || !strings.Contains(message, "it is never true") {
			t.Errorf("the message is %q", message)
		}
		if took := time.Since(begin); took < 10*time.Second || took > 11*time.Second || n > 40 {
			t.Errorf("it gave up after %s and %d attempts", took, n)
		}
	})
}

// TestEventuallyPanics checks that only failed assertions are tried again.
func TestEventuallyPanics(t *testing.T) {
	s, n := failing(t, time.Hour), 0
	if message := failure(func() { s.eventually(func(*spec) { n++; panic("a mistake") }) }); message != "a mistake" || n != 1 {
		t.Errorf("%d attempts ended with %q", n, message)
	}
}

// TestEventuallyAtOnce checks that a target without a window is asked once.
func TestEventuallyAtOnce(t *testing.T) {
	s, n := failing(t, 0), 0
	message := failure(func() { s.eventually(func(s *spec) { n++; s.demand(false, "it is wrong") }) })
	if n != 1 || !strings.Contains(message, "it is wrong") || strings.Contains(message, "even after") {
		t.Errorf("%d attempts ended with %q", n, message)
	}
}
