package fake

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/cfimages/cfimages/runtime/fake/sqlite"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// TestMain runs every test twice: with the store in memory, and with that in a
// folder. Benchmarks and fuzzing are about the first.
func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	if status == 0 && flag.Lookup("test.bench").Value.String() == "" && flag.Lookup("test.fuzz").Value.String() == "" {
		status = onDisk(m)
	}
	os.Exit(status)
}

func onDisk(m *testing.M) int {
	dir, err := os.MkdirTemp("/dev/shm", "fake") // where nothing waits for a disk
	if err != nil {
		dir, err = os.MkdirTemp("", "fake")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var n atomic.Int64 // tests run in parallel
	newStore = func() store.Store {
		s, err := sqlite.Open(filepath.Join(dir, fmt.Sprint(n.Add(1))))
		if err != nil {
			panic(err)
		}
		return s
	}
	return m.Run()
}
