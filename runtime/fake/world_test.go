package fake

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
)

func TestAccountsAreApart(t *testing.T) {
	w := New()
	one, two := w.Account("one"), w.Account("two")
	if w.Account("one") != one || one.ID() != "one" || one.Hash() == two.Hash() {
		t.Fatal("accounts are mixed up")
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`).MatchString(one.Hash()) {
		t.Errorf("hash is %q", one.Hash())
	}
	upload(t, one, 1, func(in *api.ImageUpload) { in.ID = "mine" })
	for _, err := range afterDelete(t, two, "mine") {
		fails(t, err, api.ErrImageNotFound)
	}
	upload(t, two, 2, func(in *api.ImageUpload) { in.ID = "mine" })
	ok(two.CreateVariant(t.Context(), variant("only2", 1)))(t)
	_, err := one.GetVariant(t.Context(), "only2")
	fails(t, err, api.ErrVariantNotFound)
	data, _ := blobOf(t, one, "mine")
	equal(t, "blob", string(data), string(pixel(1)))
	if ok(one.ListSigningKeys(t.Context()))(t)[0] == ok(two.ListSigningKeys(t.Context()))(t)[0] {
		t.Error("accounts share a key")
	}
}

func TestAccountIsMadeOnce(t *testing.T) {
	w := New()
	all := make([]*Account, 50)
	together(len(all), func(i int) { all[i] = w.Account("same") })
	for _, a := range all {
		if a != all[0] {
			t.Fatal("two accounts have one id")
		}
	}
}

// transcript is what a fixed series of calls returns.
func transcript(t *testing.T, a *Account) string {
	img := upload(t, a, 1)
	edited := ok(a.EditImage(t.Context(), img.ID, api.ImageEdit{RequireSignedURLs: new(true)}))(t)
	draft := ok(a.CreateDirectUpload(t.Context(), api.DirectUpload{}))(t)
	keys := ok(a.PutSigningKey(t.Context(), "k"))(t)
	return fmt.Sprintf("%+v %+v %+v %+v", *img, *edited, *draft, keys)
}

func TestSeedRepeats(t *testing.T) {
	clock := newClock()
	run := func(opts ...Option) string {
		w := New(append(opts, WithClock(clock.Now))...)
		w.Account("other") // must not matter
		return transcript(t, w.Account("one"))
	}
	equal(t, "transcript", run(WithSeed(1)), run(WithSeed(1)))
	if run(WithSeed(1)) == run(WithSeed(2)) {
		t.Error("seeds do not matter")
	}
	if first, second := run(), run(); first == second {
		t.Error("ids repeat without a seed")
	}
}

func TestReset(t *testing.T) {
	clock := newClock()
	w := New(WithSeed(1), WithClock(clock.Now))
	a := w.Account("one")
	first := transcript(t, a)
	ok(a.CreateVariant(t.Context(), variant("v", 1)))(t)
	w.Reset()
	equal(t, "pages", fmt.Sprint(walk(t, a, api.ListImagesParams{})), "[[]]")
	equal(t, "variants", len(ok(a.ListVariants(t.Context()))(t)), 1)
	equal(t, "transcript", transcript(t, w.Account("one")), first)
}

func TestURLsMayDependOnTheCall(t *testing.T) {
	type key struct{}
	a := New(WithDeliveryURL("http://fixed/"), WithURLs(func(ctx context.Context) (string, string) {
		host, _ := ctx.Value(key{}).(string)
		return host, host
	})).Account("one")
	img := upload(t, a, 1)
	equal(t, "fixed", strings.HasPrefix(img.Variants[0], "http://fixed/"+a.Hash()), true)
	ctx := context.WithValue(t.Context(), key{}, "http://here")
	equal(t, "by call", strings.HasPrefix(ok(a.GetImage(ctx, img.ID))(t).Variants[0], "http://here/"+a.Hash()), true)
	up := ok(a.CreateDirectUpload(ctx, api.DirectUpload{}))(t)
	equal(t, "upload", strings.HasPrefix(up.UploadURL, "http://here/"+a.Hash()), true)
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New().Account("one")
	}
}

func BenchmarkUpload(b *testing.B) {
	a := New(WithAllowance(1 << 60)).Account("one")
	data := append(pixel(1), make([]byte, 10<<10)...)
	b.ReportAllocs()
	for b.Loop() {
		ok(a.UploadImage(b.Context(), api.ImageUpload{File: fileOf("a.png", data)}))(b)
	}
}
