package fake

import (
	"crypto/sha256"
	"encoding/hex"
	"sync/atomic"
	"time"

	"github.com/cfimages/cfimages/gen/api"
)

// record is an image or a draft. It never changes once it is stored: an edit
// stores another one in its place, so whoever holds a record may read it
// without a lock.
type record struct {
	id       string
	custom   bool // the id was chosen by the caller
	filename string
	creator  string         // empty: none
	meta     api.StoredMeta // empty: none
	private  bool           // requires signed URLs
	uploaded time.Time
	position uint64    // in the timeline; 0 for a draft
	expires  time.Time // of a draft
	content  *content  // nil for a draft
}

// content is the file of an image.
type content struct {
	mediaType string
	data      []byte
	sum       atomic.Pointer[[sha256.Size]byte] // see hash
}

// hash returns the SHA-256 of the file. It costs a look at every byte, so it is
// made when it is first asked for.
func (c *content) hash() [sha256.Size]byte {
	sum := c.sum.Load()
	if sum == nil {
		sum = new(sha256.Sum256(c.data))
		c.sum.Store(sum)
	}
	return *sum
}

// tag returns what identifies the file for caches.
//
// [assumed] The service has one.
func (c *content) tag() string {
	sum := c.hash()
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

func (r *record) draft() bool { return r.content == nil }

// store holds the images and drafts of one account. It knows no rule of the
// API but one: a draft is gone once it has expired. It is not safe for
// concurrent use.
type store struct {
	images map[string]*record
	drafts map[string]*record
	line   timeline
	// last are the position and time of the newest upload.
	last struct {
		position uint64
		uploaded time.Time
	}
	// sweepAt is the number of drafts at which expired ones are looked for.
	sweepAt int
}

const leastSweep = 1024

func newStore() store {
	return store{
		images:  map[string]*record{},
		drafts:  map[string]*record{},
		sweepAt: leastSweep,
	}
}

// get returns the image or draft with this id, nil when there is none.
//
// [assumed] An expired draft is gone, and its id is free again.
func (s *store) get(id string, now time.Time) *record {
	if r := s.images[id]; r != nil {
		return r
	}
	if r := s.drafts[id]; r != nil && !r.expired(now) {
		return r
	}
	return nil
}

// expired reports whether a draft's upload URL has stopped working.
//
// [assumed] It does so at its expiry, not after it.
func (r *record) expired(now time.Time) bool { return r.draft() && !now.Before(r.expires) }

// addDraft stores a draft under an id that is free.
func (s *store) addDraft(r record, now time.Time) *record {
	if len(s.drafts) >= s.sweepAt {
		s.sweep(now)
	}
	r.uploaded = stamp(now)
	s.drafts[r.id] = &r
	return &r
}

// sweep forgets expired drafts. It runs when the drafts have doubled, which
// makes its cost per draft constant.
func (s *store) sweep(now time.Time) {
	for id, r := range s.drafts {
		if r.expired(now) {
			delete(s.drafts, id)
		}
	}
	s.sweepAt = max(leastSweep, 2*len(s.drafts))
}

// addImage stores a finished image, which becomes the newest. A draft of the
// same id is what it was before.
//
// [documented] Lists are ordered by upload time. It never decreases, and where
// it stands still the order of the uploads decides [assumed].
func (s *store) addImage(r record, now time.Time) *record {
	delete(s.drafts, r.id)
	s.last.position++
	if t := stamp(now); t.After(s.last.uploaded) {
		s.last.uploaded = t
	}
	r.position, r.uploaded, r.expires = s.last.position, s.last.uploaded, time.Time{}
	s.images[r.id] = &r
	s.line.add(&r)
	return &r
}

// replace stores next in place of old, perhaps under another id, which is
// free. Its place in the order stays.
func (s *store) replace(old *record, next record) *record {
	if next.draft() {
		delete(s.drafts, old.id)
		s.drafts[next.id] = &next
		return &next
	}
	delete(s.images, old.id)
	s.images[next.id] = &next
	s.line.replace(&next)
	return &next
}

// remove forgets an image or draft.
func (s *store) remove(r *record) {
	if r.draft() {
		delete(s.drafts, r.id)
		return
	}
	delete(s.images, r.id)
	s.line.remove(r.position)
}

// count returns the number of finished images.
func (s *store) count() int64 { return int64(len(s.images)) }

// stamp returns an upload time.
//
// [documented] Samples are in UTC, with milliseconds.
func stamp(now time.Time) time.Time { return now.UTC().Truncate(time.Millisecond) }
