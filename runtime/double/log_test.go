package double_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/gen/client"
	"github.com/cfimages/cfimages/gen/mock"
	"github.com/cfimages/cfimages/runtime/double"
)

func TestTypedCalls(t *testing.T) {
	t.Parallel()
	m := mock.New()
	file := api.Bytes("cat.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
	img, err := m.Client().UploadImage(t.Context(), api.ImageUpload{File: file, ID: "cat"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.EditImage(t.Context(), img.ID, api.ImageEdit{Creator: new("me")}); err != nil {
		t.Fatal(err)
	}
	_, _ = m.GetStats(t.Context())
	if _, err := m.EditImage(t.Context(), "none", api.ImageEdit{}); err == nil {
		t.Fatal("an unknown image was edited")
	}
	edits := m.EditImageCalls()
	if len(edits) != 2 || edits[0].ImageID != "cat" || *edits[0].In.Creator != "me" || edits[0].Number != 2 || edits[0].Err != nil ||
		edits[1].ImageID != "none" || edits[1].Number != 4 || !errors.Is(edits[1].Err, api.ErrImageNotFound) {
		t.Errorf("got %+v", edits)
	}
	uploads := m.UploadImageCalls()
	if len(uploads) != 1 || uploads[0].In.ID != "cat" || uploads[0].In.File.Name() != "cat.svg" || uploads[0].In.File.Size() != file.Size() {
		t.Fatalf("got %+v", uploads)
	}
	if _, err := uploads[0].In.File.Open(); err == nil {
		t.Error("the log keeps the content")
	}
	if calls := m.GetStatsCalls(); len(calls) != 1 || calls[0].Op != api.OpGetStats {
		t.Errorf("got %+v", calls)
	}
	if calls := m.DeleteImageCalls(); len(calls) != 0 {
		t.Errorf("got %+v", calls)
	}
}

func TestWaitFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := mock.New()
		began := time.Now()
		go func() {
			for range 3 {
				time.Sleep(time.Second)
				_, _ = m.GetStats(t.Context())
				_, _ = m.ListVariants(t.Context())
			}
		}()
		for _, tt := range []struct {
			n    int
			took time.Duration
		}{{0, 0}, {2, 2 * time.Second}, {1, 2 * time.Second}, {3, 3 * time.Second}} {
			if err := m.WaitFor(api.OpGetStats, tt.n, time.Minute); err != nil || time.Since(began) != tt.took {
				t.Errorf("%d calls: %v after %v", tt.n, err, time.Since(began))
			}
		}
		synctest.Wait()
		err := m.WaitFor(api.OpGetStats, 4, time.Minute)
		if err == nil || time.Since(began) != 63*time.Second {
			t.Fatalf("%v after %v", err, time.Since(began))
		}
		for _, want := range []string{"waited 1m0s for 4 calls of GetStats, 3 have ended\n", "\n  1. GetStats(): ok\n", "\n  6. ListVariants(): ok"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in %v", want, err)
			}
		}
	})
}

// A call counts when it has ended, and only in the log in which it began.
func TestWaitForWhatRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := mock.New()
		release := make(chan struct{})
		m.GetStatsFunc = func(context.Context) (*api.Stats, error) {
			<-release
			return &api.Stats{}, nil
		}
		go func() { _, _ = m.GetStats(t.Context()) }()
		synctest.Wait()
		if err := m.WaitFor(api.OpGetStats, 1, time.Second); err == nil || !strings.Contains(err.Error(), "1. GetStats(): running") {
			t.Errorf("got %v", err)
		}
		waited := make(chan error)
		go func() { waited <- m.WaitFor(api.OpGetStats, 1, time.Minute) }()
		synctest.Wait()
		m.Reset()
		release <- struct{}{}
		synctest.Wait()
		select {
		case err := <-waited:
			t.Fatalf("a call of before the reset counts: %v", err)
		default:
		}
		close(release)
		if _, err := m.GetStats(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-waited; err != nil {
			t.Error(err)
		}
	})
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	m := mock.New()
	upload := func(id string) {
		if _, err := m.CreateDirectUpload(t.Context(), api.DirectUpload{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	upload("kept")
	m.FailNext(api.OpGetStats, io.EOF, io.ErrUnexpectedEOF)
	s, err := m.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		upload("later")
		m.FailNext(api.OpListVariants, io.EOF)
		for _, want := range []error{io.EOF, io.ErrUnexpectedEOF, nil} {
			if _, err := m.GetStats(t.Context()); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
		if calls := m.Calls(); len(calls) != 5 || calls[4].Number != 5 {
			t.Errorf("got %v", calls)
		}
		if err := m.Restore(s); err != nil {
			t.Fatal(err)
		}
		if calls := m.Calls(); len(calls) != 1 || calls[0].Number != 1 {
			t.Errorf("after the return: %v", calls)
		}
	}
	if _, err := m.ListVariants(t.Context()); err != nil {
		t.Errorf("a failure of later is left: %v", err)
	}
	if img, err := m.GetImage(t.Context(), "kept"); err != nil || !img.Draft {
		t.Errorf("%+v, %v", img, err)
	}
	if _, err := m.GetImage(t.Context(), "later"); !errors.Is(err, api.ErrImageNotFound) {
		t.Errorf("a draft of later is left: %v", err)
	}
}

// Where the state cannot be had or put back, nothing has changed.
func TestSnapshotThatFails(t *testing.T) {
	t.Parallel()
	c := double.NewCore(api.Contract)
	if s, err := double.Take(c, func() (int, error) { return 0, io.EOF }); s != nil || !errors.Is(err, io.EOF) {
		t.Errorf("%v, %v", s, err)
	}
	s, err := double.Take(c, func() (int, error) { return 7, nil })
	if err != nil {
		t.Fatal(err)
	}
	c.Begin(t.Context(), nil, api.OpGetStats)
	refuse := func(state int) error {
		if state != 7 {
			t.Errorf("the state is %d", state)
		}
		return io.EOF
	}
	if err := double.Restore(c, s, refuse); !errors.Is(err, io.EOF) || len(c.Calls()) != 1 {
		t.Errorf("%v, %v", err, c.Calls())
	}
}

func TestTheLogOfATestThatFails(t *testing.T) {
	t.Parallel()
	var test tb
	m := mock.Start(&test)
	c := m.Client(client.WithRetries(0))
	m.FailNext(api.OpUploadImage, errors.New("no https://me:secret@example.com/a.png?token=secret"))
	_, _ = c.UploadImage(t.Context(), api.ImageUpload{
		URL: "https://me:secret@example.com/a.png?token=secret#x", Metadata: api.Meta{"b": 1, "a": []any{"x", true}}, Creator: new("me"),
	})
	_, _ = c.UploadImage(t.Context(), api.ImageUpload{File: api.Bytes("a.png", make([]byte, 3000)).WithType("image/png"), ID: strings.Repeat("é", 500)})
	for range 48 {
		_, _ = c.GetImage(t.Context(), "cat")
	}
	test.Errorf("wrong")
	test.end()
	for _, want := range []string{
		"mock: the calls were:\n",
		`  1. UploadImage({URL: "https://…@example.com/a.png?…#x", Metadata: {"a": ["x", true], "b": 1}, Creator: "me"}): no https://…@example.com/a.png?…` + "\n",
		`  2. UploadImage({File: file "a.png" (image/png, 3000 bytes), ID: "éé`,
		"éé…): UploadImage: HTTP",
		`  50. GetImage("cat"): GetImage: HTTP 404: 5404 Image not found` + "\n",
	} {
		if !strings.Contains(test.log, want) {
			t.Errorf("%q is not in\n%s", want, test.log)
		}
	}
	if strings.Contains(test.log, "secret") {
		t.Errorf("a secret is in the log:\n%s", test.log)
	}
	_, _ = m.GetImage(t.Context(), "cat")
	m.LogOnFailure(&test)
	test.log = ""
	if test.end(); !strings.Contains(test.log, "\n  1 earlier ones\n  2. UploadImage(") {
		t.Errorf("the log is not bounded:\n%s", test.log)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]*mock.Mock{"in memory": mock.New(), "over a socket": mock.Start(t)} {
		entered := make(chan struct{})
		m.GetStatsFunc = func(ctx context.Context) (*api.Stats, error) {
			close(entered)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		c := m.Client(client.WithRetries(0))
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := c.GetStats(t.Context()); err == nil {
				t.Errorf("%s: a call that was cut has an answer", name)
			}
		})
		<-entered
		m.Close()
		wg.Wait()
		if calls := m.GetStatsCalls(); len(calls) != 1 || !calls[0].Done || !errors.Is(calls[0].Err, context.Canceled) {
			t.Errorf("%s: after Close: %v", name, calls)
		}
		if _, err := c.GetImage(t.Context(), "cat"); err == nil || len(m.GetImageCalls()) != 0 {
			t.Errorf("%s: a mock that is closed answers %v", name, err)
		}
		if _, err := m.GetImage(t.Context(), "cat"); !errors.Is(err, api.ErrImageNotFound) {
			t.Errorf("%s: in process: %v", name, err)
		}
		m.Close()
	}
}

// A call that does not end fails the test, which would hang otherwise.
func TestACallThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := double.NewHost(api.Contract)
		release := make(chan struct{})
		h.Use(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
		go func() {
			if resp, err := h.HTTPClient().Do(request(t.Context(), t, http.MethodGet, nil)); err == nil {
				_ = resp.Body.Close()
			}
		}()
		synctest.Wait()
		began := time.Now()
		if h.Close() || time.Since(began) != 10*time.Second {
			t.Errorf("closed after %v", time.Since(began))
		}
		close(release)
		synctest.Wait()
		if !h.Close() {
			t.Error("not closed")
		}
	})
}

// An SDK that knows the real address only needs the transport.
func TestTransportOfAMock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := mock.New()
		c, err := client.New("acc", client.WithToken("t"), client.WithHTTPClient(&http.Client{Transport: m.Transport()}))
		if err != nil {
			t.Fatal(err)
		}
		up, err := c.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "cat", Expiry: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		file := api.Bytes("a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
		img, err := client.UploadTo(t.Context(), up.UploadURL, file, client.WithHTTPClient(&http.Client{Transport: m.Transport()}))
		if err != nil || img.ID != "cat" {
			t.Fatal(img, err)
		}
		calls := m.Calls()
		if len(calls) != 1 || calls[0].Binds[0] != "acc" {
			t.Errorf("got %v", calls)
		}
	})
}

func TestWaitForManyAtOnce(t *testing.T) {
	t.Parallel()
	m := mock.New()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := m.WaitFor(api.OpGetImage, i, time.Minute); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() { _, _ = m.GetImage(t.Context(), strconv.Itoa(i)) })
	}
	wg.Wait()
}

func TestResetThatTheStateRefuses(t *testing.T) {
	t.Parallel()
	c := double.NewCore(api.Contract)
	c.Begin(t.Context(), nil, api.OpGetStats)
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, io.EOF) {
			t.Errorf("recovered %v", err)
		}
		if n := len(c.Calls()); n != 0 {
			t.Errorf("%d calls are left", n)
		}
	}()
	double.Reset(c, func() error { return io.EOF })
}
