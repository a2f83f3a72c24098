package sqlite

import (
	"context"
	"errors"
	"fmt"
)

const (
	// application marks a database as one of this package.
	application = 0x6366696d
	// version is that of the schema.
	version = 1
)

// schema is that of a new database. The place of an image is its account and its
// position in one number, see place, so that lists are ranges of the table and of
// the index of creators. Times are in milliseconds of Unix time.
var schema = []string{`
CREATE TABLE world (
	ahead INTEGER NOT NULL, -- of the clock, in nanoseconds
	clean INTEGER NOT NULL  -- no file is there that nobody needs
) STRICT`, `
INSERT INTO world VALUES (0, 1)`, `
CREATE TABLE accounts (
	number   INTEGER PRIMARY KEY,
	id       TEXT NOT NULL UNIQUE,
	keys     TEXT NOT NULL, -- JSON
	variants TEXT NOT NULL, -- JSON
	settings TEXT,          -- JSON
	source   BLOB,
	position INTEGER NOT NULL, -- of the newest upload
	uploaded INTEGER NOT NULL, -- its time
	images   INTEGER NOT NULL  -- how many there are
) STRICT`, `
CREATE TABLE images (
	place    INTEGER PRIMARY KEY,
	account  INTEGER NOT NULL,
	id       TEXT NOT NULL,
	flags    INTEGER NOT NULL,
	creator  TEXT NOT NULL,
	meta     TEXT,
	filename TEXT NOT NULL,
	uploaded INTEGER NOT NULL,
	sum      BLOB NOT NULL, -- names the file
	size     INTEGER NOT NULL,
	type     TEXT NOT NULL
) STRICT`, `
CREATE UNIQUE INDEX images_id ON images (account, id)`, `
CREATE INDEX images_creator ON images (creator, place)`, `
CREATE INDEX images_sum ON images (sum)`, `
CREATE TABLE drafts (
	account  INTEGER NOT NULL,
	id       TEXT NOT NULL,
	flags    INTEGER NOT NULL,
	creator  TEXT NOT NULL,
	meta     TEXT,
	uploaded INTEGER NOT NULL,
	expires  INTEGER NOT NULL, -- seconds of Unix time
	nanos    INTEGER NOT NULL, -- and what is beyond them
	PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID`}

// migrate makes the schema of a new database and checks that of an old one.
func (s *Store) migrate() error {
	var app, have, tables int
	row := s.conn.QueryRowContext(context.Background(), `
SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
	(SELECT count(*) FROM sqlite_schema)`)
	if err := row.Scan(&app, &have, &tables); err != nil {
		return err
	}
	switch {
	case tables == 0 && app == 0:
		return s.create()
	case app != application:
		return errors.New("its database belongs to another program")
	case have > version:
		return fmt.Errorf("a newer version of this program made it: it has schema %d, and this one knows %d", have, version)
	case have < version:
		return fmt.Errorf("it has schema %d, and this program knows %d only", have, version)
	}
	return nil
}

func (s *Store) create() error {
	ctx := context.Background()
	if _, err := s.conn.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	return s.change(func() error {
		for _, text := range append(schema,
			fmt.Sprintf("PRAGMA application_id = %d", application), fmt.Sprintf("PRAGMA user_version = %d", version)) {
			if _, err := s.conn.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		return nil
	})
}

// begin notes that the store is in use, and returns whether its last use ended
// well.
func (s *Store) begin() (clean bool, err error) {
	if err := s.reads.QueryRow("SELECT clean FROM world").Scan(&clean); err != nil {
		return false, err
	}
	return clean, s.change(func() error { return s.exec("UPDATE world SET clean = 0") })
}
