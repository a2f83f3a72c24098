// Package hook is what assertions call in the copy of the suite in which they
// can be taken out. See the command assertcut.
package hook

import "sync"

var (
	mu      sync.Mutex
	cut     = none
	entered = map[int]bool{}
	open    = map[int]int{}
	watch   func(id int, entering bool)
)

// none is the number of no assertion.
const none = -1

// Enter reports whether the assertion of this number is to be made.
func Enter(id int) bool {
	mu.Lock()
	defer mu.Unlock()
	entered[id] = true
	if watch != nil {
		watch(id, true)
	}
	if id == cut {
		return false
	}
	open[id]++
	return true
}

// Leave tells that the assertion held.
func Leave(id int) {
	mu.Lock()
	defer mu.Unlock()
	open[id]--
	if watch != nil {
		watch(id, false)
	}
}

// Use stands for an assertion that was taken out: what it looks at is worked
// out all the same.
func Use(...any) {}

// Watch has f called whenever an assertion is entered or left, until it is
// called with nil.
func Watch(f func(id int, entering bool)) {
	mu.Lock()
	defer mu.Unlock()
	watch = f
}

// Without takes an assertion out and runs f.
func Without(id int, f func()) {
	set(id)
	defer set(none)
	f()
}

// During runs f and returns which assertions were reached and which of them did
// not hold.
func During(f func()) (reached, failed []int) {
	set(none)
	f()
	mu.Lock()
	defer mu.Unlock()
	for id := range entered {
		reached = append(reached, id)
		if open[id] > 0 {
			failed = append(failed, id)
		}
	}
	return reached, failed
}

func set(id int) {
	mu.Lock()
	defer mu.Unlock()
	cut = id
	clear(entered)
	clear(open)
}
