package fake

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// lateWorld is a world whose changes are seen after two seconds.
func lateWorld(opts ...Option) (*testClock, *Account) {
	c := newClock()
	return c, New(append(opts, WithClock(c.Now), WithConsistencyDelay(2*time.Second))...).Account("one")
}

func listed(t testing.TB, a *Account, in api.ListImagesParams) string {
	t.Helper()
	var pages []string
	for _, page := range walk(t, a, in) {
		pages = append(pages, strings.Join(page, " "))
	}
	return strings.Join(pages, "|")
}

func named(id string) func(*api.ImageUpload) { return func(in *api.ImageUpload) { in.ID = id } }

func TestUploadsAreSeenLate(t *testing.T) {
	c, a := lateWorld()
	upload(t, a, 1, named("a"))
	c.Advance(time.Second)
	upload(t, a, 2, named("b"))
	_, err := a.GetImage(t.Context(), "a")
	fails(t, err, api.ErrImageNotFound)
	_, err = a.GetImageBlob(t.Context(), "a")
	fails(t, err, api.ErrImageNotFound)
	equal(t, "list", listed(t, a, api.ListImagesParams{}), "")
	_, err = a.UploadImage(t.Context(), api.ImageUpload{ID: "a", File: file(3)})
	fails(t, err, api.ErrResourceExists)
	equal(t, "count", ok(a.GetStats(t.Context()))(t).Count.Current, 2)
	c.Advance(time.Second)
	get(t, a, "a")
	equal(t, "list", listed(t, a, api.ListImagesParams{}), "a")
	c.Advance(time.Second)
	equal(t, "list", listed(t, a, api.ListImagesParams{}), "b a")
}

// TestListsShowWhatWas checks orders, pages, creators and filters while some
// images are deleted and others edited.
func TestListsShowWhatWas(t *testing.T) {
	c, a := lateWorld()
	ann := "ann"
	for i, id := range []string{"a", "b", "c", "d"} {
		upload(t, a, i, named(id), func(in *api.ImageUpload) { in.Creator, in.Metadata = &ann, api.Meta{"n": i} })
	}
	c.Advance(3 * time.Second)
	for _, id := range []string{"a", "c", "d"} {
		if err := a.DeleteImage(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	ok(a.EditImage(t.Context(), "b", api.ImageEdit{Creator: new("bob"), Metadata: api.Meta{"n": 7}}))(t)
	upload(t, a, 5, named("e"))
	check := func(all, up, ofAnn, ofBob string) {
		t.Helper()
		equal(t, "list", listed(t, a, api.ListImagesParams{}), all)
		equal(t, "ascending list", listed(t, a, api.ListImagesParams{SortOrder: api.SortOrderAsc, PerPage: 3}), up)
		equal(t, "list of ann", listed(t, a, api.ListImagesParams{Creator: &ann}), ofAnn)
		equal(t, "list of bob", listed(t, a, api.ListImagesParams{Creator: new("bob")}), ofBob)
	}
	check("d c b a", "a b c|d", "d c b a", "")
	equal(t, "pages", listed(t, a, api.ListImagesParams{PerPage: 1}), "d|c|b|a")
	filtered := api.ListImagesParams{Filter: parseFilter(t, "meta.n[eq]=1")}
	equal(t, "filtered", listed(t, a, filtered), "b")
	numbered := func(page int64) string {
		in := api.ListImagesV1Params{Page: page, PerPage: 3}
		return strings.Join(ids(ok(a.ListImagesV1(t.Context(), in))(t).Images), " ")
	}
	equal(t, "first page", numbered(1), "d c b")
	equal(t, "second page", numbered(2), "a")
	fails(t, a.DeleteImage(t.Context(), "a"), api.ErrImageNotFound)
	c.Advance(2 * time.Second)
	check("e b", "b e", "", "b")
	equal(t, "filtered", listed(t, a, filtered), "")
	equal(t, "second page", numbered(2), "")
}

func TestNewIDIsSeenLate(t *testing.T) {
	c, a := lateWorld()
	old := upload(t, a, 1)
	c.Advance(3 * time.Second)
	made := ok(a.EditImage(t.Context(), old.ID, api.ImageEdit{RequireSignedURLs: new(true)}))(t)
	equal(t, "private", get(t, a, old.ID).RequireSignedURLs, false)
	equal(t, "list", listed(t, a, api.ListImagesParams{}), old.ID)
	_, err := a.GetImage(t.Context(), made.ID)
	fails(t, err, api.ErrImageNotFound)
	c.Advance(3 * time.Second)
	equal(t, "list", listed(t, a, api.ListImagesParams{}), made.ID)
	_, err = a.GetImage(t.Context(), old.ID)
	fails(t, err, api.ErrImageNotFound)
}

func TestDraftsAreSeenLate(t *testing.T) {
	c, a := lateWorld()
	d := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "d"}))(t)
	_, err := a.GetImage(t.Context(), "d")
	fails(t, err, api.ErrImageNotFound)
	c.Advance(3 * time.Second)
	equal(t, "draft", get(t, a, "d").Draft, true)
	made := ok(a.world.UploadTo(t.Context(), d.UploadURL, file(1)))(t)
	equal(t, "draft of the answer", made.Draft, false)
	equal(t, "draft", get(t, a, "d").Draft, true)
	c.Advance(3 * time.Second)
	equal(t, "draft", get(t, a, "d").Draft, false)

	ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{ID: "e"}))(t)
	c.Advance(time.Hour) // it has expired
	upload(t, a, 2, named("e"))
	_, err = a.GetImage(t.Context(), "e")
	fails(t, err, api.ErrImageNotFound)
	c.Advance(3 * time.Second)
	equal(t, "draft", get(t, a, "e").Draft, false)
}

func TestVariantsAndKeysAreSeenLate(t *testing.T) {
	c, a := lateWorld()
	ok(a.CreateVariant(t.Context(), variant("big", 1)))(t)
	first := ok(a.PutSigningKey(t.Context(), "k"))(t)
	state := func() string {
		keys := names(ok(a.ListSigningKeys(t.Context()))(t))
		v, err := a.GetVariant(t.Context(), "big")
		if err != nil {
			fails(t, err, api.ErrVariantNotFound)
			v = &api.Variant{}
		}
		return fmt.Sprint(keys, "; ", len(ok(a.ListVariants(t.Context()))(t)), " ", v.Options.Width)
	}
	equal(t, "state", state(), "default; 1 0")
	_, err := a.CreateVariant(t.Context(), variant("big", 1))
	fails(t, err, api.ErrResourceExists)
	c.Advance(time.Second)
	ok(a.EditVariant(t.Context(), "big", api.VariantEdit{Options: variant("", 2).Options}))(t)
	c.Advance(time.Second)
	equal(t, "state", state(), "default k; 2 1")
	c.Advance(time.Second)
	equal(t, "state", state(), "default k; 2 2")
	ok(a.PutSigningKey(t.Context(), "k"))(t)
	equal(t, "key", ok(a.ListSigningKeys(t.Context()))(t)[1], first[1])
	c.Advance(2 * time.Second)
	if got := ok(a.ListSigningKeys(t.Context()))(t); got[1] == first[1] {
		t.Error("the new value is not seen")
	}
}

func TestRestoreIsSeenAtOnce(t *testing.T) {
	_, a := lateWorld()
	upload(t, a, 1, named("a"))
	s := ok(a.world.Snapshot())(t)
	equal(t, "list", listed(t, a, api.ListImagesParams{}), "")
	if err := a.world.Restore(s); err != nil {
		t.Fatal(err)
	}
	equal(t, "list", listed(t, a, api.ListImagesParams{}), "a")
	if err := a.Reset(); err != nil {
		t.Fatal(err)
	}
	equal(t, "list", listed(t, a, api.ListImagesParams{}), "")
}

// TestWhatWasIsForgotten checks that changes which are seen cost no memory.
func TestWhatWasIsForgotten(t *testing.T) {
	c, a := lateWorld()
	for i := range 10 {
		upload(t, a, i, named("a"))
		if err := a.DeleteImage(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		ok(a.PutSigningKey(t.Context(), "k"))(t)
		c.Advance(time.Second)
	}
	equal(t, "entries", len(a.late.images.byID["a"]), 4)
	equal(t, "order", len(a.late.images.order), 4)
	equal(t, "keys", len(a.late.keys), 2)
	c.Advance(time.Hour)
	upload(t, a, 1, named("b"))
	equal(t, "ids", len(a.late.images.byID), 1)
}

func TestFileOfTheDeletedIsRead(t *testing.T) {
	c, a := lateWorld(WithStore(store.NewMemory()))
	upload(t, a, 1, named("a"))
	c.Advance(3 * time.Second)
	if err := a.DeleteImage(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	data, _ := blobOf(t, a, "a")
	equal(t, "bytes", string(data), string(pixel(1)))
}

// TestFileOfTheDeletedIsGone checks a store that deletes files at once.
func TestFileOfTheDeletedIsGone(t *testing.T) {
	c, a := lateWorld(WithStore(failingFiles()))
	upload(t, a, 1, named("a"))
	c.Advance(3 * time.Second)
	_, err := a.GetImageBlob(t.Context(), "a")
	fails(t, err, api.ErrInternal)
	if err := a.DeleteImage(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	_, err = a.GetImageBlob(t.Context(), "a")
	fails(t, err, api.ErrImageNotFound)
}
