package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"

	codes "modernc.org/sqlite/lib"

	"github.com/cfimages/cfimages/runtime/fake/store"
)

// view is a read transaction.
type view struct {
	s       *Store
	conn    *sql.Conn
	release func()
	ahead   time.Duration
	ids     []string
}

// View begins a read transaction, and holds all files as long as it lasts.
func (s *Store) View() (store.View, error) {
	v := &view{s: s, release: s.hold()}
	if err := v.begin(); err != nil {
		return nil, errors.Join(plain(err), v.Close())
	}
	return v, nil
}

func (v *view) begin() (err error) {
	ctx := context.Background()
	if v.conn, err = v.s.reads.Conn(ctx); err != nil {
		return err
	}
	if _, err = v.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	if err = v.conn.QueryRowContext(ctx, "SELECT ahead FROM world").Scan(&v.ahead); err != nil {
		return err
	}
	v.ids, err = accounts(ctx, v.conn)
	return err
}

func (v *view) Ahead() time.Duration { return v.ahead }

func (v *view) Accounts() []string { return v.ids }

func (v *view) State(id string) (store.State, error) {
	_, state, _, _, err := readAccount(context.Background(), v.conn, id)
	return state, err
}

func (v *view) Records(id string) iter.Seq2[*store.Stored, error] {
	return func(yield func(*store.Stored, error) bool) {
		ctx := context.Background()
		number, _, _, _, err := readAccount(ctx, v.conn, id)
		if err != nil {
			yield(nil, err)
			return
		}
		if v.s.each(ctx, v.conn, v.s.scanImage, yield, selectImages+" WHERE place BETWEEN ? AND ? ORDER BY place", place(number, 0), place(number+1, 0)-1) {
			v.s.each(ctx, v.conn, scanDraft, yield, selectDrafts+" WHERE account = ? ORDER BY id", number)
		}
	}
}

func (v *view) Retain() (release func()) { return v.s.hold() }

func (v *view) Close() error {
	v.release()
	if v.conn == nil {
		return nil
	}
	_, err := v.conn.ExecContext(context.Background(), "ROLLBACK")
	return errors.Join(err, v.conn.Close())
}

// Replace is one transaction.
func (s *Store) Replace(fill func(store.Filler) error) error {
	defer s.sweepSoon()
	defer s.hold()()
	return s.change(func() error {
		for _, text := range []string{"DELETE FROM images", "DELETE FROM drafts", "DELETE FROM accounts", "UPDATE world SET ahead = 0"} {
			if err := s.exec(text); err != nil {
				return err
			}
		}
		f := &filler{s: s}
		if err := fill(f); err != nil {
			return err
		}
		return f.finish()
	})
}

// filler fills the tables within a transaction.
type filler struct {
	s       *Store
	account account // the one begun last
}

func (f *filler) Ahead(d time.Duration) error {
	return f.s.exec("UPDATE world SET ahead = ?", int64(d))
}

func (f *filler) Account(id string, state store.State) error {
	if err := f.finish(); err != nil {
		return err
	}
	f.account = account{s: f.s, id: id}
	if err := f.account.begin(&store.Change{}); err != nil {
		return duplicate(err)
	}
	err := f.account.describe(&store.Change{Keys: state.Keys, Variants: state.Variants, Settings: state.Settings, Source: state.Source})
	if err != nil {
		return err
	}
	return f.s.exec("UPDATE accounts SET position = ?, uploaded = ? WHERE number = ?",
		int64(state.Position), state.Uploaded.UnixMilli(), f.account.number)
}

func (f *filler) Put(s *store.Stored) error {
	r := s.Record()
	return duplicate(f.account.add(&r))
}

// finish counts the images of the account begun last.
func (f *filler) finish() error {
	if f.account.number == 0 {
		return nil
	}
	return f.s.exec("UPDATE accounts SET images = ? WHERE number = ?", f.account.images, f.account.number)
}

func duplicate(err error) error {
	if code(err) == codes.SQLITE_CONSTRAINT {
		return errors.Join(store.ErrDuplicate, err)
	}
	return err
}
