package conformance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// sequenceLength is how many steps the clause about random sequences takes.
const sequenceLength = 80

// step is one operation of a random sequence. What it is about depends on the
// images there are then, so that a sequence makes sense with any of its steps
// left out.
type step struct {
	op, pick, value int
}

const (
	stepUpload = iota
	stepUploadNamed
	stepDirect
	stepMetadata
	stepCreator
	stepPrivacy
	stepDelete
	stepAgain
	stepBroken
	stepLeave
	stepGone
	stepStranger
	stepKinds
)

// steps draws a sequence. The same seed draws the same.
func steps(seed int64, n int) []step {
	random := rand.New(rand.NewPCG(uint64(seed), 7))
	list := make([]step, n)
	for i := range list {
		list[i] = step{random.IntN(stepKinds), random.IntN(1000), random.IntN(1000)}
		if random.IntN(4) == 0 {
			list[i].op = stepUpload
		}
	}
	return list
}

// misstep is where a sequence went wrong.
type misstep struct {
	// t is the clause with nothing but the requests of this sequence.
	t *spec
	// at is the number of the step, from 0.
	at      int
	message string
	// told says in words what each step did.
	told []string
}

// follow takes the steps, and compares the target with a model after each. When
// they differ it looks for the shortest part of the sequence that will do, and
// reports that.
func (t *spec) follow(list []step) {
	first := t.replay(list)
	if first == nil {
		return
	}
	end := time.Now().Add(t.run.limit() / 8)
	short := shorten(list, *first, func(list []step) *misstep {
		if t.ctx.Err() != nil || time.Now().After(end) {
			return nil
		}
		return t.afresh().replay(list)
	})
	short.t.fail(short.explain(t.run.seed, len(list)))
}

// afresh is the same clause with no requests yet.
func (t *spec) afresh() *spec {
	own := *t
	own.trace = t.run.newTrace(t.clause.ID)
	own.trace.answered, own.trace.watch = t.trace.answered, own.watch
	own.client = t.run.client(own.trace)
	return &own
}

// replay takes the steps with names of their own, and returns where they went
// wrong, if they did.
func (t *spec) replay(list []step) *misstep {
	m := &model{}
	at := 0
	message := t.attempt(func(t *spec) {
		m = newModel(t)
		for at = range list {
			m.take(list[at])
			m.compare()
		}
	})
	if message == "" {
		return nil
	}
	return &misstep{t, at, message, m.told}
}

// maxReplays is how many shorter sequences are tried.
const maxReplays = 100

// shorten leaves steps out of a sequence that went wrong for as long as what
// remains goes wrong: first large parts of it, then single steps.
func shorten(list []step, wrong misstep, replay func([]step) *misstep) misstep {
	list = list[:wrong.at+1]
	for n, size := 0, max(len(list)/2, 1); size > 0; {
		shorter := false
		for from := 0; from+size <= len(list) && len(list) > size; {
			if n++; n > maxReplays {
				return wrong
			}
			less := slices.Concat(list[:from], list[from+size:])
			if next := replay(less); next != nil {
				list, wrong, shorter = less[:next.at+1], *next, true
				continue
			}
			from += size
		}
		if size > 1 || !shorter {
			size /= 2
		}
	}
	return wrong
}

// maxTold is how many steps a report shows.
const maxTold = 6

// explain says which steps went wrong, and how.
func (m misstep) explain(seed int64, of int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "the shortest sequence found that goes wrong has %d of the %d steps of seed %d:\n", len(m.told), of, seed)
	skipped := max(0, len(m.told)-maxTold)
	if skipped > 0 {
		fmt.Fprintf(&b, "  (%d before these)\n", skipped)
	}
	for i, text := range m.told[skipped:] {
		fmt.Fprintf(&b, "  %d. %s\n", skipped+i+1, text)
	}
	return b.String() + between + m.message
}
