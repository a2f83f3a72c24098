package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// DefaultLedger returns the directory in which commands keep their ledgers.
func DefaultLedger() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "cfimages", "ledger"), nil
}

const (
	ledgerVersion = 1
	ledgerSuffix  = ".jsonl"

	stateRefused = "refused" // every request that named it
	stateGone    = "gone"    // proven by reading
)

// ledgerLine is a line of a ledger's file. The first tells whose it is; each
// of the others is an entry, or tells what became of one.
type ledgerLine struct {
	Version int    `json:"ledger,omitempty"`
	Target  string `json:"target,omitempty"`
	Run     string `json:"run"`
	Kind    kind   `json:"kind,omitempty"`
	ID      string `json:"id,omitempty"`
	Creator string `json:"creator,omitempty"`
	Meta    string `json:"meta,omitempty"`
	Account string `json:"account,omitempty"`
	Told    bool   `json:"told,omitempty"`
	// State is empty for an entry that is open.
	State string    `json:"state,omitempty"`
	At    time.Time `json:"at"`
}

func (l ledgerLine) entry() entry {
	return entry{kind: l.Kind, id: l.ID, account: l.Account, told: l.Told, creator: l.Creator, meta: l.Meta}
}

// book is all that a run has written down, in memory and, if it has a
// directory, in a file: one line for each entry, written before the request
// that names it.
type book struct {
	dir string
	// sync flushes each line to the disk before its request is sent.
	sync    bool
	head    ledgerLine
	mu      sync.Mutex
	file    *os.File
	err     error
	records []*record
}

// enter writes an entry down.
func (b *book) enter(rec *record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !rec.entered {
		rec.entered = true
		b.records = append(b.records, rec)
	}
	b.write(rec, "")
}

// note writes down what became of an entry.
func (b *book) note(rec *record, state string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.write(rec, state)
}

// trouble is why the ledger cannot be written, after which no request that
// makes anything may be sent.
func (b *book) trouble() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// all returns every entry ever written.
func (b *book) all() []*record {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*record(nil), b.records...)
}

// write appends a line. The lock is held.
func (b *book) write(rec *record, state string) {
	if b.dir == "" || b.err != nil {
		return
	}
	if b.file == nil {
		if b.err = b.create(); b.err != nil {
			return
		}
	}
	e := rec.entry
	b.err = b.append(ledgerLine{
		Run: b.head.Run, Kind: e.kind, ID: e.id, Creator: e.creator, Meta: e.meta, Account: e.account, Told: e.told, State: state,
	})
}

func (b *book) create() error {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return unwritable(err)
	}
	name := fmt.Sprintf("%s-%d%s", b.head.Run, os.Getpid(), ledgerSuffix)
	f, err := os.OpenFile(filepath.Join(b.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return unwritable(err)
	}
	b.file = f
	return b.append(b.head)
}

// append writes a line with a single call, so that none is torn but the last
// of a process that was killed, whose request was not sent.
func (b *book) append(line ledgerLine) error {
	line.At = time.Now().UTC()
	text, err := json.Marshal(line)
	if err == nil {
		_, err = b.file.Write(append(text, '\n'))
	}
	if err == nil && b.sync {
		err = b.file.Sync()
	}
	if err != nil {
		return unwritable(err)
	}
	return nil
}

func unwritable(err error) error {
	return fmt.Errorf("%w: the ledger cannot be written: %w", ErrStopped, err)
}

// close ends the file, and removes it if every entry was proven gone.
func (b *book) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file == nil {
		return b.err
	}
	err := errors.Join(b.err, b.file.Close())
	for _, rec := range b.records {
		if !rec.gone {
			return err
		}
	}
	return errors.Join(err, os.Remove(b.file.Name()))
}

// storedLedger is the file of a ledger, read.
type storedLedger struct {
	name    string
	head    ledgerLine
	entries []storedEntry
}

type storedEntry struct {
	entry
	state string
}

// readLedger reads a ledger's file. What comes after the last line break was
// cut off before its request was sent, and does not count.
func readLedger(name string, text []byte) (*storedLedger, error) {
	l := &storedLedger{name: name}
	lines := bytes.Split(text, []byte("\n"))
	for n, raw := range lines[:len(lines)-1] {
		var line ledgerLine
		if err := strictJSON(raw, &line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
		}
		switch {
		case n == 0:
			if line.Version != ledgerVersion || len(line.Run) < 8 || line.Target == "" || line.Account == "" {
				return nil, fmt.Errorf("%s:1: this is no ledger of version %d", name, ledgerVersion)
			}
			l.head = line
		case line.Run != l.head.Run:
			return nil, fmt.Errorf("%s:%d: the run is not %s", name, n+1, l.head.Run)
		default:
			if err := l.apply(line); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
			}
		}
	}
	return l, nil
}

func (l *storedLedger) apply(line ledgerLine) error {
	e := line.entry()
	switch e.kind {
	case kindImage, kindVariant, kindKey:
	default:
		return fmt.Errorf("there is no kind %q", e.kind)
	}
	if e.isMark() && (e.kind != kindImage || e.creator == "" && e.meta == "") {
		return errors.New("the entry names nothing")
	}
	for i := range l.entries {
		if l.entries[i].same(e) {
			l.entries[i].state = line.State
			return nil
		}
	}
	l.entries = append(l.entries, storedEntry{e, line.State})
	return nil
}

func strictJSON(text []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("there is more than one value in the line")
	}
	return nil
}
