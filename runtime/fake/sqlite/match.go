package sqlite

import (
	sqldriver "database/sql/driver"
	"errors"
	"sync"
	"sync/atomic"
	"unsafe"

	driver "modernc.org/sqlite"
)

// matchers are the functions that cfimages_match(number, text) stands for in the
// statements under way. SQLite asks them while it scans, so that rows which do not
// match are never built.
var matchers matcherSet

type matcherSet struct {
	last atomic.Int64
	by   sync.Map // number to func([]byte) bool
}

func (m *matcherSet) add(match func([]byte) bool) int64 {
	n := m.last.Add(1)
	m.by.Store(n, match)
	return n
}

func (m *matcherSet) remove(n int64) { m.by.Delete(n) }

func init() {
	driver.MustRegisterScalarFunction("cfimages_match", 2, func(_ *driver.FunctionContext, args []sqldriver.Value) (sqldriver.Value, error) {
		text, ok := args[1].(string)
		if !ok {
			return false, nil // no metadata
		}
		match, ok := matchers.by.Load(args[0])
		if !ok {
			return nil, errors.New("cfimages_match: unknown number")
		}
		// A Match writes nothing and keeps nothing of what it sees.
		return match.(func([]byte) bool)(unsafe.Slice(unsafe.StringData(text), len(text))), nil
	})
}
