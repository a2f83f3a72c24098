// Package sqlite keeps the state of the fake in a folder, so that it outlives the
// process: metadata in a SQLite database in WAL mode, images in files that are
// named by their SHA-256.
//
// A call is acknowledged when it is on the disk: the file first, then the metadata
// in one transaction. A deletion takes the metadata away first, and the file is
// removed later. So a crash at any moment leaves files nobody needs at most; they
// are removed in the background after the next start.
//
// A folder belongs to one process at a time:
//
//	lock.db    is locked by it
//	store.db   accounts, records, clock (and store.db-wal, store.db-shm)
//	files/     images, as files/ab/abcdef…
//	new/       images that are being written
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/cfimages/cfimages/runtime/fake/store"
)

// Store is a store in a folder.
type Store struct {
	files
	lock   *sql.DB
	reads  *sql.DB
	writes *sql.DB

	get, getDraft *sql.Stmt // on reads

	mu   sync.Mutex // one change at a time
	conn *sql.Conn  // of writes
	// made are the prepared statements of conn, by their text.
	made map[string]*sql.Stmt
}

var _ store.Store = (*Store)(nil)

// Open opens the store in a folder, and makes both if there are none. It refuses
// a folder that another process uses, and a database that is damaged, of another
// program or of another version; it does not touch them.
func Open(dir string) (*Store, error) {
	s := &Store{made: map[string]*sql.Stmt{}}
	if err := s.open(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("the store in %s: %w", dir, err), s.shut())
	}
	return s, nil
}

func (s *Store) open(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := s.prepare(dir); err != nil {
		return err
	}
	lock, path := filepath.Join(dir, "lock.db"), filepath.Join(dir, "store.db")
	if err := errors.Join(touch(lock), touch(path)); err != nil {
		return plain(err)
	}
	if err := s.occupy(lock); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.Size() > 0 && info.Size() < pageSize {
		return errors.New("its database is damaged: it was cut off") // SQLite would take it for a new one
	}
	if err := s.connect(path); err != nil {
		return plain(err)
	}
	clean, err := s.begin()
	if err != nil {
		return plain(err)
	}
	return s.start(s.inUse, !clean)
}

// pageSize is that of a database, in bytes.
const pageSize = 4096

// occupy takes the lock of the folder, which ends with the process.
func (s *Store) occupy(path string) (err error) {
	if s.lock, err = sql.Open("sqlite", uri(path, "busy_timeout(0)")); err != nil {
		return err
	}
	s.lock.SetMaxOpenConns(1)
	if _, err = s.lock.Exec("BEGIN EXCLUSIVE"); code(err) == codes.SQLITE_BUSY {
		return errors.New("another process uses it")
	}
	return err
}

// connect opens the database. There is one connection that writes, and those that
// read come and go.
func (s *Store) connect(path string) (err error) {
	if s.writes, err = sql.Open("sqlite", uri(path, "busy_timeout(5000)", "synchronous(FULL)")); err != nil {
		return err
	}
	s.writes.SetMaxOpenConns(1)
	if s.conn, err = s.writes.Conn(context.Background()); err != nil {
		return err
	}
	if err = s.migrate(); err != nil {
		return err
	}
	if s.reads, err = sql.Open("sqlite", uri(path, "busy_timeout(5000)", "query_only(1)")); err != nil {
		return err
	}
	s.reads.SetMaxIdleConns(4)
	if s.get, err = s.reads.Prepare(selectImages + " WHERE account = ? AND id = ?"); err != nil {
		return err
	}
	s.getDraft, err = s.reads.Prepare(selectDrafts + " WHERE account = ? AND id = ?")
	return err
}

// touch makes a file that only this user may read, unless it is there: a
// database holds signing keys. SQLite gives the files beside it the same mode.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// uri names a database file, whose path is absolute, and what to say to each new
// connection.
func uri(path string, pragmas ...string) string {
	path = "/" + strings.TrimPrefix(filepath.ToSlash(path), "/") // that of a drive has no slash before it
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return u.String()
}

// code is SQLite's primary code of an error, 0 for others.
func code(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// plain says in words what a user can do about an error.
func plain(err error) error {
	switch code(err) {
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return fmt.Errorf("its database is damaged; nothing was changed: %w", err)
	case codes.SQLITE_FULL:
		return fmt.Errorf("the disk is full: %w", err)
	case codes.SQLITE_READONLY, codes.SQLITE_CANTOPEN, codes.SQLITE_PERM:
		return fmt.Errorf("it cannot be written to: %w", err)
	default:
		return err
	}
}

// Close ends the use of the folder. Files that nobody needs are removed before.
func (s *Store) Close() error {
	clean := s.stop()
	var err error
	if clean {
		err = s.change(func() error { return s.exec("UPDATE world SET clean = 1") })
	}
	return errors.Join(err, s.shut())
}

// shut closes what is open. A statement left open would keep its connection.
func (s *Store) shut() error {
	var errs []error
	for _, stmt := range append(slices.Collect(maps.Values(s.made)), s.get, s.getDraft) {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	for _, db := range []*sql.DB{s.reads, s.writes, s.lock} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// change makes a transaction of what do does. Nothing stays of one that fails.
func (s *Store) change(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.exec("BEGIN IMMEDIATE"); err != nil {
		return plain(err)
	}
	err := do()
	if err == nil {
		err = s.exec("COMMIT")
	}
	if err != nil {
		// Where SQLite has rolled back itself there is nothing left to do.
		_ = s.exec("ROLLBACK")
		return plain(err)
	}
	return nil
}

// exec executes a statement of the transaction under way.
func (s *Store) exec(query string, args ...any) error {
	_, err := s.result(query, args...)
	return err
}

func (s *Store) result(query string, args ...any) (sql.Result, error) {
	stmt := s.made[query]
	if stmt == nil {
		var err error
		if stmt, err = s.conn.PrepareContext(context.Background(), query); err != nil {
			return nil, err
		}
		s.made[query] = stmt
	}
	return stmt.Exec(args...)
}

// Accounts returns the ids of the accounts.
func (s *Store) Accounts() ([]string, error) { return accounts(context.Background(), s.reads) }

// Ahead returns what was set last.
func (s *Store) Ahead() (ahead time.Duration, err error) {
	err = s.reads.QueryRow("SELECT ahead FROM world").Scan(&ahead)
	return ahead, plain(err)
}

// SetAhead remembers how far the clock is ahead.
func (s *Store) SetAhead(d time.Duration) error {
	return s.change(func() error { return s.exec("UPDATE world SET ahead = ?", int64(d)) })
}

// mkdirs makes folders.
func mkdirs(paths ...string) error {
	for _, path := range paths {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
	}
	return nil
}
