package fake

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
)

// furnished returns a world with two accounts that have something of everything.
func furnished(t testing.TB, opts ...Option) (*World, *testClock) {
	clock := newClock()
	w := New(append([]Option{WithSeed(7), WithClock(clock.Now)}, opts...)...)
	a := w.Account("one")
	for n := range 3 {
		upload(t, a, n, func(in *api.ImageUpload) { in.Metadata, in.Creator = api.Meta{"n<": n}, new("c") })
		clock.Advance(time.Second)
	}
	upload(t, a, 9, func(in *api.ImageUpload) { in.ID = "mine/é" })
	ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "draft", Metadata: api.Meta{"k": "v"}}))(t)
	ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{RequireSignedURLs: true}))(t)
	ok(a.PutSigningKey(t.Context(), "second"))(t)
	ok(a.CreateVariant(t.Context(), variant("thumb", 10)))(t)
	if err := a.EditConfig(t.Context(), api.ConfigEdit{FlexibleVariants: new(true)}); err != nil {
		t.Fatal(err)
	}
	upload(t, w.Account("two"), 5)
	ok(w.Advance(time.Minute))(t)
	return w, clock
}

// whole returns all that can be seen of an account, the next id included.
func whole(t testing.TB, a *Account) string {
	var b strings.Builder
	for _, img := range ok(a.ListImages(t.Context(), api.ListImagesParams{}))(t).Images {
		data, mediaType := blobOf(t, a, img.ID)
		creator := ""
		if img.Creator != nil {
			creator = *img.Creator
		}
		img.Creator = nil
		fmt.Fprintf(&b, "%+v %s %q %s\n", img, creator, data, mediaType)
	}
	draft, err := a.GetImage(t.Context(), "draft")
	fmt.Fprintln(&b, draft, err != nil)
	fmt.Fprintln(&b, ok(a.ListSigningKeys(t.Context()))(t), ok(a.ListVariants(t.Context()))(t)["thumb"].Options.Width)
	fmt.Fprintln(&b, ok(a.GetStats(t.Context()))(t).Count, a.world.Now())
	fmt.Fprintln(&b, delivered{a}.Settings())
	fmt.Fprintln(&b, ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t))
	return b.String()
}

func both(t testing.TB, w *World) string {
	return whole(t, w.Account("one")) + whole(t, w.Account("two"))
}

// spoilAll changes everything there is.
func spoilAll(t testing.TB, w *World) {
	a := w.Account("one")
	for _, img := range ok(a.ListImages(t.Context(), api.ListImagesParams{}))(t).Images[1:] {
		if err := a.DeleteImage(t.Context(), img.ID); err != nil {
			t.Fatal(err)
		}
	}
	ok(a.EditImage(t.Context(), "draft", api.ImageEdit{Creator: new("other")}))(t)
	ok(a.PutSigningKey(t.Context(), "second"))(t)
	if err := a.DeleteVariant(t.Context(), "thumb"); err != nil {
		t.Fatal(err)
	}
	if err := a.EditConfig(t.Context(), api.ConfigEdit{FlexibleVariants: new(false), BrowserTTL: new(int64(3600))}); err != nil {
		t.Fatal(err)
	}
	upload(t, a, 100)
	upload(t, w.Account("three"), 1)
	ok(w.Advance(time.Hour))(t)
}

func TestSnapshotRestores(t *testing.T) {
	w, _ := furnished(t)
	before := ok(w.Snapshot())(t)
	want := both(t, w)
	for range 3 {
		spoilAll(t, w)
		if err := w.Restore(before); err != nil {
			t.Fatal(err)
		}
		equal(t, "account that came later", ok(w.Account("three").GetStats(t.Context()))(t).Count.Current, 0)
		equal(t, "state", both(t, w), want)
	}
}

func TestResetReachesEveryAccount(t *testing.T) {
	w, _ := furnished(t)
	if err := w.Reset(); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"one", "two"} {
		equal(t, "images", ok(w.Account(id).GetStats(t.Context()))(t).Count.Current, 0)
		equal(t, "keys", len(ok(w.Account(id).ListSigningKeys(t.Context()))(t)), 1)
	}
}

func exported(t testing.TB, w *World) []byte {
	var b bytes.Buffer
	if err := w.Export(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExportImports(t *testing.T) {
	w, clock := furnished(t)
	archive := exported(t, w)
	equal(t, "second export", string(exported(t, w)), string(archive))
	other := New(WithSeed(7), WithClock(clock.Now))
	upload(t, other.Account("one"), 77)
	if err := other.Import(bytes.NewReader(archive)); err != nil {
		t.Fatal(err)
	}
	equal(t, "export of the import", string(exported(t, other)), string(archive))
	equal(t, "state", both(t, other), both(t, w))
}

func TestUploadURLsOfImportedAccounts(t *testing.T) {
	w, clock := furnished(t)
	up := ok(w.Account("one").CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	other := New(WithClock(clock.Now))
	if err := other.Import(bytes.NewReader(exported(t, w))); err != nil {
		t.Fatal(err)
	}
	equal(t, "id", ok(other.UploadTo(t.Context(), up.UploadURL, file(1)))(t).ID, up.ID)
}

// rewritten returns an archive whose entries went through change.
func rewritten(t testing.TB, archive []byte, change func(h *tar.Header, text string) string) []byte {
	var b bytes.Buffer
	in, out := tar.NewReader(bytes.NewReader(archive)), tar.NewWriter(&b)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		text := change(h, string(ok(io.ReadAll(in))(t)))
		if h.Size = int64(len(text)); h.Name == "" {
			continue
		}
		if err := errors.Join(err, out.WriteHeader(h)); err != nil {
			t.Fatal(err)
		}
		ok(out.Write([]byte(text)))(t)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replaced changes a text within the entries of a name.
func replaced(name, old, with string) func(*tar.Header, string) string {
	return func(h *tar.Header, text string) string {
		if h.Name == name {
			text = strings.ReplaceAll(text, old, with)
		}
		return text
	}
}

func TestBadArchivesChangeNothing(t *testing.T) {
	w, _ := furnished(t)
	archive := exported(t, w)
	dropped := func(name string) func(*tar.Header, string) string {
		return func(h *tar.Header, text string) string {
			if h.Name == name {
				h.Name = ""
			}
			return text
		}
	}
	for name, change := range map[string]func(*tar.Header, string) string{
		"newer":                 replaced(headName, `"version":1`, `"version":2`),
		"of another format":     replaced(headName, "archive", "package"),
		"ahead of time":         replaced(headName, "1m0s", "-1m0s"),
		"of unknown members":    replaced(recordName, `"id"`, `"x":1,"id"`),
		"without a head":        dropped(headName),
		"without an end":        dropped(endName),
		"without accounts":      dropped(accountName),
		"without files":         dropped(fileName),
		"of fewer records":      replaced(endName, `"records":`, `"records":1`),
		"of no images":          replaced(fileName, "PNG", "XXX"),
		"out of order":          replaced(recordName, `"position":2`, `"position":1`),
		"beyond the newest":     replaced(recordName, `"position":4`, `"position":40`),
		"of keys without names": replaced(accountName, `"second"`, `"default"`),
		"without a variant":     replaced(accountName, `"public"`, `"private"`),
		"of a broken source":    replaced(accountName, `"source":"`, `"source":"AAAA`),
		"of bad settings":       replaced(accountName, `"browser_ttl":"`, `"browser_ttl":"-1`),
		"of one account":        replaced(accountName, `"two"`, `"one"`),
		"of foreign names":      replaced(recordName, `mine/é`, `mine.exe`),
		"of bad metadata":       replaced(recordName, `"meta":{`, `"meta":[{`),
		"of one id":             replaced(recordName, `"mine/é"`, `"`+ids(ok(w.Account("one").ListImages(t.Context(), api.ListImagesParams{}))(t).Images)[1]+`"`),
		"with something else": func(h *tar.Header, text string) string {
			h.Name = strings.Replace(h.Name, fileName, "../file", 1)
			return text
		},
		"of links": func(h *tar.Header, text string) string {
			if h.Name == fileName {
				h.Typeflag, h.Linkname, text = tar.TypeSymlink, "/etc/passwd", ""
			}
			return text
		},
	} {
		bad := rewritten(t, archive, change)
		if bytes.Equal(bad, rewritten(t, archive, func(_ *tar.Header, text string) string { return text })) {
			t.Fatalf("%s: the archive is not changed", name)
		}
		if err := w.Import(bytes.NewReader(bad)); !errors.Is(err, errArchive) {
			t.Errorf("an archive %s is answered with %v", name, err)
		}
	}
	for cut := 0; cut < len(archive)-2048; cut += 509 {
		if err := w.Import(bytes.NewReader(archive[:cut])); !errors.Is(err, errArchive) {
			t.Errorf("an archive cut to %d bytes is answered with %v", cut, err)
		}
	}
	equal(t, "state afterwards", string(exported(t, w)), string(archive))
}

// FuzzImport checks that what is imported is what is exported then, and that what
// is refused changes nothing.
func FuzzImport(f *testing.F) {
	w, clock := furnished(f)
	archive := exported(f, w)
	f.Add(archive)
	f.Add(archive[:len(archive)/2])
	f.Add(exported(f, New(WithClock(clock.Now))))
	for _, change := range []func(*tar.Header, string) string{
		replaced(recordName, `"private":true`, `"private":false`), replaced(headName, "1m0s", "9000h"),
	} {
		f.Add(rewritten(f, archive, change))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := New(WithClock(clock.Now))
		before := exported(t, w)
		if w.Import(bytes.NewReader(data)) != nil {
			equal(t, "state after a refusal", string(exported(t, w)), string(before))
			return
		}
		first := exported(t, w)
		if err := w.Import(bytes.NewReader(first)); err != nil {
			t.Fatalf("an export cannot be imported: %v", err)
		}
		equal(t, "second export", string(exported(t, w)), string(first))
	})
}

func TestClockGoesForwardOnly(t *testing.T) {
	clock := newClock()
	w := New(WithClock(clock.Now))
	start := w.Now()
	equal(t, "ahead", ok(w.Advance(time.Hour))(t), time.Hour)
	equal(t, "now", w.Now(), start.Add(time.Hour))
	for _, d := range []time.Duration{-1, maxAhead} {
		if _, err := w.Advance(d); err == nil {
			t.Errorf("the clock went %s forward", d)
		}
	}
	equal(t, "still", w.Now(), start.Add(time.Hour))
}
