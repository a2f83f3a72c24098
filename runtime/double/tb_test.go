package double_test

import "fmt"

// tb is a test that ends when it is told to, and that notes what it is told.
type tb struct {
	cleanups     []func()
	failure, log string
}

func (*tb) Helper()                           {}
func (b *tb) Cleanup(f func())                { b.cleanups = append(b.cleanups, f) }
func (b *tb) Failed() bool                    { return b.failure != "" }
func (b *tb) Logf(format string, args ...any) { b.log += fmt.Sprintf(format, args...) + "\n" }
func (b *tb) Errorf(format string, args ...any) {
	b.failure += fmt.Sprintf(format, args...)
}
func (b *tb) Fatalf(format string, args ...any) { b.Errorf(format, args...) }

// end does what the end of a test does.
func (b *tb) end() {
	for len(b.cleanups) > 0 {
		last := len(b.cleanups) - 1
		f := b.cleanups[last]
		b.cleanups = b.cleanups[:last]
		f()
	}
}
