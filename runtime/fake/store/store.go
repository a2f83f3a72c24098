// Package store is where the fake keeps its state: one small interface, and the
// store in memory behind it. Package sqlite has one that outlives the process.
//
// A store knows no rule of the API. Package fake decides what a change is, under
// the lock of its account; a store makes all of the change or none of it.
package store

import (
	"crypto/sha256"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/origin"
)

// ErrDuplicate says that an account was given two records of one id or of one
// position.
var ErrDuplicate = errors.New("store: two records have one id or one position")

// Store keeps the state of all accounts. It is safe for concurrent use.
type Store interface {
	// Open returns the records of an account, which is among Accounts from its
	// first change on.
	Open(accountID string) (Account, error)
	// Accounts returns the ids of the accounts, in ascending order.
	Accounts() ([]string, error)
	// Keep stores a file. It stays until Release at least, and as long as a
	// record holds it. The store may keep data itself, so nobody may change it.
	Keep(mediaType string, data []byte) (Content, error)
	// Release says that who called Keep has stored a record with the file, or
	// will not.
	Release(Content)
	// Ahead returns what was set last, 0 at first.
	Ahead() (time.Duration, error)
	// SetAhead remembers how far the clock is ahead of that of the machine.
	SetAhead(time.Duration) error
	// View returns the state of all accounts at one moment. No change may be
	// under way until it returns.
	View() (View, error)
	// Replace makes what fill gives the state of all accounts. An error of fill
	// is returned, and everything is as it was before. Accounts that were open
	// are opened again afterwards. Files that fill keeps stay until Replace
	// returns.
	Replace(fill func(Filler) error) error
	// Close ends the use of the store.
	Close() error
}

// Account holds the images and drafts of one account. One caller may change it,
// or several may read it; it relies on a lock of theirs.
type Account interface {
	// State returns what the account has beside records. It is the zero State
	// before the first change.
	State() (State, error)
	// Get returns the record with an id, nil when there is none.
	Get(id string) (*Stored, error)
	// Images returns the number of finished images.
	Images() int64
	// Drafts returns the number of drafts, expired ones included.
	Drafts() int64
	// Bytes returns the length of all their files together; a file that several
	// images share counts for each.
	Bytes() (int64, error)
	// List returns finished images. After an error it ends.
	List(Query) iter.Seq2[*Stored, error]
	// Apply makes a change, all of it or none, and returns what it added, nil
	// when it added nothing. Whatever returned without an error stays.
	Apply(Change) (*Stored, error)
	// Sweep forgets the drafts that have expired at a moment.
	Sweep(now time.Time) error
}

// State is what an account has beside records.
type State struct {
	Keys     []api.SigningKey // in the order they were made; never changed
	Variants []api.Variant    // in the order of their ids; never changed
	// Settings are nil until they are changed; never changed themselves.
	Settings *origin.Settings
	// Source is the state of the account's source of ids, nil where ids need not
	// repeat.
	Source []byte
	// Position and Uploaded are those of the newest upload there ever was.
	Position uint64
	Uploaded time.Time
}

// Change is what one call changes. A nil member leaves things as they are.
type Change struct {
	// Clear forgets every record first, the newest upload and the settings.
	Clear bool
	// Remove is a record that Get or List returned.
	Remove *Stored
	// Add is stored unless its ID is empty. Its id is free after Remove. Its
	// position is that of Remove, or beyond all there were, or 0 for a draft.
	Add      Record
	Keys     []api.SigningKey
	Variants []api.Variant
	Settings *origin.Settings
	Source   []byte
}

// Query selects finished images, in the order of their positions.
type Query struct {
	// Up orders by ascending position, else it descends.
	Up bool
	// After is the position that the first image comes after, in that order; 0
	// is before all images.
	After uint64
	// Creator selects images with exactly this creator, empty for those without
	// one.
	Creator *string
	// Match selects images by their metadata; it sees no image that has none.
	// It may be called concurrently, and keeps no text.
	Match func(meta []byte) bool
	// Skip leaves out so many of the images that are selected.
	Skip int64
}

// Content is the file of an image. It is safe for concurrent use.
type Content interface {
	// MediaType is what the file was found to be.
	MediaType() string
	// Size is its length in bytes.
	Size() int64
	// Sum is the SHA-256 of its bytes.
	Sum() [sha256.Size]byte
	// Open reads the file. A file whose last record was removed may be gone.
	Open() (io.ReadSeekCloser, error)
}

// View is the state of all accounts at one moment. It is not safe for
// concurrent use.
type View interface {
	// Ahead is how far the clock was ahead.
	Ahead() time.Duration
	// Accounts returns the ids of the accounts, in ascending order.
	Accounts() []string
	// State returns what one of them has beside records.
	State(accountID string) (State, error)
	// Records returns the images by ascending position, then the drafts by their
	// ids. After an error it ends.
	Records(accountID string) iter.Seq2[*Stored, error]
	// Retain keeps the files of the records beyond Close, until release is called.
	Retain() (release func())
	// Close ends the use of the view.
	Close() error
}

// Filler takes the state that [Store.Replace] is given.
type Filler interface {
	// Ahead says how far the clock is ahead; it is 0 otherwise.
	Ahead(time.Duration) error
	// Account begins an account, of which there is none yet.
	Account(id string, s State) error
	// Put adds a record to the account that was begun last, images first, by
	// ascending position.
	Put(*Stored) error
}
