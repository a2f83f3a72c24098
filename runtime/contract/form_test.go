package contract_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/internal/formtest"
	"github.com/cfimages/cfimages/runtime/contract"
)

var someFields = []contract.Field{{Name: "id", Value: "a/b"}, {Name: "metadata", Value: `{"k":"v"}`}}

func TestEncodeWritesFieldsThenFile(t *testing.T) {
	b := formtest.Encode(t, someFields, contract.FilePart{Name: "file", File: contract.Bytes("cat.png", []byte(formtest.PNG))})
	boundary := strings.TrimPrefix(b.ContentType, "multipart/form-data; boundary=")
	want := strings.ReplaceAll("--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\na/b\r\n"+
		"--B\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"k\":\"v\"}\r\n"+
		"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cat.png\"\r\nContent-Type: image/png\r\n\r\n"+
		formtest.PNG+"\r\n--B--\r\n", "--B", "--"+boundary)
	if got := formtest.Written(t, b); string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEncodeNothing(t *testing.T) {
	b, err := contract.EncodeForm(nil, []contract.FilePart{{Name: "file"}})
	if b != nil || err != nil {
		t.Errorf("%v, %v: a form without parts must not be sent", b, err)
	}
}

func TestEncodeEveryKindOfSource(t *testing.T) {
	path := onDisk(t, "x", formtest.PNG)
	part := func(f *contract.File) contract.FilePart { return contract.FilePart{Name: "file", File: f} }
	stream := func() *contract.File { return contract.Reader("x", plain{strings.NewReader(formtest.PNG)}) }
	for name, tc := range map[string]struct {
		file          *contract.File
		known, replay bool
	}{
		"path":           {contract.OpenFile(path), true, true},
		"path with type": {contract.OpenFile(path).WithType("image/png"), true, true},
		"seeker":         {contract.Reader("x", seeking{strings.NewReader(formtest.PNG)}), true, true},
		"stream":         {stream(), false, false},
		"typed stream":   {stream().WithType("image/png"), false, false},
		"sized stream":   {stream().WithSize(int64(len(formtest.PNG))), true, false},
		"unsized bytes":  {contract.Bytes("x", []byte(formtest.PNG)).WithSize(-1), false, false},
		"empty":          {contract.Bytes("x", nil), true, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := formtest.Encode(t, someFields, part(tc.file))
			if (b.Length >= 0) != tc.known || b.Replayable != tc.replay {
				t.Errorf("length %d, replayable %v", b.Length, b.Replayable)
			}
			first := formtest.Written(t, b)
			second, err := formtest.Send(b)
			if tc.replay && (err != nil || !bytes.Equal(first, second)) {
				t.Errorf("replaying: %v\n%s", err, second)
			}
			if !tc.replay && !errors.Is(err, contract.ErrUsed) {
				t.Errorf("replaying: %v, want ErrUsed", err)
			}
			text, typ := fileOf(t, b.ContentType, first)
			if name != "empty" && (text != formtest.PNG || typ != "image/png") {
				t.Errorf("received %q as %s", text, typ)
			}
		})
	}
}

// fileOf returns the file of a form, as the standard library reads it, and its type.
func fileOf(t *testing.T, contentType string, body []byte) (text, typ string) {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	file, header, err := req.FormFile("file")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), header.Header.Get("Content-Type")
}

func TestReplayWhileTheFirstIsHalfRead(t *testing.T) {
	for name, f := range map[string]*contract.File{
		"path":  contract.OpenFile(onDisk(t, "x", formtest.PNG)),
		"bytes": contract.Reader("x", strings.NewReader(formtest.PNG)),
	} {
		b := formtest.Encode(t, nil, contract.FilePart{Name: "file", File: f})
		want := formtest.Written(t, b)
		r, err := b.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		half := make([]byte, len(want)-30)
		if _, err := io.ReadFull(r, half); err != nil {
			t.Fatal(err)
		}
		if got := formtest.Written(t, b); !bytes.Equal(got, want) {
			t.Errorf("%s: the replay differs", name)
		}
		rest, err := io.ReadAll(r)
		if err != nil || string(half)+string(rest) != string(want) {
			t.Errorf("%s: the first was disturbed: %v", name, err)
		}
	}
}

func TestWrongSizeIsAnError(t *testing.T) {
	n := int64(len(formtest.PNG))
	path := onDisk(t, "x", formtest.PNG)
	for _, declared := range []int64{0, 1, n - 1, n + 1, n + 1000} {
		for name, f := range map[string]*contract.File{
			"path": contract.OpenFile(path), "bytes": contract.Bytes("x", []byte(formtest.PNG)),
			"stream": contract.Reader("x", plain{strings.NewReader(formtest.PNG)}),
			"seeker": contract.Reader("x", seeking{strings.NewReader(formtest.PNG)}),
		} {
			b := formtest.Encode(t, nil, contract.FilePart{Name: "file", File: f.WithSize(declared)})
			out, err := formtest.Send(b)
			if !errors.Is(err, contract.ErrSize) {
				t.Errorf("%s, %d declared: %v, want ErrSize", name, declared, err)
			}
			if bytes.HasSuffix(out, []byte("--\r\n")) {
				t.Errorf("%s, %d declared: the form was completed", name, declared)
			}
		}
	}
}

func TestFileChangedAfterEncode(t *testing.T) {
	path := onDisk(t, "x", formtest.PNG)
	b := formtest.Encode(t, nil, contract.FilePart{Name: "file", File: contract.OpenFile(path)})
	if err := os.WriteFile(path, []byte(formtest.PNG+formtest.PNG), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := formtest.Send(b); !errors.Is(err, contract.ErrSize) {
		t.Errorf("grown: %v, want ErrSize", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := formtest.Send(b); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("removed: %v, want ErrNotExist", err)
	}
}

func TestReadErrorIsReturned(t *testing.T) {
	broken := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader(strings.Repeat("x", 600)), plain{errReader{broken}})
	b := formtest.Encode(t, nil, contract.FilePart{Name: "file", File: contract.Reader("x", r)})
	if _, err := formtest.Send(b); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	f := contract.Reader("x", plain{errReader{broken}}).WithSize(10)
	if _, err := contract.EncodeForm(nil, []contract.FilePart{{Name: "file", File: f}}); !errors.Is(err, broken) {
		t.Errorf("detecting the type: %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestNoHeaderInjection(t *testing.T) {
	file := contract.Bytes("x", nil)
	for name, p := range map[string]contract.FilePart{
		"type":     {Name: "file", File: file.WithType("image/png\r\nX: y")},
		"filename": {Name: "file", File: file.WithName("a\x00b")},
		"name":     {Name: "fi\x7fle", File: file},
	} {
		if _, err := contract.EncodeForm(nil, []contract.FilePart{p}); err == nil {
			t.Errorf("%s: a control character was accepted", name)
		}
	}
}

func TestCloseStopsReading(t *testing.T) {
	b := formtest.Encode(t, nil, contract.FilePart{Name: "file", File: contract.OpenFile(onDisk(t, "x", formtest.PNG))})
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
		_, file, err := r.FormFile("file")
		if err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		_, _ = io.WriteString(w, file.Filename+" "+r.FormValue("id"))
	}))
	defer srv.Close()
	for _, f := range []*contract.File{
		contract.Bytes("cat.png", []byte(formtest.PNG)),
		contract.Reader("cat.png", plain{strings.NewReader(formtest.PNG)}),
	} {
		b := formtest.Encode(t, someFields, contract.FilePart{Name: "file", File: f})
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

// allocated returns the bytes that making and sending a form allocates: the least of
// some measurements, because the runtime allocates for itself at times.
func allocated(t *testing.T, f *contract.File) int64 {
	t.Helper()
	buf := make([]byte, 32<<10)
	least := int64(math.MaxInt64)
	for range 10 {
		const runs = 5
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			sendAll(t, f, buf)
		}
		runtime.ReadMemStats(&after)
		least = min(least, int64(after.TotalAlloc-before.TotalAlloc)/runs)
	}
	return least
}

func sendAll(t *testing.T, f *contract.File, buf []byte) {
	t.Helper()
	b := formtest.Encode(t, someFields, contract.FilePart{Name: "file", File: f})
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

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	const limit = 12 << 10
	path := onDisk(t, "x", strings.Repeat("x", 10<<20))
	large := make([]byte, 10<<20)
	sizes := map[string][2]*contract.File{
		"bytes": {contract.Bytes("x", large[:1<<20]), contract.Bytes("x", large)},
		"path":  {contract.OpenFile(onDisk(t, "y", strings.Repeat("x", 1<<20))), contract.OpenFile(path)},
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
