package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/fake/sqlite"
)

const account = "a"

func drawing(n int) *api.File {
	return api.Bytes("a.svg", fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg"><!-- %d --></svg>`, n))
}

// open returns a world whose state is in a folder, and what its log says.
func open(t testing.TB, dir string, opts ...fake.Option) (*fake.World, *sqlite.Store, *bytes.Buffer) {
	t.Helper()
	s, err := sqlite.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	log := new(bytes.Buffer)
	return fake.New(append(opts, fake.WithStore(s), fake.WithLogger(slog.New(slog.NewTextHandler(log, nil))))...), s, log
}

// export is all that a world has.
func export(t testing.TB, w *fake.World) string {
	t.Helper()
	var b bytes.Buffer
	if err := w.Export(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// furnish makes something of everything.
func furnish(t testing.TB, w *fake.World) string {
	a := w.Account(account)
	first := must(a.UploadImage(t.Context(), api.ImageUpload{File: drawing(0), Metadata: api.Meta{"k": "v"}, Creator: new("c")}))(t)
	must(a.UploadImage(t.Context(), api.ImageUpload{File: drawing(1), ID: "mine"}))(t)
	must(a.PutSigningKey(t.Context(), "second"))(t)
	must(a.CreateVariant(t.Context(), api.VariantCreate{ID: "thumb", Options: api.VariantOptions{Fit: "cover", Width: 1, Height: 1, Metadata: "none"}}))(t)
	must(0, a.EditConfig(t.Context(), api.ConfigEdit{FlexibleVariants: new(true)}))(t)
	must(w.Advance(1e9))(t)
	return first.ID
}

func TestStateOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	w, s, _ := open(t, dir, fake.WithSeed(1))
	furnish(t, w)
	up := must(w.Account(account).CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	want := export(t, w)
	must(0, s.Close())(t)
	again, _, _ := open(t, dir, fake.WithSeed(1))
	if got := export(t, again); got != want {
		t.Fatalf("the state is\n%q\nand was\n%q", got, want)
	}
	if img := must(again.UploadTo(t.Context(), up.UploadURL, drawing(2)))(t); img.ID != up.ID {
		t.Errorf("the upload URL made %s", img.ID)
	}
}

// TestPositionsAreNotUsedAgain deletes the newest image before the end of a
// process: a walk that has seen it must not miss the next one.
func TestPositionsAreNotUsedAgain(t *testing.T) {
	dir := t.TempDir()
	w, s, _ := open(t, dir)
	a := w.Account(account)
	for i := range 2 {
		must(a.UploadImage(t.Context(), api.ImageUpload{File: drawing(i), ID: fmt.Sprint("id", i)}))(t)
	}
	in := api.ListImagesParams{SortOrder: api.SortOrderAsc, PerPage: 1}
	in.ContinuationToken = *must(a.ListImages(t.Context(), in))(t).ContinuationToken
	must(0, a.DeleteImage(t.Context(), "id1"))(t)
	must(0, s.Close())(t)
	w, _, _ = open(t, dir)
	must(w.Account(account).UploadImage(t.Context(), api.ImageUpload{File: drawing(3), ID: "id2"}))(t)
	page := must(w.Account(account).ListImages(t.Context(), in))(t)
	if len(page.Images) != 1 || page.Images[0].ID != "id2" {
		t.Errorf("the walk goes on with %v", page.Images)
	}
}

// TestDamagedDatabases wants an error that says so, and the file as it was.
func TestDamagedDatabases(t *testing.T) {
	whole := t.TempDir()
	w, s, _ := open(t, whole)
	furnish(t, w)
	must(0, s.Close())(t)
	data := must(os.ReadFile(filepath.Join(whole, "store.db")))(t)
	alter := func(query string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			db := must(sql.Open("sqlite", path))(t)
			must(db.Exec(query))(t)
			must(0, db.Close())(t)
		}
	}
	write := func(data []byte) func(*testing.T, string) {
		return func(t *testing.T, path string) { must(0, os.WriteFile(path, data, 0o600))(t) }
	}
	for name, c := range map[string]struct {
		spoil func(t *testing.T, path string)
		want  string
	}{
		"truncated": {write(data[:len(data)/2]), "damaged"},
		"cut off":   {write(data[:1000]), "damaged"},
		"garbled":   {write(bytes.Repeat([]byte("garbage "), 1000)), "damaged"},
		"foreign":   {alter("PRAGMA application_id = 1"), "another program"},
		"newer":     {alter("PRAGMA user_version = 2"), "a newer version"},
		"older":     {alter("PRAGMA user_version = 0"), "knows 1 only"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "store.db")
			write(data)(t, path)
			c.spoil(t, path)
			before := must(os.ReadFile(path))(t)
			if s, err := sqlite.Open(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the database is answered with %v, %v", s, err)
			}
			if !bytes.Equal(before, must(os.ReadFile(path))(t)) {
				t.Error("the database was changed")
			}
		})
	}
}

// TestFolderThatCannotBe opens one below a file.
func TestFolderThatCannotBe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	must(0, os.WriteFile(path, nil, 0o600))(t)
	if _, err := sqlite.Open(filepath.Join(path, "dir")); err == nil {
		t.Error("a folder below a file was opened")
	}
}

// TestFilesThatCannotBeWritten takes the folders of the files away while the
// store is in use.
func TestFilesThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	w, _, log := open(t, dir)
	furnish(t, w)
	before := export(t, w)
	must(0, os.Remove(filepath.Join(dir, "new")))(t)
	_, err := w.Account(account).UploadImage(t.Context(), api.ImageUpload{File: drawing(9)})
	if !errors.Is(err, api.ErrInternal) || !strings.Contains(log.String(), "the store of the fake failed") {
		t.Errorf("the error is %v, and the log says %q", err, log)
	}
	if export(t, w) != before {
		t.Error("something was stored")
	}
}

// TestNobodyElsesFileIsRemoved deletes one of two images that share a file.
func TestNobodyElsesFileIsRemoved(t *testing.T) {
	dir := t.TempDir()
	w, s, _ := open(t, dir)
	for _, id := range []string{"one", "two"} {
		must(w.Account(id).UploadImage(t.Context(), api.ImageUpload{ID: "same", File: drawing(1)}))(t)
	}
	must(0, w.Account("one").DeleteImage(t.Context(), "same"))(t)
	must(0, s.Close())(t) // ends the removal of files
	w, s, _ = open(t, dir)
	blob := must(w.Account("two").GetImageBlob(t.Context(), "same"))(t)
	must(0, blob.Close())(t)
	must(0, w.Account("two").DeleteImage(t.Context(), "same"))(t)
	must(0, s.Close())(t)
	if left := must(filepath.Glob(filepath.Join(dir, "files", "*", "*")))(t); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

func TestImportFromMemory(t *testing.T) {
	memory := fake.New()
	furnish(t, memory)
	w, _, _ := open(t, t.TempDir())
	want := export(t, memory)
	must(0, w.Import(strings.NewReader(want)))(t)
	if export(t, w) != want {
		t.Error("the import differs from what was exported")
	}
	must(0, w.Restore(must(memory.Snapshot())(t)))(t)
	if export(t, w) != want {
		t.Error("the snapshot of another store is restored to something else")
	}
	if err := w.Import(strings.NewReader(want[:len(want)/2])); err == nil || export(t, w) != want {
		t.Errorf("half an import is answered with %v", err)
	}
}

// TestFolders opens stores by paths of every kind, and keeps the files to this user.
func TestFolders(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"d", "./d", "a/b", "with ?#% and ü", t.TempDir()} {
		s, err := sqlite.Open(dir)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		for _, name := range []string{"store.db", "store.db-wal", "lock.db"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s in %s: %v, %v", name, dir, info, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
