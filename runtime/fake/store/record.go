package store

import (
	"time"
	"unsafe"
)

// Record is an image or a draft.
type Record struct {
	ID       string
	Custom   bool // the id was chosen by the caller
	Private  bool // requires signed URLs
	Filename string
	Creator  string // empty: none
	Meta     []byte // a JSON object; empty: none
	Uploaded time.Time
	Position uint64    // in the order of uploads; 0 for a draft
	Expires  time.Time // of a draft
	Content  Content   // nil for a draft
}

// Stored is a record in 80 bytes and one text. It never changes, so whoever
// holds one may read it without a lock.
type Stored struct {
	text     string     // id, filename and metadata, one behind the other
	ends     [2]uint32  // of the id and of the filename in text, each with a flag
	uploaded int64      // milliseconds of Unix time
	position uint64     // see Record
	creator  string     // see Record
	content  Content    // see Record
	expires  *time.Time // of a draft
}

// flag is the bit of an end that says custom (of the id) or private (of the
// filename).
const flag = 1 << 31

// Pack returns the stored form of a record, which shares with it the creator and
// the content only. Upload times have milliseconds.
func Pack(r *Record) *Stored {
	text := make([]byte, 0, len(r.ID)+len(r.Filename)+len(r.Meta))
	text = append(append(append(text, r.ID...), r.Filename...), r.Meta...)
	s := &Stored{
		text:     unsafe.String(unsafe.SliceData(text), len(text)), // nobody writes to it anymore
		ends:     [2]uint32{uint32(len(r.ID)), uint32(len(r.ID) + len(r.Filename))},
		uploaded: r.Uploaded.UnixMilli(),
		position: r.Position,
		creator:  r.Creator,
		content:  r.Content,
	}
	if r.Custom {
		s.ends[0] |= flag
	}
	if r.Private {
		s.ends[1] |= flag
	}
	if s.Draft() {
		s.expires = new(r.Expires)
	}
	return s
}

// Record returns the record that was packed. Nobody may write to its metadata.
func (s *Stored) Record() Record {
	r := Record{
		ID: s.ID(), Custom: s.Custom(), Private: s.Private(), Filename: s.Filename(), Creator: s.creator, Meta: s.Meta(),
		Uploaded: s.Uploaded(), Position: s.position, Content: s.content,
	}
	if s.expires != nil {
		r.Expires = *s.expires
	}
	return r
}

// ID returns the id.
func (s *Stored) ID() string { return s.text[:s.ends[0]&^flag] }

// Filename returns the name of the file.
func (s *Stored) Filename() string { return s.text[s.ends[0]&^flag : s.ends[1]&^flag] }

// Meta returns the metadata, nil when there is none. Nobody may write to it.
func (s *Stored) Meta() []byte {
	text := s.text[s.ends[1]&^flag:]
	if text == "" {
		return nil
	}
	return unsafe.Slice(unsafe.StringData(text), len(text)) // a copy for each look would cost more than the look
}

// Creator returns the creator, empty for none.
func (s *Stored) Creator() string { return s.creator }

// Custom reports whether the id was chosen by the caller.
func (s *Stored) Custom() bool { return s.ends[0]&flag != 0 }

// Private reports whether the image requires signed URLs.
func (s *Stored) Private() bool { return s.ends[1]&flag != 0 }

// Uploaded returns the time of the upload, in UTC.
func (s *Stored) Uploaded() time.Time { return time.UnixMilli(s.uploaded).UTC() }

// Position returns the place in the order of uploads, 0 for a draft.
func (s *Stored) Position() uint64 { return s.position }

// Content returns the file, nil for a draft.
func (s *Stored) Content() Content { return s.content }

// Draft reports whether the record waits for its file.
func (s *Stored) Draft() bool { return s.content == nil }

// Expired reports whether a draft's upload URL has stopped working. It does so
// at its expiry, not after it.
func (s *Stored) Expired(now time.Time) bool { return s.expires != nil && !now.Before(*s.expires) }

// selected reports whether a query wants the record.
func (s *Stored) selected(q *Query) bool {
	if q.Creator != nil && *q.Creator != s.creator {
		return false
	}
	if q.Match == nil {
		return true
	}
	meta := s.Meta()
	return meta != nil && q.Match(meta)
}
