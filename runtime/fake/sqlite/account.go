package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/cfimages/cfimages/runtime/fake/store"
)

// account is one account. Only this process writes, so what it counts holds.
type account struct {
	s              *Store
	id             string
	number         int64 // 0 before the first change
	images, drafts int64
}

// Open returns the records of an account.
func (s *Store) Open(id string) (store.Account, error) {
	a := &account{s: s, id: id}
	var err error
	a.number, _, a.images, a.drafts, err = readAccount(context.Background(), s.reads, id)
	return a, err
}

func (a *account) State() (store.State, error) {
	_, state, _, _, err := readAccount(context.Background(), a.s.reads, a.id)
	return state, err
}

func (a *account) Images() int64 { return a.images }

func (a *account) Drafts() int64 { return a.drafts }

// Bytes adds up what the rows say, so nothing has to be kept for it.
func (a *account) Bytes() (n int64, err error) {
	err = a.s.reads.QueryRow("SELECT coalesce(sum(size), 0) FROM images WHERE place BETWEEN ? AND ?",
		place(a.number, 0), place(a.number+1, 0)-1).Scan(&n)
	return n, plain(err)
}

func (a *account) Get(id string) (*store.Stored, error) {
	r, err := a.s.scanImage(a.s.get.QueryRow(a.number, id))
	if errors.Is(err, sql.ErrNoRows) && a.drafts > 0 {
		r, err = scanDraft(a.s.getDraft.QueryRow(a.number, id))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, plain(err)
}

func (a *account) List(q store.Query) iter.Seq2[*store.Stored, error] {
	return func(yield func(*store.Stored, error) bool) {
		query, args := a.listing(&q)
		if q.Match != nil {
			n := matchers.add(q.Match)
			defer matchers.remove(n)
			query = strings.Replace(query, matchMark, "cfimages_match(?, meta)", 1)
			args[matchArg] = n
		}
		a.s.each(context.Background(), a.s.reads, a.s.scanImage, yield, query, args...)
	}
}

// matchMark stands where the condition on metadata is, and matchArg is its place
// among the arguments.
const (
	matchMark = "?"
	matchArg  = 0
)

// listing returns the statement of a query, and its arguments.
func (a *account) listing(q *store.Query) (string, []any) {
	from, to := place(a.number, 1), place(a.number+1, 0)-1
	order := " ORDER BY place DESC"
	switch {
	case q.Up:
		from, order = place(a.number, q.After)+1, " ORDER BY place"
	case q.After > 0:
		to = place(a.number, q.After) - 1
	}
	var b strings.Builder
	b.WriteString(selectImages + " WHERE " + matchMark)
	args := []any{1, from, to}
	b.WriteString(" AND place BETWEEN ? AND ?")
	if q.Creator != nil {
		b.WriteString(" AND creator = ?")
		args = append(args, *q.Creator)
	}
	b.WriteString(order)
	if q.Skip > 0 {
		b.WriteString(" LIMIT -1 OFFSET ?")
		args = append(args, q.Skip)
	}
	return b.String(), args
}

// each yields the rows of a query. After an error it ends.
func (s *Store) each(ctx context.Context, q querier, scan func(scanner) (*store.Stored, error), yield func(*store.Stored, error) bool, query string, args ...any) bool {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		yield(nil, plain(err))
		return false
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			yield(nil, plain(err))
			return false
		}
		if !yield(r, nil) {
			return false
		}
	}
	if err := rows.Err(); err != nil {
		yield(nil, plain(err))
		return false
	}
	return true
}

func (a *account) Apply(c store.Change) (*store.Stored, error) {
	after := *a
	err := a.s.change(func() error { return after.apply(&c) })
	if err != nil {
		return nil, err
	}
	a.number, a.images, a.drafts = after.number, after.images, after.drafts
	switch {
	case c.Clear:
		a.s.sweepSoon()
	case c.Remove != nil && !c.Remove.Draft() && c.Add.Content != c.Remove.Content():
		a.s.condemn(c.Remove.Content())
	}
	if c.Add.ID == "" {
		return nil, nil
	}
	return store.Pack(&c.Add), nil
}

// apply makes a change within a transaction.
func (a *account) apply(c *store.Change) error {
	if err := a.begin(c); err != nil {
		return err
	}
	if c.Remove != nil {
		if err := a.remove(c.Remove); err != nil {
			return err
		}
	}
	if c.Add.ID != "" {
		if err := a.add(&c.Add); err != nil {
			return err
		}
	}
	return a.describe(c)
}

// begin gives a new account a number, and clears an old one if it is told to.
func (a *account) begin(c *store.Change) error {
	if a.number == 0 {
		res, err := a.s.result("INSERT INTO accounts VALUES (NULL, ?, '', '', NULL, NULL, 0, ?, 0)", a.id, time.Time{}.UnixMilli())
		if err != nil {
			return err
		}
		a.number, err = res.LastInsertId()
		return err
	}
	if !c.Clear {
		return nil
	}
	a.images, a.drafts = 0, 0
	return cmp.Or(
		a.s.exec("DELETE FROM images WHERE place BETWEEN ? AND ?", place(a.number, 0), place(a.number+1, 0)-1),
		a.s.exec("DELETE FROM drafts WHERE account = ?", a.number),
		a.s.exec("UPDATE accounts SET settings = NULL, source = NULL, position = 0, uploaded = ?, images = 0 WHERE number = ?",
			time.Time{}.UnixMilli(), a.number))
}

func (a *account) remove(r *store.Stored) error {
	if r.Draft() {
		a.drafts--
		return a.s.exec("DELETE FROM drafts WHERE account = ? AND id = ?", a.number, r.ID())
	}
	a.images--
	return a.s.exec("DELETE FROM images WHERE place = ?", place(a.number, r.Position()))
}

func (a *account) add(r *store.Record) error {
	if r.Content == nil {
		a.drafts++
		return a.s.insertDraft(a.number, r)
	}
	a.images++
	return a.s.insertImage(a.number, r)
}

// describe updates the row of the account.
func (a *account) describe(c *store.Change) error {
	if c.Keys != nil || c.Variants != nil || c.Settings != nil {
		keys, err1 := asJSON(c.Keys, c.Keys == nil)
		variants, err2 := asJSON(c.Variants, c.Variants == nil)
		settings, err3 := asJSON(c.Settings, c.Settings == nil)
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
		if err := a.s.exec(`
UPDATE accounts SET keys = coalesce(?, keys), variants = coalesce(?, variants), settings = coalesce(?, settings) WHERE number = ?`,
			keys, variants, settings, a.number); err != nil {
			return err
		}
	}
	if c.Source != nil {
		if err := a.s.exec("UPDATE accounts SET source = ? WHERE number = ?", c.Source, a.number); err != nil {
			return err
		}
	}
	if c.Add.Content != nil || c.Remove != nil {
		return a.s.exec(`
UPDATE accounts SET images = ?1, uploaded = iif(?2 > position, ?3, uploaded), position = max(position, ?2) WHERE number = ?4`,
			a.images, int64(c.Add.Position), c.Add.Uploaded.UnixMilli(), a.number)
	}
	return nil
}

func (a *account) Sweep(now time.Time) error {
	var n int64
	err := a.s.change(func() error {
		res, err := a.s.result("DELETE FROM drafts WHERE account = ? AND (expires, nanos) <= (?, ?)", a.number, now.Unix(), now.Nanosecond())
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	if err == nil {
		a.drafts -= n
	}
	return err
}
