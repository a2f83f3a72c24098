package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/cfimages/cfimages/runtime/fake/store"
	"github.com/cfimages/cfimages/runtime/origin"
)

// Flags of a record.
const (
	custom = 1 << iota
	private
)

func flags(r *store.Record) (out int) {
	if r.Custom {
		out |= custom
	}
	if r.Private {
		out |= private
	}
	return out
}

// positions is the number of positions in an account.
const positions = 1 << 40

// place orders the images of all accounts: by account, then by position.
func place(account int64, position uint64) int64 { return account*positions + int64(position) }

const (
	selectImages = "SELECT place, id, flags, creator, meta, filename, uploaded, sum, size, type FROM images"
	selectDrafts = "SELECT id, flags, creator, meta, uploaded, expires, nanos FROM drafts"
)

// scanner is a row.
type scanner interface{ Scan(to ...any) error }

// scanImage reads a row of selectImages.
func (s *Store) scanImage(row scanner) (*store.Stored, error) {
	var (
		r        store.Record
		f        = &file{dir: s.dir}
		at       int64
		bits     int
		uploaded int64
		sum      sql.RawBytes
		meta     sql.NullString
	)
	into := any(&sum)
	var whole []byte
	if _, single := row.(*sql.Row); single { // which does not take RawBytes
		into = &whole
	}
	err := row.Scan(&at, &r.ID, &bits, &r.Creator, &meta, &r.Filename, &uploaded, into, &f.size, &f.mediaType)
	if err != nil {
		return nil, err
	}
	if copy(f.sum[:], sum)+copy(f.sum[:], whole) != sha256.Size {
		return nil, errors.New("the database has a file without a name")
	}
	r.Custom, r.Private, r.Meta = bits&custom != 0, bits&private != 0, []byte(meta.String)
	r.Uploaded, r.Position, r.Content = time.UnixMilli(uploaded), uint64(at%positions), f
	return store.Pack(&r), nil
}

// scanDraft reads a row of selectDrafts.
func scanDraft(row scanner) (*store.Stored, error) {
	var (
		r                        store.Record
		bits                     int
		uploaded, expires, nanos int64
		meta                     sql.NullString
	)
	if err := row.Scan(&r.ID, &bits, &r.Creator, &meta, &uploaded, &expires, &nanos); err != nil {
		return nil, err
	}
	r.Custom, r.Private, r.Meta = bits&custom != 0, bits&private != 0, []byte(meta.String)
	r.Uploaded, r.Expires = time.UnixMilli(uploaded), time.Unix(expires, nanos).UTC()
	return store.Pack(&r), nil
}

// text is metadata as it is stored.
func text(meta []byte) sql.NullString {
	return sql.NullString{String: string(meta), Valid: len(meta) > 0}
}

func (s *Store) insertImage(account int64, r *store.Record) error {
	f, err := s.own(r.Content)
	if err != nil {
		return err
	}
	return s.exec("INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		place(account, r.Position), account, r.ID, flags(r), r.Creator, text(r.Meta), r.Filename, r.Uploaded.UnixMilli(), f.sum[:], f.size, f.mediaType)
}

func (s *Store) insertDraft(account int64, r *store.Record) error {
	return s.exec("INSERT INTO drafts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		account, r.ID, flags(r), r.Creator, text(r.Meta), r.Uploaded.UnixMilli(), r.Expires.Unix(), r.Expires.Nanosecond())
}

// querier reads.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func accounts(ctx context.Context, q querier) (ids []string, err error) {
	rows, err := q.QueryContext(ctx, "SELECT id FROM accounts ORDER BY id")
	if err != nil {
		return nil, plain(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, plain(rows.Err())
}

// readAccount returns the number and state of an account, and how many images and
// drafts it has; the number is 0 when there is none.
func readAccount(ctx context.Context, q querier, id string) (number int64, s store.State, images, drafts int64, err error) {
	var (
		keys, variants []byte
		settings       sql.NullString
		uploaded       int64
	)
	err = q.QueryRowContext(ctx, `
SELECT number, keys, variants, settings, source, position, uploaded, images,
	(SELECT count(*) FROM drafts WHERE account = number)
FROM accounts WHERE id = ?`, id).
		Scan(&number, &keys, &variants, &settings, &s.Source, &s.Position, &uploaded, &images, &drafts)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, store.State{}, 0, 0, nil
	}
	if err != nil {
		return 0, s, 0, 0, plain(err)
	}
	s.Uploaded = time.UnixMilli(uploaded).UTC()
	if settings.Valid {
		s.Settings = new(origin.Settings)
		err = json.Unmarshal([]byte(settings.String), s.Settings)
	}
	return number, s, images, drafts, errors.Join(err, json.Unmarshal(keys, &s.Keys), json.Unmarshal(variants, &s.Variants))
}

// asJSON returns a value as a column has it, NULL for none.
func asJSON[T any](v T, none bool) (out sql.NullString, err error) {
	if none {
		return out, nil
	}
	b, err := json.Marshal(v)
	return sql.NullString{String: string(b), Valid: true}, err
}
