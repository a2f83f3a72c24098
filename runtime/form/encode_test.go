package form_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

var someFields = []contract.Field{{Name: "id", Value: "a/b"}, {Name: "metadata", Value: `{"k":"v"}`}}

func TestEncodeWritesFieldsThenFile(t *testing.T) {
	b := encode(t, someFields, form.Part{Name: "file", File: form.Bytes("cat.png", []byte(png))})
	boundary := strings.TrimPrefix(b.ContentType, "multipart/form-data; boundary=")
	want := strings.ReplaceAll("--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\na/b\r\n"+
		"--B\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"k\":\"v\"}\r\n"+
		"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cat.png\"\r\nContent-Type: image/png\r\n\r\n"+
		png+"\r\n--B--\r\n", "--B", "--"+boundary)
	if got := written(t, b); string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEncodeNothing(t *testing.T) {
	b, err := form.Encode(nil, []form.Part{{Name: "file"}})
	if b != nil || err != nil {
		t.Errorf("%v, %v: a form without parts must not be sent", b, err)
	}
}

func TestEncodeEveryKindOfSource(t *testing.T) {
	path := onDisk(t, "x", png)
	part := func(f *form.File) form.Part { return form.Part{Name: "file", File: f} }
	stream := func() *form.File { return form.Reader("x", plain{strings.NewReader(png)}) }
	for name, tc := range map[string]struct {
		file          *form.File
		known, replay bool
	}{
		"path":           {form.OpenFile(path), true, true},
		"path with type": {form.OpenFile(path).WithType("image/png"), true, true},
		"seeker":         {form.Reader("x", seeking{strings.NewReader(png)}), true, true},
		"stream":         {stream(), false, false},
		"typed stream":   {stream().WithType("image/png"), false, false},
		"sized stream":   {stream().WithSize(int64(len(png))), true, false},
		"unsized bytes":  {form.Bytes("x", []byte(png)).WithSize(-1), false, false},
		"empty":          {form.Bytes("x", nil), true, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := encode(t, someFields, part(tc.file))
			if (b.Length >= 0) != tc.known || b.Replayable != tc.replay {
				t.Errorf("length %d, replayable %v", b.Length, b.Replayable)
			}
			first := written(t, b)
			second, err := send(b)
			if tc.replay && (err != nil || !bytes.Equal(first, second)) {
				t.Errorf("replaying: %v\n%s", err, second)
			}
			if !tc.replay && !errors.Is(err, form.ErrUsed) {
				t.Errorf("replaying: %v, want ErrUsed", err)
			}
			v, err := decode(b.ContentType, first, upload)
			if err != nil {
				t.Fatal(err)
			}
			if name == "empty" {
				return
			}
			if got := v.File("file"); content(t, got) != png || got.ContentType() != "image/png" {
				t.Errorf("received %q as %s", content(t, got), got.ContentType())
			}
		})
	}
}

func TestReplayWhileTheFirstIsHalfRead(t *testing.T) {
	for name, f := range map[string]*form.File{
		"path":  form.OpenFile(onDisk(t, "x", png)),
		"bytes": form.Reader("x", strings.NewReader(png)),
	} {
		b := encode(t, nil, form.Part{Name: "file", File: f})
		want := written(t, b)
		r, err := b.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		half := make([]byte, len(want)-30)
		if _, err := io.ReadFull(r, half); err != nil {
			t.Fatal(err)
		}
		if got := written(t, b); !bytes.Equal(got, want) {
			t.Errorf("%s: the replay differs", name)
		}
		rest, err := io.ReadAll(r)
		if err != nil || string(half)+string(rest) != string(want) {
			t.Errorf("%s: the first was disturbed: %v", name, err)
		}
	}
}

func TestWrongSizeIsAnError(t *testing.T) {
	n := int64(len(png))
	path := onDisk(t, "x", png)
	for _, declared := range []int64{0, 1, n - 1, n + 1, n + 1000} {
		for name, f := range map[string]*form.File{
			"path": form.OpenFile(path), "bytes": form.Bytes("x", []byte(png)),
			"stream": form.Reader("x", plain{strings.NewReader(png)}),
			"seeker": form.Reader("x", seeking{strings.NewReader(png)}),
		} {
			b := encode(t, nil, form.Part{Name: "file", File: f.WithSize(declared)})
			out, err := send(b)
			if !errors.Is(err, form.ErrSize) {
				t.Errorf("%s, %d declared: %v, want ErrSize", name, declared, err)
			}
			if bytes.HasSuffix(out, []byte("--\r\n")) {
				t.Errorf("%s, %d declared: the form was completed", name, declared)
			}
		}
	}
}

func TestFileChangedAfterEncode(t *testing.T) {
	path := onDisk(t, "x", png)
	b := encode(t, nil, form.Part{Name: "file", File: form.OpenFile(path)})
	if err := os.WriteFile(path, []byte(png+png), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := send(b); !errors.Is(err, form.ErrSize) {
		t.Errorf("grown: %v, want ErrSize", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := send(b); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("removed: %v, want ErrNotExist", err)
	}
}

func TestReadErrorIsReturned(t *testing.T) {
	broken := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader(strings.Repeat("x", 600)), plain{errReader{broken}})
	b := encode(t, nil, form.Part{Name: "file", File: form.Reader("x", r)})
	if _, err := send(b); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	f := form.Reader("x", plain{errReader{broken}}).WithSize(10)
	if _, err := form.Encode(nil, []form.Part{{Name: "file", File: f}}); !errors.Is(err, broken) {
		t.Errorf("detecting the type: %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestNoHeaderInjection(t *testing.T) {
	file := form.Bytes("x", nil)
	for name, p := range map[string]form.Part{
		"type":     {Name: "file", File: file.WithType("image/png\r\nX: y")},
		"filename": {Name: "file", File: file.WithName("a\x00b")},
		"name":     {Name: "fi\x7fle", File: file},
	} {
		if _, err := form.Encode(nil, []form.Part{p}); err == nil {
			t.Errorf("%s: a control character was accepted", name)
		}
	}
}

func TestCloseStopsReading(t *testing.T) {
	b := encode(t, nil, form.Part{Name: "file", File: form.OpenFile(onDisk(t, "x", png))})
	r, err := b.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := io.Copy(io.Discard, r)
		done <- err
	}()
	_ = r.Close()
	<-done // whatever was first; the race detector watches
	if _, err := io.ReadAll(r); err != nil && !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// TestOverHTTP sends forms by the real transport, with and without a length.
func TestOverHTTP(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		v, err := form.Decode(r.Body, params["boundary"], upload, faults, form.Options{})
		if err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		_, _ = io.WriteString(w, v.File("file").Name()+" "+v.Text("id"))
	}))
	defer srv.Close()
	for _, f := range []*form.File{
		form.Bytes("cat.png", []byte(png)),
		form.Reader("cat.png", plain{strings.NewReader(png)}),
	} {
		b := encode(t, someFields, form.Part{Name: "file", File: f})
		body, err := b.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequest("POST", srv.URL, body)
		if err != nil {
			t.Fatal(err)
		}
		req.ContentLength = b.Length
		req.Header.Set("Content-Type", b.ContentType)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(text) != "cat.png a/b" {
			t.Errorf("length %d: %s", b.Length, text)
		}
	}
}

// allocated returns the bytes that making and sending a form allocates.
func allocated(t *testing.T, f *form.File) int64 {
	t.Helper()
	buf := make([]byte, 32<<10)
	const runs = 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range runs {
		b := encode(t, someFields, form.Part{Name: "file", File: f})
		r, err := b.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = r.Read(buf)
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		_ = r.Close()
	}
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc-before.TotalAlloc) / runs
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	const limit = 12 << 10
	path := onDisk(t, "x", strings.Repeat("x", 10<<20))
	large := make([]byte, 10<<20)
	sizes := map[string][2]*form.File{
		"bytes": {form.Bytes("x", large[:1<<20]), form.Bytes("x", large)},
		"path":  {form.OpenFile(onDisk(t, "y", strings.Repeat("x", 1<<20))), form.OpenFile(path)},
	}
	for name, files := range sizes {
		allocated(t, files[0]) // what is allocated once
		small, big := allocated(t, files[0]), allocated(t, files[1])
		t.Logf("%s: %d bytes for 1 MiB, %d for 10 MiB", name, small, big)
		if small > limit || big > limit {
			t.Errorf("%s: %d and %d bytes allocated, at most %d wanted", name, small, big, limit)
		}
		if diff := max(small-big, big-small); diff*50 > small {
			t.Errorf("%s: %d bytes for 1 MiB, %d for 10 MiB", name, small, big)
		}
	}
}
