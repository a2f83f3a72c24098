package sqlite

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/cfimages/cfimages/runtime/fake/store"
)

// sum names a file.
type sum = [sha256.Size]byte

// files are the images of a folder, and what removes those that nobody needs. A
// file is needed while a record names it, while somebody who kept it has not
// released it, and while anybody holds all of them.
type files struct {
	dir string

	mu   sync.Mutex
	pins map[sum]int
	held int
	// doubtful are files that may not be needed anymore; all says so of every
	// file.
	doubtful map[sum]bool
	all      bool

	wake chan struct{}
	quit chan struct{}
	done chan struct{}
}

// file is one of them.
type file struct {
	dir       string
	sum       sum
	size      int64
	mediaType string
}

func (f *file) MediaType() string { return f.mediaType }

func (f *file) Size() int64 { return f.size }

func (f *file) Sum() [sha256.Size]byte { return f.sum }

func (f *file) Open() (io.ReadSeekCloser, error) { return os.Open(path(f.dir, f.sum)) }

// path is where a file is: in one of 256 folders.
func path(dir string, s sum) string {
	name := hex.EncodeToString(s[:])
	return filepath.Join(dir, "files", name[:2], name)
}

// prepare makes the folders.
func (f *files) prepare(dir string) error {
	f.dir = dir
	f.pins, f.doubtful = map[sum]int{}, map[sum]bool{}
	return mkdirs(dir, filepath.Join(dir, "files"), filepath.Join(dir, "new"))
}

// Keep stores a file. It is on the disk when Keep returns.
func (f *files) Keep(mediaType string, data []byte) (store.Content, error) {
	c := &file{dir: f.dir, sum: sha256.Sum256(data), size: int64(len(data)), mediaType: mediaType}
	f.mu.Lock()
	f.pins[c.sum]++
	f.mu.Unlock()
	if err := f.save(c, data); err != nil {
		f.Release(c)
		return nil, err
	}
	return c, nil
}

// Release says that a record holds the file from now on, or none will.
func (f *files) Release(c store.Content) {
	own, ok := c.(*file)
	if !ok {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pins[own.sum]--; f.pins[own.sum] > 0 {
		return
	}
	delete(f.pins, own.sum)
	f.doubt(own.sum) // the call may have been refused
}

// save writes a file under a name that has no meaning, and renames it when it is
// whole and on the disk.
func (f *files) save(c *file, data []byte) (err error) {
	to := path(f.dir, c.sum)
	if info, err := os.Stat(to); err == nil && info.Size() == c.size {
		return nil
	}
	temp, err := os.CreateTemp(filepath.Join(f.dir, "new"), "")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	folder := filepath.Dir(to)
	if err := os.Mkdir(folder, 0o700); err == nil {
		err = syncFolder(filepath.Dir(folder))
		if err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(temp.Name(), to); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes the names in a folder last.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// own returns a content as a file of this folder; that of another store is copied.
func (f *files) own(c store.Content) (*file, error) {
	if own, ok := c.(*file); ok && own.dir == f.dir {
		return own, nil
	}
	body, err := c.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	kept, err := f.Keep(c.MediaType(), data)
	if err != nil {
		return nil, err
	}
	defer f.Release(kept)
	return kept.(*file), nil
}

// hold keeps every file until the function it returns is called, once.
func (f *files) hold() (release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held++
	return sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.held--
		f.poke()
	})
}

// condemn says that a record which had the content is gone.
func (f *files) condemn(c store.Content) {
	if own, ok := c.(*file); ok {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.doubt(own.sum)
	}
}

func (f *files) doubt(s sum) {
	f.doubtful[s] = true
	f.poke()
}

// sweepSoon says that many records are gone.
func (f *files) sweepSoon() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = true
	f.poke()
}

func (f *files) poke() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}
