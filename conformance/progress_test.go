package conformance

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/mock"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		p := &progress{out: &b}
		p.start(20)
		for i := range 20 {
			p.checking("V1L-003")
			time.Sleep(50 * time.Millisecond)
			p.checked(i == 1)
		}
		p.finish()
		lines := strings.Split(b.String(), "\r\x1b[K")
		if len(lines) != 12 || lines[0] != "" || lines[11] != "" {
			t.Fatalf("there are %d lines: %q", len(lines), lines)
		}
		for i, want := range map[int]string{
			1: "0/20 checks, 0 failed, now V1L-003", 2: "2/20 checks, 1 failed, now V1L-003",
			6: "10/20 checks, 1 failed, now V1L-003, about 1s left",
		} {
			if lines[i] != want {
				t.Errorf("line %d is %q, want %q", i, lines[i], want)
			}
		}
	})
}

func TestNoProgress(t *testing.T) {
	var p *progress
	p.start(1)
	p.checking("V1L-003")
	p.checked(true)
	p.finish()
}

// brokenTerminal cannot be written to.
type brokenTerminal struct{}

func (brokenTerminal) Write([]byte) (int, error) { return 0, errors.New("closed") }

// TestRunWithProgress checks that the line is written and taken away, and that
// a run does not mind when it cannot be.
func TestRunWithProgress(t *testing.T) {
	target := Target{Handler: mock.New().Handler(), AccountID: "a", Token: "token"}
	var b strings.Builder
	if _, err := Execute(t.Context(), target, WithClauses("V1G-00*"), WithProgress(&b)); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, "checks, 0 failed, now V1G-00") || !strings.HasSuffix(text, "\r\x1b[K") {
		t.Errorf("the progress is %q", text)
	}
	if r, err := Execute(t.Context(), target, WithClauses("V1G-00*"), WithProgress(brokenTerminal{})); err != nil || !r.Conforms() {
		t.Errorf("a run without a terminal returned %v", err)
	}
}
