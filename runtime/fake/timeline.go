package fake

import (
	"cmp"
	"iter"
	"slices"
)

// timeline holds the finished images of an account in the order of their
// upload. A removed one leaves a gap, and gaps are closed when they outnumber
// the images, so that every change takes constant time on average.
type timeline struct {
	entries []entry // by position, which grows
	live    int     // entries that are no gaps
}

type entry struct {
	position uint64
	image    *record // nil in a gap
}

// add appends an image, whose position is beyond all others.
func (t *timeline) add(r *record) {
	t.entries = append(t.entries, entry{r.position, r})
	t.live++
}

// replace puts r where the image with its position was.
func (t *timeline) replace(r *record) {
	if i, ok := t.find(r.position); ok {
		t.entries[i].image = r
	}
}

// remove takes away the image at a position.
func (t *timeline) remove(position uint64) {
	i, ok := t.find(position)
	if !ok || t.entries[i].image == nil {
		return
	}
	t.entries[i].image = nil
	t.live--
	if gaps := len(t.entries) - t.live; gaps > t.live && gaps > 64 {
		t.entries = slices.DeleteFunc(t.entries, func(e entry) bool { return e.image == nil })
	}
}

// find returns the index of a position, or of the first one beyond it.
func (t *timeline) find(position uint64) (int, bool) {
	return slices.BinarySearchFunc(t.entries, position, func(e entry, p uint64) int {
		return cmp.Compare(e.position, p)
	})
}

// upward returns the images after a position, oldest first. Position 0 is
// before all images.
func (t *timeline) upward(after uint64) iter.Seq[*record] {
	from, found := t.find(after)
	if found {
		from++
	}
	return func(yield func(*record) bool) {
		for _, e := range t.entries[from:] {
			if e.image != nil && !yield(e.image) {
				return
			}
		}
	}
}

// downward returns the images before a position, newest first. Position 0 is
// after all images.
func (t *timeline) downward(before uint64) iter.Seq[*record] {
	to := len(t.entries)
	if before > 0 {
		to, _ = t.find(before)
	}
	return func(yield func(*record) bool) {
		for _, e := range slices.Backward(t.entries[:to]) {
			if e.image != nil && !yield(e.image) {
				return
			}
		}
	}
}
