package system

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/mock"
)

// owners are the packages whose goroutines must be gone when a mock is.
var owners = []string{"cfimages/runtime/", "cfimages/gen/", "net/http.(*conn)", "net/http.(*Server)", "net/http.(*persistConn)"}

// goroutines returns the stacks of the goroutines that belong to a mock, by their
// numbers; those of the test itself are left out.
func goroutines() map[string]string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	found := map[string]string{}
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		for _, owner := range owners {
			if strings.Contains(stack, owner) && !strings.Contains(stack, "testing.tRunner") {
				number, _, _ := strings.Cut(stack, " [")
				found[number] = stack
				break
			}
		}
	}
	return found
}

// left waits until no goroutine belongs to a mock, but for those that were there
// before, and returns the stacks of those that stay. A goroutine that has done its
// last step may be seen for an instant.
func left(before map[string]string, patience time.Duration) []string {
	for end := time.Now().Add(patience); ; {
		found := goroutines()
		maps.DeleteFunc(found, func(number, _ string) bool { return before[number] != "" })
		if len(found) == 0 || time.Now().After(end) {
			return slices.Collect(maps.Values(found))
		}
		runtime.Gosched()
	}
}

// TestNoGoroutineIsLeft is not parallel: mocks of other tests have goroutines, too.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := goroutines()
	t.Run("a thousand mocks", func(t *testing.T) {
		var running sync.WaitGroup
		for i := range 1000 {
			running.Go(func() { isolated(t, i) })
		}
		running.Wait()
	})
	if found := left(before, 10*time.Second); len(found) > 0 {
		t.Errorf("%d goroutines are left:\n%s", len(found), found[0])
	}
}

// isolated uses a mock of its own, every other one over a socket.
func isolated(t *testing.T, i int) {
	m := mock.New()
	if i%2 == 0 {
		m = mock.Start(t)
	}
	c, id := m.Client(), fmt.Sprintf("image-%d", i)
	if _, err := c.CreateDirectUpload(t.Context(), api.DirectUpload{ID: id}); err != nil {
		t.Error(err)
		return
	}
	if img, err := c.GetImage(t.Context(), id); err != nil || img.ID != id {
		t.Errorf("%s: %+v, %v", id, img, err)
	}
	if _, err := c.GetImage(t.Context(), fmt.Sprintf("image-%d", i+1)); !errors.Is(err, api.ErrImageNotFound) {
		t.Errorf("%s sees the image of another mock: %v", id, err)
	}
	if n := len(m.Calls()); n != 3 {
		t.Errorf("%s: %d calls", id, n)
	}
	m.Close()
}

// TestLeaksAreSeen plants what the check above must find.
func TestLeaksAreSeen(t *testing.T) {
	before := goroutines()
	m := mock.New()
	entered, release := make(chan struct{}), make(chan struct{})
	m.GetStatsFunc = func(context.Context) (*api.Stats, error) {
		close(entered)
		<-release
		return &api.Stats{}, nil
	}
	go func() { _, _ = m.Client().GetStats(t.Context()) }()
	<-entered
	if found := left(before, 0); len(found) == 0 {
		t.Error("a goroutine that is left is not seen")
	}
	close(release)
	if found := left(before, 10*time.Second); len(found) > 0 {
		t.Errorf("%d goroutines are left:\n%s", len(found), found[0])
	}
}
