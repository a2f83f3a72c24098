package hook

import (
	"slices"
	"testing"
)

func TestHook(t *testing.T) {
	var watched []int
	Watch(func(id int, entering bool) {
		if entering {
			watched = append(watched, id)
		}
	})
	reached, failed := During(func() {
		if Enter(1) {
			Leave(1)
		}
		Enter(2) // and does not hold
	})
	Watch(nil)
	slices.Sort(reached)
	if !slices.Equal(reached, []int{1, 2}) || !slices.Equal(failed, []int{2}) || !slices.Equal(watched, []int{1, 2}) {
		t.Errorf("reached %v, failed %v, watched %v", reached, failed, watched)
	}
	Without(1, func() {
		if Enter(1) || !Enter(2) {
			t.Error("1 should be taken out, and 2 not")
		}
	})
	if !Enter(1) {
		t.Error("1 should be there again")
	}
}
