package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
)

// kept is a mock in a process of its own that keeps its data in a folder.
type kept struct {
	*client.Client
	cmd   *exec.Cmd
	ready time.Duration // until it answered
	// fatal is the number of requests from now on of which the last is served while
	// the mock is killed.
	fatal atomic.Int64
}

func (k *kept) RoundTrip(r *http.Request) (*http.Response, error) {
	if k.fatal.Add(-1) == 0 {
		go func() { _ = k.cmd.Process.Kill() }()
	}
	return http.DefaultTransport.RoundTrip(r)
}

func startKept(t *testing.T, dir string) *kept {
	t.Helper()
	k := &kept{cmd: exec.CommandContext(t.Context(), os.Args[0], "mock", "--addr", "127.0.0.1:0", "--data-dir", dir)}
	k.cmd.Env = append(os.Environ(), asCommand+"=1", "GORACE=atexit_sleep_ms=0")
	k.cmd.Stderr = os.Stderr
	out, err := k.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := k.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the mock did not start: %v", err)
	}
	url := strings.TrimSpace(strings.TrimPrefix(line, "Cloudflare Images mock on "))
	k.Client, err = client.New(killAccount, client.WithToken("t"), client.WithBaseURL(url), client.WithHTTPClient(&http.Client{Transport: k}), client.WithRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.GetStats(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.ready = time.Since(begin)
	return k
}

// writer is what one of several clients knows for sure, and of which ids it does
// not know what the last call did.
type writer struct {
	images map[string]string // id to metadata and body
	gone   map[string]bool
	unsure map[string]bool
}

// work makes calls until one fails.
func (w *writer) work(ctx context.Context, c *kept, tag string) {
	for n := 0; ; n++ {
		id := fmt.Sprintf("%s/%d", tag, n)
		if w.create(ctx, c, id, n) != nil {
			w.unsure[id] = true
			return
		}
		for old := range w.images {
			if n%3 == 0 || w.change(ctx, c, old, n) == nil {
				break
			}
			w.unsure[old] = true
			return
		}
	}
}

func drawn(id string, n int) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg"><!-- %s %s --></svg>`, id, strings.Repeat("x", n*997%20000))
}

func (w *writer) create(ctx context.Context, c *kept, id string, n int) error {
	body, meta := drawn(id, n), api.Meta{"n": n}
	var err error
	if n%2 == 0 {
		_, err = c.UploadImage(ctx, api.ImageUpload{ID: id, File: api.Bytes("a.svg", []byte(body)), Metadata: meta})
	} else {
		var up *api.DirectUploadTarget
		if up, err = c.CreateDirectUpload(ctx, api.DirectUpload{ID: id, Metadata: meta}); err == nil {
			_, err = client.UploadTo(ctx, up.UploadURL, api.Bytes("a.svg", []byte(body)))
		}
	}
	if err == nil {
		w.images[id] = fmt.Sprintf(`{"n":%d}%s`, n, body)
	}
	return err
}

func (w *writer) change(ctx context.Context, c *kept, id string, n int) error {
	if n%3 == 1 {
		_, body, _ := strings.Cut(w.images[id], "}")
		_, err := c.EditImage(ctx, id, api.ImageEdit{Metadata: api.Meta{"n": -n}})
		if err == nil {
			w.images[id] = fmt.Sprintf(`{"n":%d}%s`, -n, body)
		}
		return err
	}
	err := c.DeleteImage(ctx, id)
	if err == nil {
		delete(w.images, id)
		w.gone[id] = true
	}
	return err
}

// check compares what a writer knows with what the mock has.
func (w *writer) check(t *testing.T, c *kept) {
	t.Helper()
	for id, want := range w.images {
		if got, err := lookUp(t.Context(), c, id); !w.unsure[id] && (err != nil || got != want) {
			t.Errorf("%s was acknowledged as %.60q and is %.60q, %v", id, want, got, err)
		}
	}
	for id := range w.gone {
		if _, err := c.GetImage(t.Context(), id); !errors.Is(err, api.ErrImageNotFound) {
			t.Errorf("%s was deleted, and is answered with %v", id, err)
		}
	}
	for id := range w.unsure {
		img, err := c.GetImage(t.Context(), id)
		if errors.Is(err, api.ErrImageNotFound) || err == nil && img.Draft {
			continue
		}
		if got, err := lookUp(t.Context(), c, id); err != nil || !strings.HasSuffix(got, " --></svg>") {
			t.Errorf("%s is half there: %.60q, %v", id, got, err)
		}
	}
}

func lookUp(ctx context.Context, c *kept, id string) (string, error) {
	img, err := c.GetImage(ctx, id)
	if err != nil {
		return "", err
	}
	blob, err := c.GetImageBlob(ctx, id)
	if err != nil {
		return "", err
	}
	defer func() { _ = blob.Close() }()
	body, err := io.ReadAll(blob)
	return string(img.Meta) + string(body), err
}

// TestKilledMock kills mocks under load at random moments: nothing that was
// acknowledged is lost, no image is half there, and no file stays that nobody
// needs.
func TestKilledMock(t *testing.T) {
	times := 5
	var ready []time.Duration
	if os.Getenv("CFIMAGES_KILL_MOCK") == "all" {
		times = 200
	}
	acknowledged := 0
	for i := range times {
		dir := t.TempDir()
		c := startKept(t, dir)
		writers := load(t, c, 1+rand.IntN(200), i)
		c = startKept(t, dir)
		ready = append(ready, c.ready)
		for _, w := range writers {
			acknowledged += len(w.images) + len(w.gone)
			w.check(t, c)
		}
		want := countImages(t, c)
		for begin := time.Now(); countFiles(t, dir) != want; time.Sleep(time.Millisecond) {
			if time.Since(begin) > time.Minute {
				t.Fatalf("%d files are left of %d images", countFiles(t, dir), want)
			}
		}
		_ = c.cmd.Process.Signal(os.Interrupt)
		_ = c.cmd.Wait()
	}
	if acknowledged == 0 {
		t.Error("no image was acknowledged")
	}
	slices.Sort(ready)
	t.Logf("%d kills, %d acknowledged images, ready again after %s (median) and %s at most", times, acknowledged, ready[times/2], ready[times-1])
}

// load lets writers work until the mock is killed, after so many requests.
func load(t *testing.T, c *kept, requests, run int) []*writer {
	c.fatal.Store(int64(requests))
	var all []*writer
	var group sync.WaitGroup
	for n := range 4 {
		w := &writer{images: map[string]string{}, gone: map[string]bool{}, unsure: map[string]bool{}}
		all = append(all, w)
		group.Go(func() { w.work(t.Context(), c, fmt.Sprintf("w%d/%d", run, n)) })
	}
	group.Wait()
	_ = c.cmd.Wait()
	for _, w := range all {
		maps.DeleteFunc(w.images, func(id, _ string) bool { return w.unsure[id] })
	}
	return all
}

func countImages(t *testing.T, c *kept) int {
	n := 0
	for _, err := range c.AllImages(t.Context(), api.ListImagesParams{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func countFiles(t *testing.T, dir string) int {
	n := 0
	for _, part := range []string{"files", "new"} {
		err := filepath.WalkDir(filepath.Join(dir, part), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				n++
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// TestDataDirIsForOne starts a second mock in the folder of another.
func TestDataDirIsForOne(t *testing.T) {
	dir := t.TempDir()
	c := startKept(t, dir)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "mock", "--addr", "127.0.0.1:0", "--data-dir", dir)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "another process uses it") {
		t.Errorf("a second mock said %q, %v", out, err)
	}
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}
