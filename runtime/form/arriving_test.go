package form_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/cfimages/cfimages/internal/formtest"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// big is a form's schema whose file may be larger than the window.
var big = &contract.Body{Kind: contract.BodyForm, Schema: &contract.Schema{
	Type: contract.TypeObject,
	Properties: []contract.Property{
		property("file", contract.Schema{Type: contract.TypeBinary, MaxBytes: maxBig, Violation: imageTooLarge}),
		property("url", contract.Schema{Type: contract.TypeString, Format: "uri"}),
		property("id", contract.Schema{Type: contract.TypeString, MinLength: 1, MaxLength: 20}),
		property("metadata", contract.Schema{Type: contract.TypeObject, MaxBytes: 100}),
	},
	OneOf: []string{"file", "url"},
}}

const maxBig = 200_000

func read(body io.Reader, want *contract.Body, opt form.Options) (*form.Values, error) {
	return form.Decode(body, "b", want, faults, opt)
}

// pixels is a file of n bytes in which boundaries begin and do not end.
func pixels(n int) string {
	return strings.Repeat("\r\n--bb\r\n--\r\n\r\r\n-x", n/16+1)[:n]
}

// temporary makes the test's own folder that for temporary files, and returns
// how many are in it.
func temporary(t *testing.T) func() int {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return func() int {
		t.Helper()
		list, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
}

func TestFilesInAnyOrder(t *testing.T) {
	left := temporary(t)
	small, large := filePart("file", "a.png", "PNG"), filePart("file", "a.png", pixels(150_000))
	id, meta := textPart("id", "a"), textPart("metadata", `{"a":1}`)
	for name, tc := range map[string]struct {
		body  []byte
		opt   form.Options
		fully bool // the size is known when the form is handed on
		late  bool
	}{
		"small, first":          {raw(small, id, meta), form.Options{}, true, false},
		"small, between":        {raw(id, small, meta), form.Options{}, true, false},
		"small, last":           {raw(id, meta, small), form.Options{}, true, false},
		"large, first":          {raw(large, id, meta), form.Options{}, true, false},
		"large, alone":          {raw(large), form.Options{}, true, false},
		"large, last":           {raw(id, meta, large), form.Options{}, false, false},
		"large, before unknown": {raw(id, meta, large, textPart("x", "y")), form.Options{}, false, false},
		"large, between":        {raw(id, large, meta), form.Options{}, false, true},
		"spooled":               {raw(id, large, meta), form.Options{Spool: 1000}, true, false},
		"spooled in memory":     {raw(id, large, meta), form.Options{Spool: maxBig}, true, false},
		"spooled, last":         {raw(id, large), form.Options{Spool: 1}, true, false},
		"spooled, full":         {raw(id, meta, large), form.Options{Spool: 1}, false, false},
	} {
		for _, reader := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.DataErrReader} {
			v, err := read(reader(bytes.NewReader(tc.body)), big, tc.opt)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			f := v.File("file")
			if got := f.Size() >= 0; got != tc.fully || f.Replayable() != tc.fully || f.Name() != "a.png" {
				t.Errorf("%s: size %d, replayable %t", name, f.Size(), f.Replayable())
			}
			if tc.late {
				_, err := readAll(f)
				e, ok := errors.AsType[*contract.Error](err)
				if !ok || e.Messages[0].Source.Pointer != "metadata" || !errors.Is(v.Failed(), badRequest) || !errors.Is(v.Finish(), badRequest) {
					t.Errorf("%s: %v, %v", name, err, v.Failed())
				}
				v.Close()
				continue
			}
			want := pixels(150_000)
			if strings.HasPrefix(name, "small") {
				want = "PNG"
			}
			if got := formtest.Content(t, f); got != want || v.Failed() != nil || v.Finish() != nil {
				t.Errorf("%s: %d bytes, %v", name, len(got), v.Failed())
			}
			if strings.Contains(string(tc.body), "metadata") && (v.Text("id") != "a" || v.Text("metadata") != `{"a":1}`) {
				t.Errorf("%s: texts %q %q", name, v.Text("id"), v.Text("metadata"))
			}
			v.Close()
			if n := left(); n != 0 {
				t.Fatalf("%s: %d temporary files are left", name, n)
			}
		}
	}
}

func readAll(f *contract.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestArrivingFilesAreChecked(t *testing.T) {
	left := temporary(t)
	id := textPart("id", "a")
	whole := string(raw(id, filePart("file", "a", pixels(100_000))))
	for name, tc := range map[string]struct {
		body string
		kind *contract.ErrorKind
		says string
	}{
		"too large":            {string(raw(id, filePart("file", "a", pixels(maxBig+1)))), imageTooLarge, ""},
		"cut in the file":      {whole[:60_000], badRequest, "incomplete"},
		"cut in the boundary":  {whole[:len(whole)-5], badRequest, "incomplete"},
		"cut before the last":  {strings.TrimSuffix(whole, "--\r\n") + "\r\n", badRequest, "incomplete"},
		"file twice":           {strings.TrimSuffix(whole, "--b--\r\n") + string(raw(filePart("file", "a", "x"))), badRequest, "more than once"},
		"text twice":           {strings.TrimSuffix(whole, "--b--\r\n") + string(raw(id)), badRequest, "id is given more than once"},
		"both sources":         {strings.TrimSuffix(whole, "--b--\r\n") + string(raw(textPart("url", "https://a.example"))), badRequest, "mutually exclusive"},
		"another file":         {strings.TrimSuffix(whole, "--b--\r\n") + string(raw(filePart("image", "a", "x"))), badRequest, "image is not a file"},
		"object in pieces":     {strings.TrimSuffix(whole, "--b--\r\n") + string(raw(textPart("metadata.a", "x"))), badRequest, "Error parsing form fields"},
		"a part without name":  {strings.TrimSuffix(whole, "--b--\r\n") + string(raw("X: y\n\nz")), badRequest, "no valid name"},
		"a long header":        {strings.TrimSuffix(whole, "--b--\r\n") + string(raw("X: "+strings.Repeat("y", 9000)+"\n\nz")), tooLarge, ""},
		"garbage at the end":   {strings.TrimSuffix(whole, "--b--\r\n") + "--b garbage\r\n", badRequest, "malformed"},
		"a long unknown text":  {strings.TrimSuffix(whole, "--b--\r\n") + string(raw(textPart("x", strings.Repeat("y", 70_000)))), tooLarge, ""},
		"too many other parts": {strings.TrimSuffix(whole, "--b--\r\n") + strings.Repeat("--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n", 1000) + "--b--", badRequest, "1000 parts"},
	} {
		for _, finish := range []bool{false, true} {
			v, err := read(strings.NewReader(tc.body), big, form.Options{})
			if err != nil {
				t.Fatalf("%s: refused before the file: %v", name, err)
			}
			if finish {
				err = v.Finish()
			} else if _, err = readAll(v.File("file")); !errors.Is(v.Failed(), tc.kind) {
				t.Errorf("%s: failed with %v", name, v.Failed())
			}
			if !errors.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %v, want %v", name, err, tc.kind)
			}
			v.Close()
		}
		_, err := read(strings.NewReader(tc.body), big, form.Options{Spool: 1000})
		if !errors.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s, spooled: %v, want %v", name, err, tc.kind)
		}
	}
	if n := left(); n != 0 {
		t.Errorf("%d temporary files are left", n)
	}
}

// A file that is handed on is not read before it is asked for.
func TestArrivingFilesAreNotReadAhead(t *testing.T) {
	body := raw(textPart("id", "a"), filePart("file", "a", pixels(maxBig)))
	r := &counter{r: bytes.NewReader(body)}
	v, err := read(r, big, form.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if r.n > 64<<10 {
		t.Errorf("%d bytes are read before the file is asked for", r.n)
	}
	f, err := v.File("file").Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.File("file").Open(); !errors.Is(err, contract.ErrUsed) {
		t.Errorf("opened twice: %v", err)
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, f, 100_000); err != nil || r.n > 200_000 {
		t.Errorf("%d bytes are read for 100000: %v", r.n, err)
	}
	if n, err := io.Copy(&b, f); err != nil || b.String() != pixels(maxBig) {
		t.Errorf("%d bytes more: %v", n, err)
	}
}

// What a program holds of a request that is answered reads nothing of another.
func TestFilesEndWithTheirRequest(t *testing.T) {
	body := raw(textPart("id", "a"), filePart("file", "a", pixels(maxBig)))
	v, err := read(bytes.NewReader(body), big, form.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := v.File("file").Open()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = io.Copy(io.Discard, f) })
	v.Close()
	wg.Wait()
	if n, err := f.Read(make([]byte, 10)); n != 0 || err == nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	spool, err := read(bytes.NewReader(raw(filePart("file", "a", pixels(maxBig)))), big, form.Options{})
	if err != nil {
		t.Fatal(err)
	}
	file := spool.File("file")
	spool.Close()
	if _, err := readAll(file); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a temporary file is read after its end: %v", err)
	}
}

func TestTypesOfArrivingFiles(t *testing.T) {
	head := "\x89PNG\r\n\x1a\n"
	for _, body := range [][]byte{
		raw(textPart("id", "a"), filePart("file", "a", head+pixels(100_000))),
		raw(filePart("file", "a", head+pixels(100_000))),
		raw(filePart("file", "a", head)),
	} {
		v, err := read(bytes.NewReader(body), big, form.Options{})
		if err != nil || v.File("file").ContentType() != "image/png" {
			t.Errorf("%v: %q", err, v.File("file").ContentType())
		}
		v.Close()
	}
}

func TestLenient(t *testing.T) {
	lenient := form.Options{Lenient: true}
	for name, tc := range map[string]struct {
		body     []byte
		want     *contract.Body
		metadata string
		file     string
		warnings int
		refused  string // also when it is read leniently
	}{
		"nothing odd":          {raw(textPart("id", "a"), filePart("file", "a", "x")), upload, "", "x", 0, ""},
		"exploded":             {raw(filePart("file", "a", "x"), textPart("metadata.a", "b"), textPart("metadata.n.d", "5.0"), textPart("metadata.n.t", "true"), textPart("metadata.z", "null")), upload, `{"a":"b","n":{"d":5.0,"t":true},"z":"null"}`, "x", 4, ""},
		"exploded in brackets": {raw(filePart("file", "a", "x"), textPart("metadata[a.b]", "b"), textPart("metadata[n][d]", "5.0"), textPart("metadata.n.e", "1"), textPart("metadata[z", "1"), textPart("other[a]", "1")), upload, `{"a.b":"b","n":{"d":5.0,"e":1}}`, "x", 3, ""},
		"brackets twice":       {raw(filePart("file", "a", "x"), textPart("metadata[a]", "b"), textPart("metadata.a", "c")), upload, "", "", 0, "metadata.a is given more than once"},
		"exploded, then large": {raw(textPart("metadata.a", "b"), filePart("file", "a", pixels(100_000))), big, `{"a":"b"}`, pixels(100_000), 1, ""},
		"exploded and whole":   {raw(filePart("file", "a", "x"), textPart("metadata", "{}"), textPart("metadata.a", "b")), upload, "", "", 0, "metadata is given more than once"},
		"exploded twice":       {raw(filePart("file", "a", "x"), textPart("metadata.a", "b"), textPart("metadata.a", "c")), upload, "", "", 0, "metadata.a is given more than once"},
		"exploded two ways":    {raw(filePart("file", "a", "x"), textPart("metadata.a", "b"), textPart("metadata.a.b", "c")), upload, "", "", 0, "more than once"},
		"exploded, too long":   {raw(filePart("file", "a", "x"), textPart("metadata.a", strings.Repeat("b", 100))), upload, "", "", 0, "at most 100 bytes"},
		"anonymous":            {raw(filePart("anonymous_file", "a", "x")), upload, "", "x", 1, ""},
		"anonymous, large":     {raw(textPart("id", "a"), filePart("anonymous_file", "a", pixels(100_000))), big, "", pixels(100_000), 1, ""},
		"two files":            {raw(filePart("file", "a", "x"), filePart("anonymous_file", "a", "y")), upload, "", "x", 1, ""},
		"no parts":             {raw(), openBody, "", "", 0, ""},
		"late":                 {raw(textPart("id", "a"), filePart("file", "a", pixels(100_000)), textPart("metadata.a", "b")), big, "", "", 1, "metadata: must come before"},
	} {
		v, err := read(bytes.NewReader(tc.body), tc.want, lenient)
		if err == nil {
			err = v.Finish()
		}
		if tc.refused != "" {
			if err == nil || !strings.Contains(err.Error(), tc.refused) {
				t.Errorf("%s: %v, want %s", name, err, tc.refused)
			}
			v.Close()
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		v.Close()
		v, err = read(bytes.NewReader(tc.body), tc.want, lenient)
		if err != nil || v.Text("metadata") != tc.metadata || tc.file != "" && formtest.Content(t, v.File("file")) != tc.file || len(v.Warnings()) != tc.warnings {
			t.Errorf("%s: %v, metadata %s, warnings %v", name, err, v.Text("metadata"), v.Warnings())
		}
		v.Close()
		if _, err := read(bytes.NewReader(tc.body), tc.want, form.Options{}); (err != nil) != (tc.warnings > 0) {
			t.Errorf("%s: read strictly: %v", name, err)
		}
	}
}

func TestOwnLimits(t *testing.T) {
	body := raw(textPart("id", "a"), textPart("x", strings.Repeat("y", 100)), textPart("creator", ""))
	for _, opt := range []form.Options{{MaxText: 99}, {MaxParts: 2}, {MaxHeader: 40}} {
		if _, err := read(bytes.NewReader(body), openBody, opt); err == nil {
			t.Errorf("%+v takes it", opt)
		}
	}
	for _, opt := range []form.Options{{MaxText: 100}, {MaxParts: 3}, {MaxHeader: 60}, {MaxHeader: 1 << 30}} {
		if v, err := read(bytes.NewReader(body), openBody, opt); err != nil {
			t.Errorf("%+v: %v", opt, err)
		} else {
			v.Close()
		}
	}
}

func TestReadersThatFail(t *testing.T) {
	lost := errors.New("lost")
	body := raw(textPart("id", "a"), filePart("file", "a", pixels(100_000)))
	for _, n := range []int{0, 3, 40, 80, 200, 50_000, len(body) - 3} {
		v, err := read(io.MultiReader(bytes.NewReader(body[:n]), iotest.ErrReader(lost)), big, form.Options{})
		if err == nil {
			err = v.Finish()
		}
		if !errors.Is(err, badRequest) || !errors.Is(err, lost) {
			t.Errorf("lost after %d bytes: %v", n, err)
		}
		v.Close()
	}
	if _, err := read(idle{}, big, form.Options{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that delivers nothing: %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }
