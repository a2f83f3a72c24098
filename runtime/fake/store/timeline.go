package store

import (
	"cmp"
	"iter"
	"slices"
)

// timeline holds finished images in the order of their positions. A removed one
// leaves a gap, and gaps are closed when they outnumber the images, so that every
// change takes constant time on average.
type timeline struct {
	entries []*Stored // by position, which grows
	live    int       // entries that are no gaps
}

// gap stands where an image was. It keeps the position only.
func gap(position uint64) *Stored { return &Stored{position: position} }

func (s *Stored) isGap() bool { return s.text == "" }

// put stores an image at its position. Beyond the last position, or where an
// image or a gap has been, this takes constant time.
func (t *timeline) put(s *Stored) {
	i, found := t.find(s.position)
	switch {
	case !found:
		t.entries = slices.Insert(t.entries, i, s)
		t.live++
	case t.entries[i].isGap():
		t.entries[i] = s
		t.live++
	default:
		t.entries[i] = s
	}
}

// remove takes away the image at a position.
func (t *timeline) remove(position uint64) {
	i, ok := t.find(position)
	if !ok || t.entries[i].isGap() {
		return
	}
	t.entries[i] = gap(position)
	t.live--
	if gaps := len(t.entries) - t.live; gaps > t.live && gaps > 64 {
		t.entries = slices.DeleteFunc(t.entries, (*Stored).isGap)
	}
}

// find returns the index of a position, or of the first one beyond it.
func (t *timeline) find(position uint64) (int, bool) {
	if n := len(t.entries); n == 0 || t.entries[n-1].position < position {
		return n, false
	}
	return slices.BinarySearchFunc(t.entries, position, func(s *Stored, p uint64) int {
		return cmp.Compare(s.position, p)
	})
}

// upward returns the images after a position, oldest first. Position 0 is
// before all images.
func (t *timeline) upward(after uint64) iter.Seq[*Stored] {
	from, found := t.find(after)
	if found {
		from++
	}
	return func(yield func(*Stored) bool) {
		for _, s := range t.entries[from:] {
			if !s.isGap() && !yield(s) {
				return
			}
		}
	}
}

// downward returns the images before a position, newest first. Position 0 is
// after all images.
func (t *timeline) downward(before uint64) iter.Seq[*Stored] {
	to := len(t.entries)
	if before > 0 {
		to, _ = t.find(before)
	}
	return func(yield func(*Stored) bool) {
		for _, s := range slices.Backward(t.entries[:to]) {
			if !s.isGap() && !yield(s) {
				return
			}
		}
	}
}
