package sqlite

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// start removes what a crash left half written, and begins to remove the files
// that nobody needs as inUse tells, among all of them if it is told to.
func (f *files) start(inUse func(sum) (bool, error), all bool) error {
	half, err := filepath.Glob(filepath.Join(f.dir, "new", "*"))
	for _, path := range half {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil {
		return err
	}
	f.all = all
	f.wake, f.quit, f.done = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	f.poke()
	go f.reclaim(inUse)
	return nil
}

// stop ends that, and reports whether no file is left that nobody needs.
func (f *files) stop() (clean bool) {
	if f.quit == nil {
		return false
	}
	close(f.quit)
	<-f.done
	f.quit = nil
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.all && len(f.doubtful) == 0
}

// reclaim works until it is told to quit. What is small it finishes before.
func (f *files) reclaim(inUse func(sum) (bool, error)) {
	defer close(f.done)
	for {
		select {
		case <-f.quit:
			f.settle(inUse)
			return
		case <-f.wake:
			f.sweep(inUse)
			f.settle(inUse)
		}
	}
}

// settle looks at the files in doubt. What cannot be told or removed now stays in
// doubt until the next start.
func (f *files) settle(inUse func(sum) (bool, error)) {
	for _, s := range f.doubts() {
		if f.drop(s, inUse) != nil {
			f.mu.Lock()
			f.doubtful[s] = true
			f.mu.Unlock()
		}
	}
}

// doubts takes the files in doubt, none while all are held.
func (f *files) doubts() (out []sum) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held > 0 {
		return nil
	}
	for s := range f.doubtful {
		out = append(out, s)
	}
	clear(f.doubtful)
	return out
}

var errHeld = errors.New("the files are held")

// drop removes a file unless it is needed. Nobody can keep it meanwhile.
func (f *files) drop(s sum, inUse func(sum) (bool, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held > 0 {
		return errHeld
	}
	if f.pins[s] > 0 {
		return nil // whoever releases it doubts it again
	}
	used, err := inUse(s)
	if used || err != nil {
		return err
	}
	if err := os.Remove(path(f.dir, s)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// sweep looks at all files if there is a doubt about all.
func (f *files) sweep(inUse func(sum) (bool, error)) {
	f.mu.Lock()
	due := f.all && f.held == 0
	f.mu.Unlock()
	if !due {
		return
	}
	whole := true
	err := filepath.WalkDir(filepath.Join(f.dir, "files"), func(_ string, d fs.DirEntry, err error) error {
		select {
		case <-f.quit:
			return fs.SkipAll
		default:
		}
		if err != nil || d.IsDir() {
			return err
		}
		var s sum
		if n, err := hex.Decode(s[:], []byte(d.Name())); err != nil || n != len(s) {
			return nil // it is not of this store
		}
		if f.drop(s, inUse) != nil {
			whole = false
		}
		return nil
	})
	select {
	case <-f.quit:
		whole = false
	default:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = f.all && (err != nil || !whole)
}

// inUse reports whether a record names a file.
func (s *Store) inUse(name sum) (used bool, err error) {
	err = s.reads.QueryRow("SELECT EXISTS (SELECT 1 FROM images WHERE sum = ?)", name[:]).Scan(&used)
	return used, err
}
